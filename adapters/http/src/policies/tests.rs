//! Scheduling policies from creation to deletion, as clients see them.

use crate::testing::{Live, Running};
use serde_json::{Value, json};

const ARN: &str = "arn:aws:batch:eu-west-1:123456789012:scheduling-policy";

fn arn(name: &str) -> String {
    format!("{ARN}/{name}")
}

/// A server with the policy `p`.
async fn server() -> Running {
    let server = Live::start().await;
    let shares = json!([{ "shareIdentifier": "a*", "weightFactor": 0.125 }, { "shareIdentifier": "b" }]);
    let fair = json!({ "shareDecaySeconds": 60, "computeReservation": 10, "shareDistribution": shares });
    let policy = json!({ "name": "p", "fairsharePolicy": fair, "tags": { "k": "v" } });
    let created = server.ok("CreateSchedulingPolicy", policy).await;
    assert_eq!(created, json!({ "name": "p", "arn": arn("p") }));
    server
}

async fn describe(server: &Running) -> Vec<Value> {
    let described = server.ok("DescribeSchedulingPolicies", json!({ "arns": [arn("p"), arn("none")] })).await;
    described["schedulingPolicies"].as_array().unwrap().clone()
}

#[tokio::test]
async fn fss_1_policy_is_described_as_it_was_created_and_updated() {
    let server = server().await;
    let shares = json!([{ "shareIdentifier": "a*", "weightFactor": 0.125 }, { "shareIdentifier": "b" }]);
    let mut expected = json!({
        "name": "p", "arn": arn("p"), "tags": { "k": "v" },
        "fairsharePolicy": { "shareDecaySeconds": 60, "computeReservation": 10, "shareDistribution": shares },
    });
    assert_eq!(describe(&server).await, [expected.clone()]);
    let shares = json!([{ "shareIdentifier": "c", "weightFactor": 999.9999 }]);
    let update = json!({ "arn": arn("p"), "fairsharePolicy": { "shareDistribution": shares } });
    assert_eq!(server.ok("UpdateSchedulingPolicy", update).await, json!({}));
    expected["fairsharePolicy"] = json!({ "shareDistribution": shares });
    assert_eq!(describe(&server).await, [expected]);
}

#[tokio::test]
async fn id_3_policies_go_by_arn_alone() {
    let server = server().await;
    let text = "Only scheduling policy Arn can be allowed.";
    for (operation, body) in [
        ("DescribeSchedulingPolicies", json!({ "arns": ["p"] })),
        ("UpdateSchedulingPolicy", json!({ "arn": "p" })),
        ("DeleteSchedulingPolicy", json!({ "arn": "p" })),
        ("UpdateSchedulingPolicy", json!({ "arn": "arn:aws:batch:eu-west-1:123456789012:job-queue/p" })),
    ] {
        let message = server.refused(operation, body).await;
        assert!(message.contains(text), "{operation}: {message}");
    }
}

#[tokio::test]
async fn fss_1_weight_beyond_the_finest_is_refused() {
    let server = server().await;
    for weight in [0.0, 0.00001, -1.0, 1000.0] {
        let shares = json!([{ "shareIdentifier": "a", "weightFactor": weight }]);
        let policy = json!({ "name": "q", "fairsharePolicy": { "shareDistribution": shares } });
        let message = server.refused("CreateSchedulingPolicy", policy).await;
        assert!(message.contains("Weight factor should be between 0.0001 and 999.9999."), "{message}");
    }
}

#[tokio::test]
async fn jq_4_queue_shows_the_policy_which_stays_as_long_as_the_queue_has_it() {
    let server = server().await;
    let resources = json!({ "type": "EC2", "maxvCpus": 4 });
    let environment = json!({ "computeEnvironmentName": "ce", "type": "MANAGED", "computeResources": resources });
    server.ok("CreateComputeEnvironment", longshore(environment)).await;
    let order = json!([{ "order": 1, "computeEnvironment": "ce" }]);
    let queue = json!({
        "jobQueueName": "q", "priority": 1, "computeEnvironmentOrder": order, "schedulingPolicyArn": arn("p"),
    });
    server.ok("CreateJobQueue", queue).await;
    let described = server.ok("DescribeJobQueues", json!({ "jobQueues": ["q"] })).await;
    assert_eq!(described["jobQueues"][0]["schedulingPolicyArn"], json!(arn("p")));
    let message = server.refused("DeleteSchedulingPolicy", json!({ "arn": arn("p") })).await;
    assert!(message.contains("Cannot delete, found existing JobQueue relationship"), "{message}");
    server.ok("UpdateJobQueue", json!({ "jobQueue": "q", "state": "DISABLED" })).await;
    server.ok("DeleteJobQueue", json!({ "jobQueue": "q" })).await;
    assert_eq!(server.ok("DeleteSchedulingPolicy", json!({ "arn": arn("p") })).await, json!({}));
    assert!(describe(&server).await.is_empty());
}

/// With the tag by which an environment is this machine's.
fn longshore(mut environment: Value) -> Value {
    environment["tags"] = json!({ "longshore:provider": "local" });
    environment
}

#[tokio::test]
async fn page_1_page_2_policies_are_listed_page_by_page() {
    let server = server().await;
    server.ok("CreateSchedulingPolicy", json!({ "name": "q" })).await;
    let first = server.ok("ListSchedulingPolicies", json!({ "maxResults": 1 })).await;
    assert_eq!(first["schedulingPolicies"], json!([{ "arn": arn("p") }]));
    let rest = json!({ "maxResults": 1, "nextToken": first["nextToken"] });
    assert_eq!(server.ok("ListSchedulingPolicies", rest).await, json!({ "schedulingPolicies": [{ "arn": arn("q") }] }));
    let refused = server.refused("ListSchedulingPolicies", json!({ "nextToken": "x" })).await;
    assert_eq!(refused, "nextToken is not valid for this request. Repeat the request without it.");
}
