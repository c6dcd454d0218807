//! Explanations and snapshots over HTTP, against the engine itself: without an agent everything waits.

use crate::testing::{Answer, Live, Running};
use serde_json::{Value, json};

/// A server with an environment, the queue `q`, and jobs in it that wait, the last one for the first.
async fn server() -> (Running, Vec<String>) {
    let server = Live::start().await;
    let resources = json!({ "type": "EC2", "maxvCpus": 4 });
    let environment = json!({
        "computeEnvironmentName": "ce", "type": "MANAGED", "computeResources": resources,
        "tags": { "longshore:provider": "local" },
    });
    server.ok("CreateComputeEnvironment", environment).await;
    let order = json!([{ "order": 1, "computeEnvironment": "ce" }]);
    server.ok("CreateJobQueue", json!({ "jobQueueName": "q", "priority": 1, "computeEnvironmentOrder": order })).await;
    let needs = json!([{ "type": "VCPU", "value": "1" }, { "type": "MEMORY", "value": "64" }]);
    let container = json!({ "image": "host", "command": ["true"], "resourceRequirements": needs });
    let definition = json!({ "jobDefinitionName": "d", "type": "container", "containerProperties": container });
    server.ok("RegisterJobDefinition", definition).await;
    let mut ids: Vec<String> = Vec::new();
    for depends in [false, false, true] {
        let on: Vec<Value> = ids.iter().filter(|_| depends).take(1).map(|id| json!({ "jobId": id })).collect();
        let job = json!({ "jobName": "j", "jobQueue": "q", "jobDefinition": "d", "dependsOn": on });
        ids.push(server.ok("SubmitJob", job).await["jobId"].as_str().unwrap().to_owned());
    }
    (server, ids)
}

async fn explain(server: &Running, body: Value) -> Answer {
    server.send("POST", super::PATH, &[], &body.to_string()).await
}

#[tokio::test]
async fn jobs_are_explained_in_the_order_asked() {
    let (server, ids) = server().await;
    let answer = explain(&server, json!({ "jobs": [ids[2], "nonsense", ids[1]] })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let place = json!({
        "kind": "place", "queue": "q", "obstacle": "noHost", "ahead": { "jobs": 1, "more": false }, "queuesAhead": [],
        "attempt": 1, "attempts": 1,
    });
    let expected = json!([
        {
            "jobId": ids[2], "sentence": format!("Waiting for {} to succeed", ids[0]),
            "wait": { "kind": "dependencies", "on": [ids[0]], "more": false },
        },
        { "jobId": "nonsense" },
        { "jobId": ids[1], "sentence": "No host is connected; 1 job is ahead in job queue q", "wait": place },
    ]);
    assert_eq!(answer.json()["jobs"], expected);
}

#[tokio::test]
async fn descriptions_of_waiting_jobs_say_why() {
    let (server, ids) = server().await;
    let described = server.ok("DescribeJobs", json!({ "jobs": ids })).await;
    let reasons: Vec<&str> =
        described["jobs"].as_array().unwrap().iter().filter_map(|job| job["statusReason"].as_str()).collect();
    let waits_for = format!("Waiting for {} to succeed", ids[0]);
    let expected = [
        "No host is connected; first in job queue q",
        "No host is connected; 1 job is ahead in job queue q",
        &waits_for,
    ];
    assert_eq!(reasons, expected);
}

#[tokio::test]
async fn malformed_questions_are_refused() {
    let (server, _) = server().await;
    for body in [json!({}), json!({ "jobs": [1] }), json!({ "jobs": vec!["x"; 101] })] {
        assert_eq!(explain(&server, body).await.status, 400);
    }
    assert_eq!(server.send("GET", super::PATH, &[], "").await.status, 404);
}

#[tokio::test]
async fn snp_1_snapshot_shows_the_front_in_dispatch_order() {
    let (server, ids) = server().await;
    let snapshot = server.ok("GetJobQueueSnapshot", json!({ "jobQueue": "q" })).await;
    let arn = |id: &String| format!("arn:aws:batch:eu-west-1:123456789012:job/{id}");
    let front = json!({
        "jobs": ids[..2].iter().map(|id| json!({ "jobArn": arn(id), "earliestTimeAtPosition": 1_000 })).collect::<Vec<_>>(),
        "lastUpdatedAt": 1_000,
    });
    let used = json!([{ "capacityUnit": "VCPU", "quantity": 0.0 }]);
    let expected = json!({
        "frontOfQueue": front, "queueUtilization": { "totalCapacityUsage": used, "lastUpdatedAt": 1_000 },
    });
    assert_eq!(snapshot, expected);
    assert!(
        server.refused("GetJobQueueSnapshot", json!({ "jobQueue": "none" })).await.contains("JobQueue none not found.")
    );
}
