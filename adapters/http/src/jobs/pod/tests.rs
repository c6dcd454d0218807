//! Pods as DescribeJobs shows them, and what SubmitJob reads of their overrides.

use crate::jobs::fixture::{Bench, HOST, JOB, attempt_id, context, current, finished, job_row};
use crate::jobs::{describe_jobs, submit_job};
use longshore_api_batch::types::{DescribeJobsRequest, SubmitJobRequest};
use longshore_engine::entity::{JobSpec, Work};
use longshore_engine::{Change, Command};
use longshore_types::HostId;
use serde_json::{Value, json};
use std::sync::Arc;

const POD_NAME: &str = "aws-batch.de853efd-7900-0000-0000-00000000000f";

/// A job whose pod has an init container and an application container.
fn job(run: &Value) -> Change {
    let mut row = job_row(&json!({ "run": run }));
    let needs = json!([{ "kind": "VCPU", "value": "1" }, { "kind": "MEMORY", "value": "64" }]);
    let part = |name: &str| json!({ "name": name, "container": { "image": "busybox", "command": [], "resource_requirements": needs } });
    let shown = |name: &str| json!({ "name": name, "image": "busybox", "command": ["true"] });
    let pod = json!({
        "properties": {
            "initContainers": [shown("init")], "containers": [shown("main")], "metadata": { "namespace": "ours" },
        },
        "task": { "containers": [part("init"), part("main")] },
        "init_containers": 1,
    });
    row.spec = Arc::new(JobSpec { work: Work::Pod(serde_json::from_value(pod).unwrap()), ..(*row.spec).clone() });
    Change::PutJob(Arc::new(row))
}

async fn described(run: &Value) -> Value {
    let bench = Bench::new(vec![job(run)]);
    let request = DescribeJobsRequest { jobs: Some(vec![JOB.to_owned()]) };
    let response = describe_jobs(&bench.service, &context(), request).await.unwrap();
    serde_json::to_value(response).unwrap()["jobs"][0].clone()
}

fn node_name() -> String {
    HOST.parse::<HostId>().unwrap().instance_id()
}

/// An attempt whose init container succeeded and whose application container did not.
fn failed() -> Value {
    let mut attempt = finished(3);
    attempt["containers"] =
        json!([{ "name": "init", "exit_code": 0 }, { "name": "main", "exit_code": 3, "reason": "it was Tuesday" }]);
    attempt
}

#[tokio::test]
async fn dsc_5_waiting_job_shows_its_pod_and_no_container() {
    let shown = described(&json!({ "status": "RUNNABLE" })).await;
    let container = |name: &str| json!({ "name": name, "image": "busybox", "command": ["true"], "args": [], "env": [], "volumeMounts": [] });
    let expected = json!({
        "containers": [container("main")], "initContainers": [container("init")],
        "metadata": { "namespace": "ours" }, "volumes": [],
    });
    assert_eq!(shown["eksProperties"]["podProperties"], expected);
    assert_eq!((&shown["eksAttempts"], shown.get("container")), (&json!([]), None));
}

#[tokio::test]
async fn eks_8_running_job_shows_the_name_and_node_of_its_pod() {
    let shown = described(&json!({ "status": "RUNNING", "current": current(), "started_at": 2_000 })).await;
    let pod = &shown["eksProperties"]["podProperties"];
    assert_eq!((pod["podName"].as_str(), pod["nodeName"].as_str()), (Some(POD_NAME), Some(node_name().as_str())));
    assert_eq!(pod["containers"][0].get("exitCode"), None);
    assert!(POD_NAME.replace('-', "").ends_with(attempt_id()));
}

#[tokio::test]
async fn dsc_5_ended_attempt_shows_how_each_container_ended() {
    let shown = described(&json!({ "status": "FAILED", "attempts": [failed()] })).await;
    let expected = json!([{
        "containers": [{ "name": "main", "exitCode": 3, "reason": "it was Tuesday" }],
        "initContainers": [{ "name": "init", "exitCode": 0, "reason": "Completed" }],
        "podName": POD_NAME, "podNamespace": "ours", "nodeName": node_name(),
        "startedAt": 2_000, "stoppedAt": 3_000, "statusReason": "Essential container in task exited",
    }]);
    assert_eq!(shown["eksAttempts"], expected);
    let pod = &shown["eksProperties"]["podProperties"];
    assert_eq!((&pod["containers"][0]["exitCode"], &pod["initContainers"][0]["exitCode"]), (&json!(3), &json!(0)));
}

#[tokio::test]
async fn dsc_5_job_that_runs_again_shows_no_ends_of_the_attempt_before() {
    let run = json!({ "status": "RUNNING", "current": current(), "started_at": 2_000, "attempts": [failed()] });
    let shown = described(&run).await;
    assert_eq!(shown["eksProperties"]["podProperties"]["containers"][0].get("exitCode"), None);
    assert_eq!(shown["eksAttempts"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn eks_9_overrides_of_pods_reach_the_engine() {
    let bench = Bench::new(Vec::new());
    let pod = json!({ "containers": [{ "name": "main", "args": ["x"] }], "metadata": { "labels": { "a": "b" } } });
    let request: SubmitJobRequest = serde_json::from_value(json!({
        "jobName": "j", "jobQueue": "q", "jobDefinition": "d", "eksPropertiesOverride": { "podProperties": pod },
    }))
    .unwrap();
    submit_job(&bench.service, &context(), request).await.unwrap_err();
    let asked = bench.control.asked.lock().unwrap();
    let [Command::SubmitJob(command)] = asked.as_slice() else { panic!("one submission") };
    assert_eq!(command.pod_overrides.as_ref().unwrap().properties, pod);
}
