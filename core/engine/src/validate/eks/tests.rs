//! Pods at their bounds.

use super::{eks_properties, namespace};
use crate::validate::check_refused;
use serde_json::{Value, json};

fn pod(containers: Value, volumes: Value) -> Value {
    json!({ "podProperties": { "containers": containers, "volumes": volumes } })
}

fn asking(limits: Value, requests: Value) -> Value {
    pod(json!([{ "image": "busybox", "resources": { "limits": limits, "requests": requests } }]), json!([]))
}

#[test]
fn eks_1_to_eks_4_refusals_have_aws_texts() {
    let none = json!({});
    let cpu = "Value 0.1 for type cpu in resources is not valid. Provide a valid number and unit.";
    let accepted = asking(json!({ "cpu": "1", "memory": "64Mi" }), json!({ "cpu": "250m", "memory": "64Mi" }));
    assert_eq!(eks_properties(&accepted, None), Ok(()));
    check_refused(eks_properties(&accepted, Some(true)), "Batch on EKS does not support tag propagation.");
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
            pod(json!([{ "image": "a" }]), json!([{ "name": "v", "emptyDir": { "medium": "Tape" } }])),
            "Invalid Volume mount. Allowed values - Memory or null.",
        ),
        (
            pod(json!([{ "image": "a" }]), json!([{ "name": "v", "emptyDir": { "sizeLimit": "big" } }])),
            "Invalid empty dir size limit.",
        ),
    ] {
        check_refused(eks_properties(&properties, None), text);
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
