//! Service jobs, as clients see them.

use crate::testing::{Live, Running};
use serde_json::{Value, json};

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

async fn submit(server: &Running, name: &str) -> String {
    let job = json!({
        "jobName": name, "jobQueue": "q", "serviceJobType": "SAGEMAKER_TRAINING", "serviceRequestPayload": "{}",
        "schedulingPriority": 3, "timeoutConfig": { "attemptDurationSeconds": 60 }, "tags": { "team": "a" },
        "retryStrategy": { "attempts": 2, "evaluateOnExit": [{ "action": "RETRY", "onStatusReason": "*Capacity*" }] },
    });
    let submitted = server.ok("SubmitServiceJob", job).await;
    let id = submitted["jobId"].as_str().unwrap().to_owned();
    let arn = format!("arn:aws:batch:eu-west-1:123456789012:service-job/{id}");
    assert_eq!(submitted, json!({ "jobArn": arn, "jobId": id, "jobName": name }));
    id
}

async fn listed(server: &Running, body: Value) -> Vec<String> {
    let listed = server.ok("ListServiceJobs", body).await;
    let jobs = listed["jobSummaryList"].as_array().unwrap().clone();
    jobs.iter().map(|job| job["jobName"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn svc_3_job_is_described_with_what_it_asked_for_and_why_it_waits() {
    let server = server().await;
    let id = submit(&server, "j").await;
    let mut described = server.ok("DescribeServiceJob", json!({ "jobId": id })).await;
    let reason = described["statusReason"].take();
    assert!(reason.as_str().unwrap().contains("This server has no SageMaker"), "{reason}");
    let expected = json!({
        "attempts": [], "createdAt": 1_000, "jobArn": format!("arn:aws:batch:eu-west-1:123456789012:service-job/{id}"),
        "jobId": id, "jobName": "j", "jobQueue": "arn:aws:batch:eu-west-1:123456789012:job-queue/q",
        "schedulingPriority": 3, "serviceRequestPayload": "{}", "serviceJobType": "SAGEMAKER_TRAINING",
        "status": "RUNNABLE", "statusReason": null, "tags": { "team": "a" },
        "timeoutConfig": { "attemptDurationSeconds": 60 },
        "retryStrategy": { "attempts": 2, "evaluateOnExit": [{ "action": "RETRY", "onStatusReason": "*Capacity*" }] },
    });
    assert_eq!(described, expected);
}

#[tokio::test]
async fn svc_3_job_is_updated_and_terminated() {
    let server = server().await;
    let id = submit(&server, "j").await;
    let updated = server.ok("UpdateServiceJob", json!({ "jobId": id, "schedulingPriority": 9 })).await;
    assert_eq!((&updated["jobId"], &updated["jobName"]), (&json!(id), &json!("j")));
    server.ok("TerminateServiceJob", json!({ "jobId": id, "reason": "enough" })).await;
    let described = server.ok("DescribeServiceJob", json!({ "jobId": id })).await;
    let shown = ["schedulingPriority", "status", "statusReason", "isTerminated", "stoppedAt"].map(|it| &described[it]);
    assert_eq!(shown, [&json!(9), &json!("FAILED"), &json!("enough"), &json!(true), &json!(1_000)]);
}

#[tokio::test]
async fn svc_5_lst_2_jobs_are_listed_by_status_or_filter_newest_first_in_pages() {
    let server = server().await;
    let first = submit(&server, "first").await;
    submit(&server, "second").await;
    server.ok("TerminateServiceJob", json!({ "jobId": first, "reason": "r" })).await;
    let by = |filter: &str, value: &str| json!({ "jobQueue": "q", "filters": [{ "name": filter, "values": [value] }] });
    assert!(listed(&server, json!({ "jobQueue": "q" })).await.is_empty(), "nothing runs");
    assert_eq!(listed(&server, json!({ "jobQueue": "q", "jobStatus": "RUNNABLE" })).await, ["second"]);
    assert_eq!(listed(&server, json!({ "jobQueue": "q", "jobStatus": "FAILED" })).await, ["first"]);
    assert_eq!(listed(&server, by("JOB_NAME", "FI*")).await, ["first"]);
    assert_eq!(listed(&server, by("AFTER_CREATED_AT", "999")).await, ["second", "first"]);
    assert!(listed(&server, by("BEFORE_CREATED_AT", "1000")).await.is_empty());
    assert!(listed(&server, by("QUOTA_SHARE_NAME", "s")).await.is_empty());
    let mut page = by("AFTER_CREATED_AT", "0");
    page["maxResults"] = json!(1);
    let answer = server.ok("ListServiceJobs", page.clone()).await;
    page["nextToken"] = answer["nextToken"].clone();
    assert_eq!(listed(&server, page).await, ["first"]);
}

#[tokio::test]
async fn bulk_1_jobs_are_terminated_together() {
    let server = server().await;
    let id = submit(&server, "j").await;
    let unknown = "00000000-0000-4000-8000-000000000000";
    let answer = server.ok("TerminateServiceJobs", json!({ "jobs": [id, unknown, "nonsense"], "reason": "r" })).await;
    assert_eq!(answer["successful"], json!([id, unknown]));
    let error = &answer["errors"][0];
    assert_eq!((&error["job"], &error["code"]), (&json!("nonsense"), &json!("ValidationException")));
    let described = server.ok("DescribeServiceJob", json!({ "jobId": id })).await;
    assert_eq!(described["status"], "FAILED");
}
