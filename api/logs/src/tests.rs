//! Operations are found by their targets, and required members are asked for.

use crate::generated::tests::round_trip;
use crate::{Input, Logs, Operation, Rejection, dispatch};
use serde_json::{Value, json};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

struct Nothing;

impl Logs for Nothing {
    type Context = ();
    type Failure = Operation;

    fn not_built(operation: Operation) -> Operation {
        operation
    }
}

#[test]
fn cwl_1_operation_is_found_by_its_target() {
    assert_eq!(Operation::by_target("Logs_20140328.GetLogEvents"), Some(Operation::GetLogEvents));
    assert_eq!(Operation::by_target("Logs_20140328.StartQuery"), None);
    assert_eq!(Operation::by_target("GetLogEvents"), None);
}

#[test]
fn member_missing_is_refused_before_the_operation() {
    let input = Input { body: b"{}" };
    let mut answer = pin!(dispatch(&Nothing, &(), Operation::GetLogEvents, &input));
    match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Err(Rejection::Violation(violation))) => {
            assert_eq!(violation.to_string(), "logStreamName is required.");
        }
        other => panic!("not a violation: {other:?}"),
    }
}

/// A document of the shape with every member set.
fn full(model: &Value, name: &str) -> Value {
    let shape = &model["shapes"][name];
    let of = |role: &Value| full(model, role.as_str().unwrap());
    match shape["type"].as_str().unwrap() {
        "structure" => {
            let members = shape["members"].as_object().cloned().unwrap_or_default();
            Value::Object(members.iter().map(|(name, member)| (name.clone(), of(&member["shape"]))).collect())
        }
        "list" => json!([of(&shape["member"])]),
        "map" => json!({"key": of(&shape["value"])}),
        "boolean" => json!(true),
        "integer" | "long" => json!(7),
        "double" | "float" => json!(0.25),
        _ => json!("text"),
    }
}

#[test]
fn every_structure_of_the_model_reads_and_writes_every_member() {
    let model: Value = serde_json::from_str(include_str!("../../../model/logs.json")).unwrap();
    let shapes = model["shapes"].as_object().unwrap();
    let structures: Vec<&String> =
        shapes.iter().filter(|(_, shape)| shape["type"] == "structure").map(|(name, _)| name).collect();
    for name in &structures {
        for document in [full(&model, name), json!({})] {
            assert_eq!(round_trip(name, &document), Some(document), "{name}");
        }
    }
    assert_eq!((structures.len(), Operation::ALL.len()), (23, 9));
}
