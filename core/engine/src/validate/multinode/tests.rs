//! Node ranges and what they hold.

use super::node_properties;
use crate::validate::check_refused;
use serde_json::{Value, json};

fn range(target: &str) -> Value {
    let requirements = json!([{ "type": "VCPU", "value": "1" }, { "type": "MEMORY", "value": "64" }]);
    json!({ "targetNodes": target, "container": { "image": "busybox", "resourceRequirements": requirements } })
}

fn nodes(count: i64, ranges: &[Value]) -> Value {
    json!({ "numNodes": count, "mainNode": 0, "nodeRangeProperties": ranges })
}

#[test]
fn mnp_2_ranges_of_every_form_are_accepted() {
    for ranges in [vec![range("0:")], vec![range(":2")], vec![range("0:2"), range("1")], vec![range("0"), range("1:2")]]
    {
        assert_eq!(node_properties(&nodes(3, &ranges)), Ok(()), "{ranges:?}");
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
        (nodes(1, &[range(":")]), "targetNodes should contain only digits."),
        (nodes(2, &[range("0:2")]), "targetNodes 0:2 must be a range within 0 to 1."),
        (nodes(3, &[range("0:1")]), "Node ranges must cover every node from 0 to 2."),
        (nodes(1, &[json!({ "targetNodes": "0:" })]), "Must specify container for node range 0:"),
        (
            nodes(1, &[json!({ "targetNodes": "0", "container": {}, "ecsProperties": {} })]),
            "NodeRangeProperties can not use both ecsProperties and container fields",
        ),
        (nodes(1, &[types]), "Using instanceTypes with nodeRangeProperty is only allowed for ecsProperties jobs."),
        (nodes(1, &[json!({ "targetNodes": "0", "container": {} })]), "ECS Container Image must be provided."),
    ] {
        check_refused(node_properties(&properties), text);
    }
}
