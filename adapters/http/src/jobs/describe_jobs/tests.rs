//! What DescribeJobs shows, member by member.

use super::describe_jobs;
use crate::failure::Failure;
use crate::jobs::fixture::{
    Bench, JOB, OTHER_JOB, array, child, context, current, environment, finished, instance_arn, job, job_row,
    stream_name, task_arn,
};
use longshore_api_batch::types::DescribeJobsRequest;
use longshore_engine::Change;
use serde_json::{Value, json};
use std::sync::Arc;

async fn described(rows: Vec<Change>, ids: &[&str]) -> Vec<Value> {
    let bench = Bench::new(rows);
    let jobs = ids.iter().map(|id| (*id).to_owned()).collect();
    let request = DescribeJobsRequest { jobs: Some(jobs) };
    let response = describe_jobs(&bench.service, &context(), request).await.unwrap();
    serde_json::to_value(response).unwrap()["jobs"].as_array().unwrap().clone()
}

async fn one(rows: Vec<Change>, id: &str) -> Value {
    described(rows, &[id]).await.remove(0)
}

fn arn(resource: &str) -> String {
    format!("arn:aws:batch:eu-west-1:123456789012:{resource}")
}

#[tokio::test]
async fn dsc_1_order_is_the_one_asked_and_unknown_ids_are_left_out() {
    let rows = vec![array(&json!({})), job(&json!({ "id": OTHER_JOB, "seq": 2 }))];
    let (first, last) = (format!("{JOB}:1"), arn(&format!("job/{JOB}")));
    let unknown = "00000000-2222-4333-8444-555555555555";
    let jobs = described(rows, &[&first, unknown, "no id at all", OTHER_JOB, &last]).await;
    let ids: Vec<&str> = jobs.iter().map(|job| job["jobId"].as_str().unwrap()).collect();
    assert_eq!(ids, [first.as_str(), OTHER_JOB, JOB]);
}

#[tokio::test]
async fn page_4_more_than_a_hundred_are_refused_in_the_words_of_aws() {
    let bench = Bench::new(Vec::new());
    let request = DescribeJobsRequest { jobs: Some(vec![JOB.to_owned(); 101]) };
    let failure = describe_jobs(&bench.service, &context(), request).await.unwrap_err();
    assert!(matches!(&failure, Failure::Refused { text } if text == "Maximum number of jobs supported is  100"));
}

#[tokio::test]
async fn dsc_2_fresh_job_has_what_is_always_present_and_nothing_else() {
    let expected = json!({
        "jobArn": arn(&format!("job/{JOB}")),
        "jobName": "name",
        "jobId": JOB,
        "jobQueue": arn("job-queue/q"),
        "status": "RUNNABLE",
        "attempts": [],
        "createdAt": 1_000,
        "dependsOn": [],
        "jobDefinition": arn("job-definition/d:7"),
        "parameters": {},
        "container": {
            "image": "busybox", "command": [], "volumes": [], "environment": [], "mountPoints": [], "ulimits": [],
            "networkInterfaces": [], "secrets": [],
            "resourceRequirements": [{ "value": "1", "type": "VCPU" }, { "value": "64", "type": "MEMORY" }],
        },
        "tags": {},
        "platformCapabilities": [],
        "eksAttempts": [],
    });
    assert_eq!(one(vec![job(&json!({}))], JOB).await, expected);
}

#[tokio::test]
async fn dsc_2_what_applies_is_present() {
    let row = json!({
        "share_identifier": "s", "scheduling_priority": 5, "propagate_tags": false, "tags": { "k": "v" },
        "spec": {
            "parameters": { "p": "1" }, "timeout_s": 60, "platform_capabilities": ["EC2"],
            "retry": { "attempts": 2, "evaluate_on_exit": [
                { "on_exit_code": "1", "action": "RETRY", "action_text": "retry" },
            ] },
        },
        "depends_on": [{ "target": OTHER_JOB }, { "target": null, "kind": "SEQUENTIAL" }],
        "run": { "status": "FAILED", "status_reason": "stop it", "stopped_at": 9_000, "cancelled": true },
    });
    let job = one(vec![job(&row)], JOB).await;
    let expected = [
        ("shareIdentifier", json!("s")),
        ("schedulingPriority", json!(5)),
        ("propagateTags", json!(false)),
        ("tags", json!({ "k": "v" })),
        ("parameters", json!({ "p": "1" })),
        ("timeout", json!({ "attemptDurationSeconds": 60 })),
        ("platformCapabilities", json!(["EC2"])),
        ("retryStrategy", json!({ "attempts": 2, "evaluateOnExit": [{ "onExitCode": "1", "action": "retry" }] })),
        ("dependsOn", json!([{ "jobId": OTHER_JOB }, { "type": "SEQUENTIAL" }])),
        ("statusReason", json!("stop it")),
        ("stoppedAt", json!(9_000)),
        ("isCancelled", json!(true)),
        ("startedAt", Value::Null),
        ("isTerminated", Value::Null),
    ];
    for (member, value) in expected {
        assert_eq!(job[member], value, "{member}");
    }
}

#[tokio::test]
async fn dsc_3_task_is_shown_from_starting_and_the_log_stream_from_running() {
    let starting = json!({ "run": { "status": "STARTING", "current": current() } });
    let container = one(vec![job(&starting)], JOB).await["container"].clone();
    assert_eq!(container["taskArn"], json!(task_arn()));
    assert_eq!(container["containerInstanceArn"], json!(instance_arn()));
    assert_eq!(container["logStreamName"], Value::Null);
    let running = json!({ "run": { "status": "RUNNING", "started_at": 2_000, "current": current() } });
    let job = one(vec![job(&running)], JOB).await;
    assert_eq!(job["container"]["logStreamName"], json!(stream_name()));
    assert_eq!(job["startedAt"], json!(2_000));
    assert_eq!(job["container"]["exitCode"], Value::Null);
}

#[tokio::test]
async fn dsc_3_fargate_tasks_have_no_container_instance_and_a_platform_version() {
    let row = json!({
        "spec": { "platform_capabilities": ["FARGATE"] }, "run": { "status": "RUNNING", "current": current() },
    });
    let container = one(vec![environment("FARGATE"), job(&row)], JOB).await["container"].clone();
    assert_eq!(container["containerInstanceArn"], Value::Null);
    assert_eq!(container["fargatePlatformConfiguration"], json!({ "platformVersion": "LATEST" }));
}

#[tokio::test]
async fn dsc_3_other_members_are_echoed_with_their_lists_filled() {
    let document = json!({
        "jobRoleArn": "arn:aws:iam::123456789012:role/r",
        "privileged": true,
        "mountPoints": [{ "sourceVolume": "v", "containerPath": "/v", "readOnly": false }],
        "volumes": [{ "name": "v", "host": { "sourcePath": "/data" } }],
        "linuxParameters": { "sharedMemorySize": 64 },
        "logConfiguration": { "logDriver": "awslogs", "options": { "awslogs-group": "g" } },
    });
    let container = json!({
        "user": "me", "vcpus": 2, "memory": 128, "resource_requirements": [], "document": document.clone(),
        "environment": [{ "name": "A", "value": "1" }, { "name": "B" }],
    });
    let row = json!({ "spec": { "work": { "container": container } } });
    let shown = one(vec![job(&row)], JOB).await["container"].clone();
    for member in ["jobRoleArn", "privileged", "mountPoints", "volumes"] {
        assert_eq!(shown[member], document[member], "{member}");
    }
    assert_eq!(shown["linuxParameters"], json!({ "sharedMemorySize": 64, "devices": [], "tmpfs": [] }));
    let log = json!({ "logDriver": "awslogs", "options": { "awslogs-group": "g" }, "secretOptions": [] });
    assert_eq!(shown["logConfiguration"], log);
    assert_eq!((&shown["user"], &shown["vcpus"], &shown["memory"]), (&json!("me"), &json!(2), &json!(128)));
    assert_eq!(shown["environment"], json!([{ "name": "A", "value": "1" }, { "name": "B" }]));
}

#[tokio::test]
async fn dsc_4_attempts_are_listed_and_the_last_one_is_the_containers() {
    let mut failed = finished(3);
    failed["reason"] = json!("OutOfMemoryError: Container killed due to memory usage");
    let attempts = json!([finished(1), failed]);
    let row = json!({ "run": { "status": "FAILED", "started_at": 2_000, "stopped_at": 3_000, "attempts": attempts } });
    let job = one(vec![job(&row)], JOB).await;
    let expected = json!({
        "container": {
            "containerInstanceArn": instance_arn(), "taskArn": task_arn(), "exitCode": 1,
            "logStreamName": stream_name(), "networkInterfaces": [],
        },
        "startedAt": 2_000, "stoppedAt": 3_000,
        "statusReason": "Essential container in task exited",
    });
    assert_eq!(job["attempts"][0], expected);
    assert_eq!(job["attempts"].as_array().unwrap().len(), 2);
    assert_eq!(job["container"]["exitCode"], json!(3));
    assert_eq!(job["container"]["reason"], json!("OutOfMemoryError: Container killed due to memory usage"));
}

#[tokio::test]
async fn dsc_4_attempt_that_never_started_has_neither_exit_code_nor_log_stream() {
    let mut attempt = finished(0);
    for member in ["started_at", "exit_code", "log_stream"] {
        attempt.as_object_mut().unwrap().remove(member);
    }
    let row = json!({ "run": { "status": "FAILED", "attempts": [attempt] } });
    let shown = one(vec![job(&row)], JOB).await["attempts"][0].clone();
    assert_eq!(shown["startedAt"], Value::Null);
    assert_eq!(shown["container"]["exitCode"], Value::Null);
    assert_eq!(shown["container"]["logStreamName"], Value::Null);
    assert_eq!(shown["container"]["taskArn"], json!(task_arn()));
}

#[tokio::test]
async fn dsc_6_attempts_of_a_deleted_environment_have_no_arns() {
    let row = json!({ "run": { "status": "SUCCEEDED", "attempts": [finished(0)] } });
    let rows = vec![job(&row), Change::DeleteEnvironment("ce".parse().unwrap())];
    let container = one(rows, JOB).await["container"].clone();
    assert_eq!((&container["taskArn"], &container["exitCode"]), (&Value::Null, &json!(0)));
}

#[tokio::test]
async fn arr_7_arr_9_parent_sums_up_all_seven_statuses_and_shows_no_attempt() {
    let job = one(vec![array(&json!({}))], JOB).await;
    let expected = json!({
        "size": 3,
        "statusSummary": {
            "SUBMITTED": 0, "PENDING": 0, "RUNNABLE": 2, "STARTING": 0, "RUNNING": 0, "SUCCEEDED": 1, "FAILED": 0,
        },
        "statusSummaryLastUpdatedAt": 3_000,
    });
    assert_eq!(job["arrayProperties"], expected);
    assert_eq!(job["attempts"], json!([]));
    assert_eq!(job["container"]["taskArn"], Value::Null);
}

#[tokio::test]
async fn arr_7_arr_8_child_has_its_index_its_own_arn_and_no_tags() {
    let run = json!({ "status": "SUCCEEDED", "started_at": 2_000, "stopped_at": 3_000, "attempts": [finished(0)] });
    let rows = vec![array(&json!({ "tags": { "k": "v" } })), child(1, &run)];
    let job = one(rows, &format!("{JOB}:1")).await;
    assert_eq!(job["jobArn"], json!(arn(&format!("job/{JOB}:1"))));
    assert_eq!(job["arrayProperties"], json!({ "index": 1, "statusSummary": {} }));
    assert_eq!(job["tags"], json!({}));
    assert_eq!(job["createdAt"], json!(2_000));
    assert_eq!((&job["status"], &job["container"]["exitCode"]), (&json!("SUCCEEDED"), &json!(0)));
}

#[tokio::test]
async fn arr_11_child_beyond_the_size_is_left_out() {
    let ids = [format!("{JOB}:2"), format!("{JOB}:3")];
    let jobs = described(vec![array(&json!({}))], &[&ids[0], &ids[1]]).await;
    assert_eq!(jobs.len(), 1);
    assert_eq!((&jobs[0]["jobId"], &jobs[0]["status"]), (&json!(ids[0]), &json!("RUNNABLE")));
}

/// A job whose task has the containers `init` and `main`.
fn task_row(run: &Value) -> Change {
    let container = |name: &str, members: Value| {
        let mut container = json!({ "name": name, "container": { "image": "host", "command": ["true"] } });
        container.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        container
    };
    let main = json!({ "essential": true, "depends_on": [{ "container": "init", "condition": "SUCCESS" }] });
    let containers = [container("init", json!({ "essential": false, "stop_timeout_s": 5 })), container("main", main)];
    let task = json!({ "containers": containers, "document": { "taskRoleArn": "r" } });
    // The fixture's job has a container: the whole of its work is replaced.
    let mut row = job_row(&json!({ "run": run }));
    let mut spec = serde_json::to_value(&*row.spec).unwrap();
    spec["work"] = json!({ "task": task });
    row.spec = serde_json::from_value(spec).unwrap();
    Change::PutJob(Arc::new(row))
}

/// What DescribeJobs shows of a container of [`task_row`] that has not run.
fn task_container(name: &str, members: Value) -> Value {
    let mut container = json!({
        "name": name, "image": "host", "command": ["true"], "environment": [], "dependsOn": [], "mountPoints": [],
        "resourceRequirements": [], "secrets": [], "ulimits": [], "networkInterfaces": [],
    });
    container.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    container
}

#[tokio::test]
async fn mc_9_task_is_shown_instead_of_a_container() {
    let shown = one(vec![task_row(&json!({ "status": "RUNNABLE" }))], JOB).await;
    assert_eq!(shown.get("container"), None);
    let after_init = json!([{ "containerName": "init", "condition": "SUCCESS" }]);
    let expected = json!({ "taskProperties": [{
        "taskRoleArn": "r",
        "volumes": [],
        "containers": [
            task_container("init", json!({ "essential": false, "stopTimeout": 5 })),
            task_container("main", json!({ "essential": true, "dependsOn": after_init })),
        ],
    }] });
    assert_eq!(shown["ecsProperties"], expected);
}

#[tokio::test]
async fn mc_9_running_task_shows_the_log_streams_of_the_containers_that_have_started() {
    let mut running = current();
    running.as_object_mut().unwrap().remove("log_stream");
    running["containers"] = json!([
        { "name": "init", "output": "0".repeat(31) + "1", "log_stream": "d/init/x", "started_at": 1_600 },
        { "name": "main", "output": "0".repeat(31) + "2", "log_stream": "d/main/x" },
    ]);
    let rows = vec![environment("EC2"), task_row(&json!({ "status": "STARTING", "current": running }))];
    let task = one(rows, JOB).await["ecsProperties"]["taskProperties"][0].clone();
    assert_eq!((&task["taskArn"], &task["containerInstanceArn"]), (&json!(task_arn()), &json!(instance_arn())));
    let streams = [0, 1].map(|index| task["containers"][index]["logStreamName"].clone());
    assert_eq!(streams, [json!("d/init/x"), Value::Null]);
}

#[tokio::test]
async fn dsc_4_attempts_of_a_task_show_each_container() {
    let mut ended = finished(3);
    ended.as_object_mut().unwrap().remove("log_stream");
    ended["containers"] = json!([
        { "name": "init", "exit_code": 0, "log_stream": "d/init/x" },
        { "name": "main", "exit_code": 3, "reason": "why", "log_stream": "d/main/x" },
    ]);
    let rows = vec![environment("EC2"), task_row(&json!({ "status": "FAILED", "attempts": [ended] }))];
    let shown = one(rows, JOB).await;
    let attempt = &shown["attempts"][0];
    assert_eq!(attempt.get("container"), None);
    let expected = json!([{
        "taskArn": task_arn(),
        "containerInstanceArn": instance_arn(),
        "containers": [
            { "name": "init", "exitCode": 0, "logStreamName": "d/init/x", "networkInterfaces": [] },
            { "name": "main", "exitCode": 3, "reason": "why", "logStreamName": "d/main/x", "networkInterfaces": [] },
        ],
    }]);
    assert_eq!(attempt["taskProperties"], expected);
    let last = &shown["ecsProperties"]["taskProperties"][0]["containers"][1];
    assert_eq!((&last["exitCode"], &last["reason"]), (&json!(3), &json!("why")));
    assert_eq!(last["logStreamName"], json!("d/main/x"));
}
