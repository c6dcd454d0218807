//! Queues from creation to deletion, as clients see them.

use crate::testing::{Live, Running};
use serde_json::{Value, json};

fn arn(resource: &str) -> String {
    format!("arn:aws:batch:eu-west-1:123456789012:{resource}")
}

/// A server with the environment `ce` and the queue `q`.
async fn server() -> Running {
    let server = Live::start().await;
    let resources = json!({ "type": "EC2", "maxvCpus": 4 });
    let environment = json!({
        "computeEnvironmentName": "ce", "type": "MANAGED", "computeResources": resources,
        "tags": { "longshore:provider": "local" },
    });
    server.ok("CreateComputeEnvironment", environment).await;
    let order = json!([{ "order": 1, "computeEnvironment": arn("compute-environment/ce") }]);
    let queue = json!({ "jobQueueName": "q", "priority": 1, "computeEnvironmentOrder": order });
    let created = server.ok("CreateJobQueue", queue).await;
    assert_eq!(created, json!({ "jobQueueName": "q", "jobQueueArn": arn("job-queue/q") }));
    server
}

async fn describe(server: &Running) -> Vec<Value> {
    let described = server.ok("DescribeJobQueues", json!({ "jobQueues": [arn("job-queue/q"), "none"] })).await;
    described["jobQueues"].as_array().unwrap().clone()
}

#[tokio::test]
async fn jq_7_queue_is_described_as_aws_does() {
    let expected = json!({
        "jobQueueName": "q", "jobQueueArn": arn("job-queue/q"), "state": "ENABLED", "status": "VALID",
        "statusReason": "JobQueue Healthy", "priority": 1, "tags": {}, "jobStateTimeLimitActions": [],
        "computeEnvironmentOrder": [{ "order": 1, "computeEnvironment": arn("compute-environment/ce") }],
    });
    assert_eq!(describe(&server().await).await, [expected]);
}

#[tokio::test]
async fn jq_8_update_changes_what_it_names() {
    let server = server().await;
    let action = json!({
        "reason": "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT", "state": "RUNNABLE", "maxTimeSeconds": 600,
        "action": "CANCEL",
    });
    let update = json!({ "jobQueue": "q", "priority": 7, "jobStateTimeLimitActions": [action] });
    server.ok("UpdateJobQueue", update).await;
    let described = &describe(&server).await[0];
    assert_eq!((&described["priority"], &described["state"]), (&json!(7), &json!("ENABLED")));
    assert_eq!(described["jobStateTimeLimitActions"], json!([action]));
}

#[tokio::test]
async fn jq_10_queue_disabled_and_deleted_is_gone() {
    let server = server().await;
    server.ok("UpdateJobQueue", json!({ "jobQueue": "q", "state": "DISABLED" })).await;
    assert_eq!(server.ok("DeleteJobQueue", json!({ "jobQueue": arn("job-queue/q") })).await, json!({}));
    assert!(describe(&server).await.is_empty());
}

#[tokio::test]
async fn page_2_token_of_another_operation_is_refused() {
    let server = server().await;
    let order = json!([{ "order": 1, "computeEnvironment": "ce" }]);
    let queue = json!({ "jobQueueName": "r", "priority": 1, "computeEnvironmentOrder": order });
    server.ok("CreateJobQueue", queue).await;
    let token = server.ok("DescribeJobQueues", json!({ "maxResults": 1 })).await["nextToken"].clone();
    let refused = server.refused("DescribeComputeEnvironments", json!({ "nextToken": token })).await;
    assert_eq!(refused, "nextToken is not valid for this request. Repeat the request without it.");
}
