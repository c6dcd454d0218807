//! Requests are read, checked and refused by what the model says.

mod contract;

use crate::types::{SubmitJobRequest, SubmitJobResponse, UntagResourceRequest, UntagResourceResponse};
use crate::{Batch, Input, Operation, Rejection, dispatch};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Echoes.
struct Echo;

impl Batch for Echo {
    type Context = ();
    type Failure = &'static str;

    fn not_built(operation: Operation) -> &'static str {
        operation.name()
    }

    async fn submit_job(&self, _context: &(), request: SubmitJobRequest) -> Result<SubmitJobResponse, &'static str> {
        Ok(SubmitJobResponse { job_name: request.job_name, ..SubmitJobResponse::default() })
    }

    async fn untag_resource(
        &self,
        _: &(),
        request: UntagResourceRequest,
    ) -> Result<UntagResourceResponse, &'static str> {
        assert_eq!(request.resource_arn.as_deref(), Some("arn:x"));
        assert_eq!(request.tag_keys, Some(vec!["a".to_owned(), "b".to_owned()]));
        Ok(UntagResourceResponse::default())
    }
}

fn call(operation: Operation, input: &Input<'_>) -> Result<String, String> {
    let mut answer = pin!(dispatch(&Echo, &(), operation, input));
    let Poll::Ready(answer) = answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) else { panic!("it waits") };
    match answer {
        Ok(bytes) => Ok(String::from_utf8(bytes).unwrap()),
        Err(Rejection::Malformed(error) | Rejection::Unwritable(error)) => Err(format!("malformed: {error}")),
        Err(Rejection::Violation(violation)) => Err(violation.to_string()),
        Err(Rejection::Failed(failure)) => Err(failure.to_owned()),
    }
}

fn body(operation: Operation, body: &str) -> Result<String, String> {
    call(operation, &Input { body: body.as_bytes(), ..Input::default() })
}

#[test]
fn request_complete_is_answered_without_absent_members() {
    let request = r#"{"jobName":"n","jobQueue":"q","jobDefinition":"d","unknown":[1]}"#;
    assert_eq!(body(Operation::SubmitJob, request), Ok(r#"{"jobName":"n"}"#.into()));
}

#[test]
fn member_missing_is_named_with_its_path() {
    assert_eq!(
        body(Operation::SubmitJob, r#"{"jobQueue":"q","jobDefinition":"d"}"#),
        Err("jobName is required.".into())
    );
    let order = r#"{"jobQueueName":"q","priority":1,"computeEnvironmentOrder":[{"order":1,"computeEnvironment":"c"},{"order":2}]}"#;
    let expected = "computeEnvironmentOrder[1].computeEnvironment is required.";
    assert_eq!(body(Operation::CreateJobQueue, order), Err(expected.into()));
}

#[test]
fn value_outside_its_enum_is_named_with_its_path() {
    let request = r#"{"jobDefinitionName":"d","type":"pod"}"#;
    let expected = "type pod is not valid. Valid values are: [container, multinode]";
    assert_eq!(body(Operation::RegisterJobDefinition, request), Err(expected.into()));
}

#[test]
fn body_that_is_no_object_or_has_the_wrong_type_is_malformed() {
    for text in ["[]", "{", "1", r#"{"jobName":1}"#] {
        let refused = body(Operation::SubmitJob, text).unwrap_err();
        assert!(refused.starts_with("malformed: "), "{text}: {refused}");
    }
}

#[test]
fn operation_without_a_method_says_that_it_is_not_built() {
    assert_eq!(body(Operation::ListSchedulingPolicies, ""), Err("ListSchedulingPolicies".into()));
}

#[test]
fn wire_2_tag_operations_take_the_resource_from_the_path_and_keys_from_the_query() {
    let query = vec![("tagKeys".to_owned(), "a".to_owned()), ("tagKeys".to_owned(), "b".to_owned())];
    let input = Input { body: b"", path: "arn:x".into(), query };
    assert_eq!(call(Operation::UntagResource, &input), Ok("{}".into()));
}

#[test]
fn tag_operation_without_resource_or_keys_is_refused() {
    assert_eq!(call(Operation::ListTagsForResource, &Input::default()), Err("resourceArn is required.".into()));
    let input = Input { path: "arn:x".into(), ..Input::default() };
    assert_eq!(call(Operation::UntagResource, &input), Err("tagKeys is required.".into()));
}

#[test]
fn wire_2_every_operation_is_found_by_its_route() {
    let tags = [
        ("GET", Operation::ListTagsForResource),
        ("POST", Operation::TagResource),
        ("DELETE", Operation::UntagResource),
    ];
    for (method, operation) in tags {
        assert_eq!(Operation::by_route(method, "/v1/tags/a%2Fb/c"), Some((operation, "a%2Fb/c")));
    }
    for operation in Operation::ALL.into_iter().filter(|operation| !tags.iter().any(|(_, tag)| tag == operation)) {
        let path = format!("/v1/{}", operation.name().to_lowercase());
        assert_eq!(Operation::by_route("POST", &path), Some((operation, "")));
        assert_eq!(Operation::by_route("GET", &path), None);
    }
    assert_eq!(Operation::ALL.len(), 48);
}
