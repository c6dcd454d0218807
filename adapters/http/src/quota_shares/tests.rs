//! Quota shares, as clients see them.

use crate::testing::{Live, Running};
use serde_json::{Value, json};

const ARN: &str = "arn:aws:batch:eu-west-1:123456789012:job-queue/q/quota-share/s";
const QUEUE: &str = "arn:aws:batch:eu-west-1:123456789012:job-queue/q";

/// A server with a queue `q` for service jobs.
async fn server() -> Running {
    let server = Live::start().await;
    let environment = json!({
        "serviceEnvironmentName": "se", "serviceEnvironmentType": "SAGEMAKER_TRAINING",
        "capacityLimits": [{ "maxCapacity": 4, "capacityUnit": "NUM_INSTANCES" }],
    });
    server.ok("CreateServiceEnvironment", environment).await;
    let order = json!([{ "order": 1, "serviceEnvironment": "se" }]);
    server.ok("CreateJobQueue", json!({ "jobQueueName": "q", "priority": 1, "serviceEnvironmentOrder": order })).await;
    server
}

fn request(name: &str) -> Value {
    json!({
        "quotaShareName": name, "jobQueue": QUEUE, "tags": { "team": "a" },
        "capacityLimits": [{ "maxCapacity": 2, "capacityUnit": "NUM_INSTANCES" }],
        "resourceSharingConfiguration": { "strategy": "LEND_AND_BORROW" },
        "preemptionConfiguration": { "inSharePreemption": "ENABLED" },
    })
}

#[tokio::test]
async fn svc_4_share_is_created_described_listed_updated_and_deleted() {
    let server = server().await;
    let created = server.ok("CreateQuotaShare", request("s")).await;
    assert_eq!(created, json!({ "quotaShareName": "s", "quotaShareArn": ARN }));
    let mut expected = json!({
        "quotaShareName": "s", "quotaShareArn": ARN, "jobQueueArn": QUEUE, "state": "ENABLED", "status": "VALID",
        "capacityLimits": [{ "maxCapacity": 2, "capacityUnit": "NUM_INSTANCES" }],
        "resourceSharingConfiguration": { "strategy": "LEND_AND_BORROW", "borrowLimit": -1 },
        "preemptionConfiguration": { "inSharePreemption": "ENABLED" },
    });
    assert_eq!(server.ok("ListQuotaShares", json!({ "jobQueue": "q" })).await["quotaShares"], json!([expected]));
    expected["tags"] = json!({ "team": "a" });
    assert_eq!(server.ok("DescribeQuotaShare", json!({ "quotaShareArn": ARN })).await, expected);

    let sharing = json!({ "strategy": "RESERVE" });
    let update = json!({ "quotaShareArn": ARN, "state": "DISABLED", "resourceSharingConfiguration": sharing });
    server.ok("UpdateQuotaShare", update).await;
    let described = server.ok("DescribeQuotaShare", json!({ "quotaShareArn": ARN })).await;
    assert_eq!((&described["state"], &described["resourceSharingConfiguration"]), (&json!("DISABLED"), &sharing));
    server.ok("DeleteQuotaShare", json!({ "quotaShareArn": ARN })).await;
    let refused = server.refused("DescribeQuotaShare", json!({ "quotaShareArn": ARN })).await;
    assert!(refused.contains("QuotaShare s not found."), "{refused}");
}

#[tokio::test]
async fn id_3_share_is_named_by_its_arn_alone() {
    let server = server().await;
    let refused = server.refused("DescribeQuotaShare", json!({ "quotaShareArn": "s" })).await;
    assert!(refused.contains("Only quota share Arn can be allowed."), "{refused}");
}

#[tokio::test]
async fn page_1_shares_come_in_pages_of_their_queue() {
    let server = server().await;
    for name in ["a", "b", "c"] {
        server.ok("CreateQuotaShare", request(name)).await;
    }
    let first = server.ok("ListQuotaShares", json!({ "jobQueue": "q", "maxResults": 2 })).await;
    let next = json!({ "jobQueue": "q", "maxResults": 2, "nextToken": first["nextToken"] });
    let second = server.ok("ListQuotaShares", next).await;
    assert_eq!(second["quotaShares"][0]["quotaShareName"], "c");
    assert_eq!(second.get("nextToken"), None);
    let refused = server.refused("ListQuotaShares", json!({ "jobQueue": "none" })).await;
    assert!(refused.contains("JobQueue none not found."), "{refused}");
}
