//! Environments from creation to deletion, as clients see them.

use crate::testing::{Live, Running};
use serde_json::{Value, json};

const ARN: &str = "arn:aws:batch:eu-west-1:123456789012:compute-environment/ce";

fn request(name: &str) -> Value {
    json!({
        "computeEnvironmentName": name, "type": "MANAGED", "tags": { "team": "a" },
        "computeResources": {
            "type": "EC2", "minvCpus": 0, "maxvCpus": 16, "instanceTypes": ["m5"], "subnets": ["subnet-1"],
            "securityGroupIds": ["sg-1"], "instanceRole": "role", "launchTemplate": { "launchTemplateName": "t" }
        },
    })
}

async fn describe(server: &Running, body: Value) -> Vec<Value> {
    server.ok("DescribeComputeEnvironments", body).await["computeEnvironments"].as_array().unwrap().clone()
}

fn names(environments: &[Value]) -> Vec<&str> {
    environments.iter().map(|environment| environment["computeEnvironmentName"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn ce_10_environment_is_described_as_aws_does() {
    let server = Live::start().await;
    let created = server.ok("CreateComputeEnvironment", request("ce")).await;
    assert_eq!(created, json!({ "computeEnvironmentName": "ce", "computeEnvironmentArn": ARN }));
    let described = &describe(&server, json!({ "computeEnvironments": ["ce"] })).await[0];
    let uuid = described["uuid"].as_str().unwrap();
    let expected = json!({
        "computeEnvironmentName": "ce", "computeEnvironmentArn": ARN, "tags": { "team": "a" }, "type": "MANAGED",
        "ecsClusterArn": format!("arn:aws:ecs:eu-west-1:123456789012:cluster/AWSBatch-ce-{uuid}"),
        "state": "ENABLED", "status": "VALID", "statusReason": "ComputeEnvironment Healthy", "uuid": uuid,
        "computeResources": {
            "type": "EC2", "minvCpus": 0, "maxvCpus": 16, "desiredvCpus": 0, "instanceTypes": ["m5"], "tags": {},
            "subnets": ["subnet-1"], "securityGroupIds": ["sg-1"], "instanceRole": "role",
            "launchTemplate": { "launchTemplateName": "t", "overrides": [] },
        },
        "serviceRole":
            "arn:aws:iam::123456789012:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch",
        "containerOrchestrationType": "ECS",
    });
    assert_eq!(described, &expected);
}

#[tokio::test]
async fn id_3_page_3_environments_are_found_by_name_or_arn_and_others_are_dropped() {
    let server = Live::start().await;
    server.ok("CreateComputeEnvironment", request("ce")).await;
    let described = describe(&server, json!({ "computeEnvironments": ["none", ARN, "a b"] })).await;
    assert_eq!(names(&described), ["ce"]);
}

#[tokio::test]
async fn page_1_environments_come_in_pages() {
    let server = Live::start().await;
    for name in ["a", "b", "c"] {
        server.ok("CreateComputeEnvironment", request(name)).await;
    }
    let first = server.ok("DescribeComputeEnvironments", json!({ "maxResults": 2 })).await;
    let next = json!({ "maxResults": 2, "nextToken": first["nextToken"] });
    let second = server.ok("DescribeComputeEnvironments", next).await;
    assert_eq!(names(first["computeEnvironments"].as_array().unwrap()), ["a", "b"]);
    assert_eq!(names(second["computeEnvironments"].as_array().unwrap()), ["c"]);
    assert_eq!(second.get("nextToken"), None);
}

#[tokio::test]
async fn page_4_list_of_more_than_a_hundred_is_refused() {
    let server = Live::start().await;
    let message = server.refused("DescribeComputeEnvironments", json!({ "computeEnvironments": vec!["x"; 101] })).await;
    assert_eq!(message, "A list can have at most 100 entries.");
}

#[tokio::test]
async fn ce_16_update_by_arn_changes_what_it_names() {
    let server = Live::start().await;
    server.ok("CreateComputeEnvironment", request("ce")).await;
    let update = json!({ "computeEnvironment": ARN, "state": "DISABLED", "computeResources": { "maxvCpus": 32 } });
    server.ok("UpdateComputeEnvironment", update).await;
    let described = &describe(&server, json!({})).await[0];
    assert_eq!((&described["state"], &described["computeResources"]["maxvCpus"]), (&json!("DISABLED"), &json!(32)));
    assert_eq!(described["computeResources"]["instanceTypes"], json!(["m5"]));
}

#[tokio::test]
async fn ce_20_environment_disabled_and_deleted_is_gone() {
    let server = Live::start().await;
    server.ok("CreateComputeEnvironment", request("ce")).await;
    let refused = server.refused("DeleteComputeEnvironment", json!({ "computeEnvironment": "ce" })).await;
    assert!(refused.contains("Cannot delete, state must be DISABLED"), "{refused}");
    server.ok("UpdateComputeEnvironment", json!({ "computeEnvironment": "ce", "state": "DISABLED" })).await;
    assert_eq!(server.ok("DeleteComputeEnvironment", json!({ "computeEnvironment": ARN })).await, json!({}));
    assert!(describe(&server, json!({ "computeEnvironments": ["ce"] })).await.is_empty());
}
