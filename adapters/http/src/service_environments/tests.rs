//! Service environments and the queues on them, as clients see them.

use crate::testing::{Live, Running};
use serde_json::{Value, json};

const ARN: &str = "arn:aws:batch:eu-west-1:123456789012:service-environment/se";

fn request(name: &str) -> Value {
    json!({
        "serviceEnvironmentName": name, "serviceEnvironmentType": "SAGEMAKER_TRAINING", "tags": { "team": "a" },
        "capacityLimits": [{ "maxCapacity": 4, "capacityUnit": "NUM_INSTANCES" }],
    })
}

async fn describe(server: &Running, body: Value) -> Vec<Value> {
    server.ok("DescribeServiceEnvironments", body).await["serviceEnvironments"].as_array().unwrap().clone()
}

#[tokio::test]
async fn svc_1_environment_is_created_described_updated_and_deleted() {
    let server = Live::start().await;
    let created = server.ok("CreateServiceEnvironment", request("se")).await;
    assert_eq!(created, json!({ "serviceEnvironmentName": "se", "serviceEnvironmentArn": ARN }));
    let expected = json!({
        "serviceEnvironmentName": "se", "serviceEnvironmentArn": ARN, "serviceEnvironmentType": "SAGEMAKER_TRAINING",
        "state": "ENABLED", "status": "VALID", "tags": { "team": "a" },
        "capacityLimits": [{ "maxCapacity": 4, "capacityUnit": "NUM_INSTANCES" }],
    });
    assert_eq!(describe(&server, json!({ "serviceEnvironments": [ARN, "none"] })).await, [expected]);

    let refused = server.refused("DeleteServiceEnvironment", json!({ "serviceEnvironment": "se" })).await;
    assert!(refused.contains("state must be DISABLED"), "{refused}");
    let limits = json!([{ "maxCapacity": 2, "capacityUnit": "ml.m5.large" }]);
    let update = json!({ "serviceEnvironment": ARN, "state": "DISABLED", "capacityLimits": limits });
    server.ok("UpdateServiceEnvironment", update).await;
    let described = &describe(&server, json!({})).await[0];
    assert_eq!((&described["state"], &described["capacityLimits"]), (&json!("DISABLED"), &limits));
    server.ok("DeleteServiceEnvironment", json!({ "serviceEnvironment": ARN })).await;
    assert!(describe(&server, json!({})).await.is_empty());
}

#[tokio::test]
async fn svc_2_queue_names_its_service_environment_by_arn_and_holds_it() {
    let server = Live::start().await;
    server.ok("CreateServiceEnvironment", request("se")).await;
    let order = json!([{ "order": 1, "serviceEnvironment": "se" }]);
    let queue = json!({
        "jobQueueName": "q", "priority": 1, "jobQueueType": "SAGEMAKER_TRAINING", "serviceEnvironmentOrder": order,
    });
    server.ok("CreateJobQueue", queue).await;
    let described = server.ok("DescribeJobQueues", json!({ "jobQueues": ["q"] })).await["jobQueues"][0].clone();
    assert_eq!(described["serviceEnvironmentOrder"], json!([{ "order": 1, "serviceEnvironment": ARN }]));
    assert_eq!(described["jobQueueType"], "SAGEMAKER_TRAINING");
    assert_eq!(described["computeEnvironmentOrder"], json!([]));
    server.ok("UpdateServiceEnvironment", json!({ "serviceEnvironment": "se", "state": "DISABLED" })).await;
    let refused = server.refused("DeleteServiceEnvironment", json!({ "serviceEnvironment": "se" })).await;
    assert!(refused.contains("Cannot delete, found existing JobQueue relationship"), "{refused}");
}

#[tokio::test]
async fn page_1_environments_come_in_pages() {
    let server = Live::start().await;
    for name in ["a", "b", "c"] {
        server.ok("CreateServiceEnvironment", request(name)).await;
    }
    let first = server.ok("DescribeServiceEnvironments", json!({ "maxResults": 2 })).await;
    let next = json!({ "maxResults": 2, "nextToken": first["nextToken"] });
    let second = describe(&server, next).await;
    assert_eq!((second.len(), &second[0]["serviceEnvironmentName"]), (1, &json!("c")));
}
