//! Operations are found by their targets, and required members are asked for.

use crate::generated::tests::round_trip;
use crate::types::{FilterLogEventsRequest, GetLogEventsRequest, PutLogEventsRequest};
use crate::{Input, Logs, Operation, Rejection, Validate, dispatch};
use serde::de::DeserializeOwned;
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

fn check<T: DeserializeOwned + Validate>(request: Value) -> Result<(), String> {
    serde_json::from_value::<T>(request).unwrap().validate().map_err(|violation| violation.to_string())
}

#[test]
fn cwl_2_limit_is_checked_against_the_limits_of_the_model() {
    let check = |limit: i64| check::<GetLogEventsRequest>(json!({"logStreamName": "s", "limit": limit}));
    assert_eq!(check(0), Err("limit must be at least 1.".into()));
    assert_eq!((check(1), check(10_000)), (Ok(()), Ok(())));
    assert_eq!(check(10_001), Err("limit must be at most 10000.".into()));
    assert_eq!(check(1 << 40), Err("limit must be at most 10000.".into()));
}

#[test]
fn cwl_3_streams_are_one_to_a_hundred() {
    let check = |count: usize| check::<FilterLogEventsRequest>(json!({"logStreamNames": vec!["s"; count]}));
    assert_eq!(check(0), Err("logStreamNames must have a length of at least 1.".into()));
    assert_eq!((check(1), check(100)), (Ok(()), Ok(())));
    assert_eq!(check(101), Err("logStreamNames must have a length of at most 100.".into()));
}

#[test]
fn entry_of_a_map_is_named_with_its_key() {
    let entity = json!({"keyAttributes": {"Name": "n", "Type": ""}});
    let request = json!({"logGroupName": "g", "logStreamName": "s", "logEvents": [{"timestamp": 1, "message": "m"}],
        "entity": entity});
    let expected = "entity.keyAttributes.Type must have a length of at least 1.";
    assert_eq!(check::<PutLogEventsRequest>(request), Err(expected.into()));
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
