//! What DescribeJobs and ListJobs show of multi-node jobs, and what SubmitJob reads of their overrides.

use crate::jobs::fixture::{Bench, JOB, child, context, current, finished, job_row};
use crate::jobs::{describe_jobs, list_jobs, submit_job};
use longshore_api_batch::types::{DescribeJobsRequest, ListJobsRequest, SubmitJobRequest};
use longshore_engine::entity::{JobSpec, Work};
use longshore_engine::{Change, Command};
use serde_json::{Value, json};
use std::sync::Arc;

/// Three nodes in the ranges `0:` and `1`, the second one the main node, which runs; node 0 has failed.
fn rows() -> Vec<Change> {
    let container = |word: &str| {
        json!({ "container": {
            "image": "busybox", "command": [word],
            "resource_requirements": [{ "kind": "VCPU", "value": "1" }, { "kind": "MEMORY", "value": "64" }],
        } })
    };
    let group =
        |target: &str, range: Value| json!({ "target_nodes": target, "range": range, "work": container(target) });
    let groups = [group("0:", json!({ "first": 0 })), group("1", json!({ "first": 1, "last": 1 }))];
    let nodes = json!({ "count": 3, "main": 1, "groups": groups });
    let mut parent = job_row(&json!({ "gang": {}, "run": { "status": "RUNNING", "started_at": 2_000 } }));
    let work = Work::Nodes(serde_json::from_value(nodes).unwrap());
    parent.spec = Arc::new(JobSpec { work, ..(*parent.spec).clone() });
    let with_address = |mut attempt: Value, address: &str| {
        attempt["address"] = json!(address);
        attempt
    };
    let ended = with_address(finished(3), "127.77.0.1");
    let failed = json!({ "status": "FAILED", "started_at": 2_000, "stopped_at": 3_000, "attempts": [ended] });
    let running = json!({ "status": "RUNNING", "started_at": 2_000, "current": with_address(current(), "127.77.0.2") });
    vec![Change::PutJob(Arc::new(parent)), child(0, &failed), child(1, &running)]
}

async fn described(id: &str) -> Value {
    let bench = Bench::new(rows());
    let request = DescribeJobsRequest { jobs: Some(vec![id.to_owned()]) };
    let response = describe_jobs(&bench.service, &context(), request).await.unwrap();
    serde_json::to_value(response).unwrap()["jobs"][0].clone()
}

async fn listed(request: ListJobsRequest) -> Vec<Value> {
    let bench = Bench::new(rows());
    let response = list_jobs(&bench.service, &context(), request).await.unwrap();
    serde_json::to_value(response).unwrap()["jobSummaryList"].as_array().unwrap().clone()
}

#[tokio::test]
async fn mnp_7_job_shows_its_nodes_as_they_run_and_no_container() {
    let shown = described(JOB).await;
    let container = |word: &str| {
        json!({
            "image": "busybox", "command": [word], "environment": [], "volumes": [], "mountPoints": [], "ulimits": [],
            "secrets": [], "resourceRequirements": [{ "type": "VCPU", "value": "1" }, { "type": "MEMORY", "value": "64" }],
        })
    };
    let ranges = ["0:", "1"].map(|target| json!({ "targetNodes": target, "container": container(target) }));
    let expected = json!({ "numNodes": 3, "mainNode": 1, "nodeRangeProperties": ranges });
    assert_eq!(shown["nodeProperties"], expected);
    for absent in ["container", "nodeDetails", "arrayProperties"] {
        assert_eq!(shown.get(absent), None, "{absent}");
    }
}

#[tokio::test]
async fn mnp_7_node_shows_which_it_is_and_what_it_runs() {
    let main = described(&format!("{JOB}#1")).await;
    assert_eq!(main["nodeDetails"], json!({ "nodeIndex": 1, "isMainNode": true }));
    assert_eq!((&main["jobId"], &main["container"]["command"]), (&json!(format!("{JOB}#1")), &json!(["1"])));
    assert_eq!(main["container"]["networkInterfaces"], json!([{ "privateIpv4Address": "127.77.0.2" }]));
    let other = described(&format!("{JOB}#0")).await;
    assert_eq!(other["nodeDetails"], json!({ "nodeIndex": 0, "isMainNode": false }));
    assert_eq!((&other["status"], &other["container"]["exitCode"]), (&json!("FAILED"), &json!(3)));
    let interfaces = json!([{ "privateIpv4Address": "127.77.0.1" }]);
    assert_eq!(other["attempts"][0]["container"]["networkInterfaces"], interfaces);
    for shown in [main, other] {
        assert_eq!((shown.get("nodeProperties"), shown.get("arrayProperties")), (None, None));
    }
}

#[tokio::test]
async fn mnp_7_nodes_are_listed_with_their_job_and_only_the_job_with_the_queue() {
    let of_job = ListJobsRequest { multi_node_job_id: Some(JOB.to_owned()), ..ListJobsRequest::default() };
    let nodes = listed(of_job.clone()).await;
    let shown: Vec<_> = nodes.iter().map(|node| (node["jobId"].clone(), node["nodeProperties"].clone())).collect();
    let expected =
        [1, 2].map(|index| (json!(format!("{JOB}#{index}")), json!({ "nodeIndex": index, "isMainNode": index == 1 })));
    assert_eq!(shown, expected);
    let failed = listed(ListJobsRequest { job_status: Some("FAILED".to_owned()), ..of_job }).await;
    assert_eq!((failed.len(), &failed[0]["container"]["exitCode"]), (1, &json!(3)));
    let queue = listed(ListJobsRequest { job_queue: Some("q".to_owned()), ..ListJobsRequest::default() }).await;
    assert_eq!((queue.len(), &queue[0]["nodeProperties"]), (1, &json!({ "numNodes": 3 })));
    assert_eq!(queue[0].get("arrayProperties"), None);
}

#[tokio::test]
async fn mnp_9_overrides_of_nodes_reach_the_engine() {
    let bench = Bench::new(Vec::new());
    let request: SubmitJobRequest = serde_json::from_value(json!({
        "jobName": "j", "jobQueue": "q", "jobDefinition": "d",
        "nodeOverrides": { "numNodes": 4, "nodePropertyOverrides": [
            { "targetNodes": "1:", "containerOverrides": { "command": ["a"] }, "instanceTypes": ["c5"] },
        ] },
    }))
    .unwrap();
    submit_job(&bench.service, &context(), request).await.unwrap_err();
    let asked = bench.control.asked.lock().unwrap();
    let [Command::SubmitJob(command)] = asked.as_slice() else { panic!("one submission") };
    let overrides = command.node_overrides.as_ref().unwrap();
    let entry = &overrides.properties[0];
    assert_eq!((overrides.num_nodes, entry.target_nodes.as_str(), entry.pod.is_some()), (Some(4), "1:", false));
    assert_eq!(entry.container.as_ref().unwrap().command, Some(vec!["a".to_owned()]));
    assert_eq!(entry.instance_types, ["c5"]);
}
