//! Pods at their bounds.

use super::{check, eks_definition, namespace};
use crate::validate::check_refused;
use serde_json::{Value, json};

fn pod(containers: Value, volumes: Value) -> Value {
    json!({ "containers": containers, "volumes": volumes })
}

fn asking(limits: Value, requests: Value) -> Value {
    pod(json!([{ "image": "busybox", "resources": { "limits": limits, "requests": requests } }]), json!([]))
}

#[test]
fn eks_1_to_eks_4_refusals_have_aws_texts() {
    let none = json!({});
    let cpu = "Value 0.1 for type cpu in resources is not valid. Provide a valid number and unit.";
    let accepted = asking(json!({ "cpu": "1", "memory": "64Mi" }), json!({ "cpu": "250m", "memory": "64Mi" }));
    assert_eq!(check(&accepted), Ok(()));
    check_refused(eks_definition(Some(true), &[]), "Batch on EKS does not support tag propagation.");
    check_refused(eks_definition(None, &["EC2".into()]), "Batch on EKS does not support platformCapabilities.");
    let twins = json!([{ "image": "a" }, { "image": "b" }]);
    for (properties, text) in [
        (pod(json!([]), json!([])), "Containers must be provided for Batch on EKS jobs."),
        (pod(twins, json!([])), "The container name: Default must be unique in multi-container job."),
        (pod(json!([{ "imagePullPolicy": "Maybe" }]), json!([])), "Unsupported image pull policy value."),
        (asking(json!({ "cpu": "0.1" }), none.clone()), cpu),
        (asking(json!({ "memory": "64" }), none.clone()), "Value 64 for type memory is not valid."),
        (asking(json!({ "disk": "1" }), none), "disk is not a supported type for resources."),
        (
            asking(json!({ "cpu": "1" }), json!({ "cpu": "2" })),
            "cpu request must be <= to cpu limit if both are provided.",
        ),
        (
            asking(json!({ "memory": "64Mi" }), json!({ "memory": "32Mi" })),
            "memory request must be equal to memory limit if both are provided.",
        ),
        (
            asking(json!({ "nvidia.com/gpu": "1" }), json!({ "nvidia.com/gpu": "2" })),
            "nvidia.com/gpu request must be equal to nvidia.com/gpu limit if both are provided.",
        ),
        (
            pod(json!([{ "image": "a", "volumeMounts": [{ "name": "w" }] }]), json!([{ "name": "v" }])),
            "The volume mount w must reference a defined volume.",
        ),
        (
            pod(json!([{ "image": "a" }]), json!([{ "name": "v" }, { "name": "v" }])),
            "The volume name: v must be unique in a pod.",
        ),
        (
            pod(json!([{ "image": "a" }]), json!([{ "name": "v", "emptyDir": { "medium": "Tape" } }])),
            "Invalid Volume mount. Allowed values - Memory or null.",
        ),
        (
            pod(json!([{ "image": "a" }]), json!([{ "name": "v", "emptyDir": { "sizeLimit": "big" } }])),
            "Invalid empty dir size limit.",
        ),
    ] {
        check_refused(check(&properties), text);
    }
}

#[test]
fn eks_1_init_containers_share_the_names_of_the_others() {
    let containers = |init: Value| json!({ "containers": [{ "image": "a" }], "initContainers": init });
    assert_eq!(check(&containers(json!([{ "image": "b", "name": "first" }]))), Ok(()));
    check_refused(
        check(&containers(json!([{ "image": "b" }]))),
        "The container name: Default must be unique in multi-container job.",
    );
    let many: Vec<Value> = (0..11).map(|index| json!({ "image": "b", "name": index.to_string() })).collect();
    check_refused(check(&containers(many.into())), "Number of initContainers must be between 0 and 10");
}

#[test]
fn eks_5_labels_and_annotations_keep_to_kubernetes_grammar() {
    let checked = |metadata: Value| {
        let pod = json!({ "containers": [{ "image": "a" }], "metadata": metadata });
        check(&pod)
    };
    let labels = json!({ "labels": { "team": "a", "example.com/part-of": "x_1.y", "empty": "" } });
    assert_eq!(checked(labels), Ok(()));
    assert_eq!(checked(json!({ "annotations": { "note": "anything goes: here" } })), Ok(()));
    let reserved = |prefix: &str, kind: &str| {
        format!(
            "The prefix {prefix} of the pod {kind} key cannot contain terms from the Kubernetes reserved namespaces."
        )
    };
    for (metadata, text) in [
        (json!({ "labels": { "app.kubernetes.io/name": "x" } }), reserved("app.kubernetes.io", "label")),
        (json!({ "annotations": { "k8s.io/name": "x" } }), reserved("k8s.io", "annotation")),
        (json!({ "labels": { "-x": "y" } }), "The name -x of the pod label key does not match a valid pattern.".into()),
        (
            json!({ "labels": { "x": "a b" } }),
            "The value a b of the pod label x does not match a valid pattern.".into(),
        ),
        (
            json!({ "annotations": { "x": "n".repeat(256) } }),
            "The value of the pod annotation x can have at most 255 characters.".into(),
        ),
        (
            json!({ "labels": { "UP.com/x": "y" } }),
            "The prefix UP.com of the pod label key does not match a valid pattern.".into(),
        ),
    ] {
        check_refused(checked(metadata), &text);
    }
}

#[test]
fn eks_7_namespaces_of_the_system_are_refused() {
    assert_eq!(namespace(Some("batch-1")), Ok(()));
    for (name, text) in [
        ("default", "kubernetesNamespace cannot be the default Kubernetes namespace."),
        ("kube-system", "kubernetesNamespace cannot be a reserved Kubernetes system namespace."),
        ("A", "kubernetesNamespace must be a valid Kubernetes namespace."),
        ("", "kubernetesNamespace must be a valid Kubernetes namespace."),
        (&"n".repeat(64), "kubernetesNamespace must less than or equal to 63 characters"),
    ] {
        check_refused(namespace(Some(name)), text);
    }
}
