//! Operations are found by their targets, and required members are asked for.

use crate::{Input, Logs, Operation, Rejection, dispatch};
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

#[test]
fn event_keeps_its_members() {
    let event = serde_json::json!({"timestamp": 1, "message": "m", "ingestionTime": 2});
    assert_eq!(crate::generated::tests::round_trip("OutputLogEvent", &event), Some(event));
}
