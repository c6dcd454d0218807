//! Overrides and parameters of pods (`EKS-9`, `RES-3`).

use super::pod;
use crate::validate::check_refused;
use serde_json::{Map, Value, json};

fn members(properties: &Value) -> Map<String, Value> {
    properties.as_object().expect("it is an object").clone()
}

fn resolved(properties: &Value, overrides: &Value) -> Value {
    let parameters = [("a".to_owned(), "1".to_owned())].into();
    pod(members(properties), overrides, &parameters).expect("it is accepted")
}

#[test]
fn eks_9_overrides_reach_the_container_of_their_name() {
    let properties = json!({ "containers": [
        { "name": "one", "image": "a", "env": [{ "name": "X", "value": "1" }], "resources": { "limits": { "cpu": "1" } } },
        { "name": "two", "image": "b" },
    ] });
    let overrides = json!({ "containers": [{
        "name": "one", "image": "c", "command": ["run"],
        "env": [{ "name": "Y", "value": "2" }, { "name": "X", "value": "3" }],
        "resources": { "limits": { "memory": "64Mi" }, "requests": { "cpu": "1" } },
    }] });
    let expected = json!({ "containers": [
        {
            "name": "one", "image": "c", "command": ["run"],
            "env": [{ "name": "X", "value": "3" }, { "name": "Y", "value": "2" }],
            "resources": { "limits": { "cpu": "1", "memory": "64Mi" }, "requests": { "cpu": "1" } },
        },
        { "name": "two", "image": "b" },
    ] });
    assert_eq!(resolved(&properties, &overrides), expected);
}

#[test]
fn eks_9_override_without_a_name_reaches_the_only_container() {
    let (one, overrides) = (json!({ "containers": [{ "image": "a" }] }), json!({ "containers": [{ "args": ["x"] }] }));
    assert_eq!(resolved(&one, &overrides), json!({ "containers": [{ "image": "a", "args": ["x"] }] }));
    let two = json!({ "containers": [{ "name": "a", "image": "a" }, { "name": "b", "image": "b" }] });
    check_refused(
        pod(members(&two), &overrides, &[].into()),
        "containerName Default must reference a defined container.",
    );
}

#[test]
fn eks_9_labels_and_annotations_merge_by_key() {
    let properties = json!({ "containers": [], "metadata": { "labels": { "a": "1", "b": "1" }, "namespace": "x" } });
    let overrides = json!({ "metadata": { "labels": { "b": "2" }, "annotations": { "c": "3" } } });
    let metadata = json!({ "labels": { "a": "1", "b": "2" }, "annotations": { "c": "3" }, "namespace": "x" });
    assert_eq!(resolved(&properties, &overrides)["metadata"], metadata);
}

#[test]
fn res_3_parameters_are_substituted_in_commands_and_arguments_alone() {
    let container =
        json!({ "image": "Ref::a", "command": ["Ref::a"], "args": ["x=Ref::a"], "env": [{ "value": "Ref::a" }] });
    let expected = json!({ "image": "Ref::a", "command": ["1"], "args": ["x=1"], "env": [{ "value": "Ref::a" }] });
    let properties = json!({ "containers": [container.clone()], "initContainers": [container] });
    let pod = resolved(&properties, &Value::Null);
    assert_eq!((&pod["containers"][0], &pod["initContainers"][0]), (&expected, &expected));
}

#[test]
fn sub_10_unknown_reference_in_a_pod_is_refused() {
    let properties = json!({ "containers": [{ "image": "a", "args": ["Ref::nope"] }] });
    check_refused(
        pod(members(&properties), &Value::Null, &[].into()),
        "Unable to substitute value. No parameter found for reference nope",
    );
}
