//! Node ranges and what they hold.

use super::node_properties;
use crate::entity::Work;
use crate::validate::check_refused;
use serde_json::{Value, json};

fn range(target: &str) -> Value {
    let requirements = json!([{ "type": "VCPU", "value": "1" }, { "type": "MEMORY", "value": "64" }]);
    json!({ "targetNodes": target, "container": { "image": "busybox", "resourceRequirements": requirements } })
}

fn nodes(count: i64, ranges: &[Value]) -> Value {
    json!({ "numNodes": count, "mainNode": 0, "nodeRangeProperties": ranges })
}

fn typed(target: &str, instance_type: &str) -> Value {
    let mut range = range(target);
    range["container"]["instanceType"] = json!(instance_type);
    range
}

fn pod(target: &str, namespace: &str) -> Value {
    let containers = json!([{ "image": "busybox", "resources": { "limits": { "memory": "64Mi", "cpu": "1" } } }]);
    let pod = json!({ "metadata": { "namespace": namespace }, "containers": containers });
    json!({ "targetNodes": target, "eksProperties": { "podProperties": pod } })
}

#[test]
fn mnp_2_ranges_of_every_form_are_accepted() {
    for ranges in [
        vec![range("0:")],
        vec![range(":2")],
        vec![range(":")],
        vec![range("0:2"), range("1")],
        vec![range("0"), range("1:2")],
    ] {
        let read = node_properties(&nodes(3, &ranges)).unwrap();
        assert_eq!((read.count, read.main, read.groups.len()), (3, 0, ranges.len()), "{ranges:?}");
    }
}

#[test]
fn mnp_2_mnp_3_refusals_have_aws_texts() {
    let types = json!({ "targetNodes": "0:", "instanceTypes": ["c5"], "container": {} });
    for (properties, text) in [
        (nodes(0, &[range("0:")]), "Number of nodes must be between 1 and 1000."),
        (nodes(1_001, &[range("0:")]), "Number of nodes must be between 1 and 1000."),
        (nodes(1, &vec![range("0"); 6]), "Maximum allowed size of node range properties is 5"),
        (nodes(1, &[range("a:b")]), "targetNodes should contain only digits."),
        (nodes(1, &[range("")]), "targetNodes should contain only digits."),
        (nodes(1, &[range("0:0:0")]), "targetNodes should contain only digits."),
        (nodes(2, &[range("0:2")]), "targetNodes 0:2 must be a range within 0 to 1."),
        (nodes(3, &[range("0:1")]), "Node ranges must cover every node from 0 to 2."),
        (nodes(1, &[json!({ "targetNodes": "0:" })]), "Must specify container for node range 0:"),
        (
            nodes(1, &[json!({ "targetNodes": "0", "container": {}, "ecsProperties": {} })]),
            "NodeRangeProperties can not use both ecsProperties and container fields",
        ),
        (nodes(1, &[types]), "Using instanceTypes with nodeRangeProperty is only allowed for ecsProperties jobs."),
        (
            nodes(1, &[json!({ "targetNodes": "0", "eksProperties": {}, "ecsProperties": {} })]),
            "NodeRangeProperties can not use both eksProperties and container or ecsProperties fields",
        ),
        (nodes(1, &[json!({ "targetNodes": "0", "container": {} })]), "ECS Container Image must be provided."),
        (nodes(2, &[typed("0", "a"), typed("1", "b")]), "All node ranges must use the same instanceType, got [a, b]."),
        (
            nodes(1, &[json!({ "targetNodes": "0", "instanceTypes": ["a", "b"], "ecsProperties": {} })]),
            "instanceTypes of a node range can have only one element.",
        ),
        (nodes(2, &[pod("0", "one"), pod("1", "two")]), "All node ranges must use the same Kubernetes namespace."),
    ] {
        check_refused(node_properties(&properties), text);
    }
}

#[test]
fn mnp_1_pods_of_one_namespace_are_accepted() {
    let read = node_properties(&nodes(2, &[pod("0", "one"), pod("1", "one")])).unwrap();
    assert!(read.groups.iter().all(|group| matches!(group.work, Work::Pod(_))));
}
