//! What every operation has in common: the head of the answer, and the errors of requests that never reach one.

use crate::testing::{Answers, Running, quotas};
use crate::{Auth, BatchService, CommandError, Keys};
use longshore_engine::{Error, Response};
use serde_json::json;
use std::sync::Arc;

/// A server whose control plane answers the next command so.
async fn answering(answer: Result<Response, CommandError>) -> Running {
    Running::with(|services| {
        let reader = services.batch.reader.clone();
        services.batch = BatchService { commander: Answers::with(answer), reader, quotas: quotas() };
    })
    .await
}

const DELETE: &str = "DeleteJobQueue";

#[tokio::test]
async fn wire_5_answer_is_json_with_a_request_id() {
    let server = answering(Ok(Response::Done)).await;
    let answer = server.call(DELETE, json!({ "jobQueue": "q" })).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "{}"));
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("x-amzn-requestid").len(), 36);
}

#[tokio::test]
async fn err_1_error_has_its_type_in_header_and_body() {
    let server = Running::start().await;
    let answer = server.call(DELETE, json!({})).await;
    assert_eq!((answer.status, answer.error_type()), (400, "ClientException"));
    assert_eq!(answer.json(), json!({ "__type": "ClientException", "message": "jobQueue is required." }));
}

#[tokio::test]
async fn err_2_refusal_of_the_engine_is_wrapped() {
    let server = answering(Err(CommandError::Refused(Error::invalid("because")))).await;
    let answer = server.call(DELETE, json!({ "jobQueue": "q" })).await;
    let id = answer.header("x-amzn-requestid");
    let expected = format!("Error executing request, Exception : because, RequestId: {id}");
    assert_eq!(answer.json()["message"], expected);
}

#[tokio::test]
async fn err_4_name_taken_is_a_conflict() {
    let server = answering(Err(CommandError::Refused(Error::AlreadyExists))).await;
    let answer = server.call("CreateJobQueue", json!({ "jobQueueName": "q", "priority": 1 })).await;
    assert_eq!((answer.status, answer.error_type()), (409, "ClientException"));
    assert_eq!(answer.json()["message"], "Object already exists");
}

#[tokio::test]
async fn err_6_request_beyond_the_rate_is_throttled_and_told_when_to_come_back() {
    let server = Running::with(|services| {
        let limits = longshore_types::Limits { submit_rate: 0, ..longshore_types::Limits::standard() };
        services.batch.quotas = Arc::new(crate::Quotas::new(limits));
    })
    .await;
    let request = json!({ "jobName": "j", "jobQueue": "q", "jobDefinition": "d" });
    let answer = server.call("SubmitJob", request).await;
    assert_eq!((answer.status, answer.error_type()), (429, "TooManyRequestsException"));
    assert_eq!(answer.json()["message"], "Too Many Requests");
    assert_eq!(answer.header("retry-after"), "1");
}

#[tokio::test]
async fn err_7_unsigned_request_is_refused_when_keys_are_configured() {
    let server = Running::with(|services| services.auth = Arc::new(Auth::Keys(Keys::new([])))).await;
    let answer = server.send("POST", "/v1/deletejobqueue", &[], "{}").await;
    assert_eq!((answer.status, answer.error_type()), (403, "MissingAuthenticationTokenException"));
}

#[tokio::test]
async fn err_8_unknown_operation_is_named() {
    let server = Running::start().await;
    let answer = server.call("LaunchRocket", json!({})).await;
    assert_eq!((answer.status, answer.error_type()), (404, "UnknownOperationException"));
    assert_eq!(answer.json()["message"], "Longshore has no operation for POST /v1/launchrocket of AWS Batch");
}

#[tokio::test]
async fn err_9_malformed_json_is_a_serialization_error() {
    let server = Running::start().await;
    for body in ["{", "[]", r#"{"jobQueue": 1}"#] {
        let answer = server.send("POST", "/v1/deletejobqueue", &[], body).await;
        assert_eq!((answer.status, answer.error_type()), (400, "SerializationException"), "{body}");
    }
}

#[tokio::test]
async fn stopping_server_asks_to_come_back() {
    let server = answering(Err(CommandError::Unavailable)).await;
    let answer = server.call(DELETE, json!({ "jobQueue": "q" })).await;
    assert_eq!((answer.status, answer.error_type()), (503, "ServerException"));
}

#[tokio::test]
async fn service_that_is_not_served_is_named() {
    let server = Running::start().await;
    let authorization = "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/ecs/aws4_request, Signature=0";
    let answer = server.send("POST", "/", &[("authorization", authorization)], "{}").await;
    assert_eq!(answer.json()["message"], "Longshore has no operation for the AWS service \"ecs\"");
}
