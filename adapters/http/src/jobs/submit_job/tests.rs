//! SubmitJob: what of the request reaches the engine, and what it needs to know of dependencies.

use super::submit_job;
use crate::jobs::fixture::{Bench, JOB, OTHER_JOB, context, job};
use longshore_api_batch::types::SubmitJobRequest;
use longshore_engine::command::{
    ConsumableInput, ContainerOverrides, DefinitionRef, DependencyInput, EndedJob, EvaluateOnExitInput, NodeOverrides,
    RetryStrategyInput, SubmitJob,
};
use longshore_engine::entity::EnvironmentVariable;
use longshore_engine::{Command, Error, Response};
use longshore_types::{JobId, JobStatus};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn submitted() -> Response {
    Response::Submitted { id: JOB.parse().unwrap(), name: "name".parse().unwrap() }
}

fn request(members: &Value) -> SubmitJobRequest {
    let mut request = json!({ "jobName": "name", "jobQueue": "q", "jobDefinition": "d" });
    request.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    serde_json::from_value(request).unwrap()
}

/// The command that a request with these members becomes.
async fn command(members: Value) -> SubmitJob {
    let bench = Bench::new(Vec::new());
    bench.answer(Ok(submitted()));
    submit_job(&bench.service, &context(), request(&members)).await.unwrap();
    match bench.asked().remove(0) {
        Command::SubmitJob(command) => *command,
        other => panic!("asked for {other:?}"),
    }
}

fn plain() -> SubmitJob {
    SubmitJob {
        job_name: "name".to_owned(),
        job_queue: "q".to_owned(),
        job_definition: DefinitionRef { name: "d".to_owned(), revision: None },
        ..SubmitJob::default()
    }
}

#[tokio::test]
async fn sub_1_answer_has_arn_name_and_id() {
    let bench = Bench::new(Vec::new());
    bench.answer(Ok(submitted()));
    let response = submit_job(&bench.service, &context(), request(&json!({}))).await.unwrap();
    let expected = json!({
        "jobArn": format!("arn:aws:batch:eu-west-1:123456789012:job/{JOB}"), "jobName": "name", "jobId": JOB,
    });
    assert_eq!(serde_json::to_value(response).unwrap(), expected);
}

#[tokio::test]
async fn id_3_queue_and_definition_may_be_names_or_arns() {
    let arn = |resource: &str| format!("arn:aws:batch:eu-west-1:123456789012:{resource}");
    let revision = DefinitionRef { name: "d".to_owned(), revision: Some(3) };
    let cases = [
        (json!({}), plain()),
        (json!({ "jobQueue": arn("job-queue/q") }), plain()),
        (json!({ "jobDefinition": arn("job-definition/d") }), plain()),
        (json!({ "jobDefinition": "d:3" }), SubmitJob { job_definition: revision.clone(), ..plain() }),
        (json!({ "jobDefinition": arn("job-definition/d:3") }), SubmitJob { job_definition: revision, ..plain() }),
    ];
    for (members, expected) in cases {
        assert_eq!(command(members).await, expected);
    }
}

#[tokio::test]
async fn sub_8_sub_9_presence_of_empty_objects_is_kept() {
    let members = json!({ "arrayProperties": {}, "retryStrategy": {}, "timeout": {}, "dependsOn": [] });
    let expected = SubmitJob { retry: Some(RetryStrategyInput::default()), timeout_s: Some(None), ..plain() };
    assert_eq!(command(members).await, expected);
}

#[tokio::test]
async fn every_member_reaches_the_engine() {
    let overrides = json!({
        "command": ["echo", "x"], "environment": [{ "name": "A", "value": "1" }, { "value": "2" }],
        "resourceRequirements": [{ "type": "VCPU", "value": "2" }], "vcpus": 1, "memory": 64, "instanceType": "t",
    });
    let members = json!({
        "shareIdentifier": "s", "schedulingPriorityOverride": 4, "arrayProperties": { "size": 3 },
        "dependsOn": [{ "jobId": JOB, "type": "N_TO_N" }, { "type": "SEQUENTIAL" }],
        "parameters": { "p": "1" }, "propagateTags": false, "timeout": { "attemptDurationSeconds": 60 },
        "tags": { "k": "v" }, "containerOverrides": overrides, "nodeOverrides": {},
        "retryStrategy": { "attempts": 2, "evaluateOnExit": [{ "onReason": "r", "action": "Exit" }] },
    });
    let variable = |name: &str, value: &str| EnvironmentVariable { name: name.into(), value: Some(value.into()) };
    let on_exit =
        EvaluateOnExitInput { on_reason: Some("r".into()), action: "Exit".into(), ..EvaluateOnExitInput::default() };
    let expected = SubmitJob {
        share_identifier: Some("s".into()),
        scheduling_priority_override: Some(4),
        array_size: Some(3),
        depends_on: vec![
            DependencyInput { job_id: Some(JOB.into()), kind: Some("N_TO_N".into()) },
            DependencyInput { job_id: None, kind: Some("SEQUENTIAL".into()) },
        ],
        parameters: BTreeMap::from([("p".into(), "1".into())]),
        container_overrides: Some(ContainerOverrides {
            command: Some(vec!["echo".into(), "x".into()]),
            environment: vec![variable("A", "1"), variable("", "2")],
            resource_requirements: vec![("VCPU".into(), "2".into())],
            vcpus: Some(1),
            memory: Some(64),
            instance_type: Some("t".into()),
            json_chars: overrides.to_string().len(),
        }),
        node_overrides: Some(NodeOverrides::default()),
        retry: Some(RetryStrategyInput { attempts: Some(2), evaluate_on_exit: vec![on_exit] }),
        propagate_tags: Some(false),
        timeout_s: Some(Some(60)),
        tags: BTreeMap::from([("k".into(), "v".into())]),
        ..plain()
    };
    assert_eq!(command(members).await, expected);
}

#[tokio::test]
async fn dep_3_dependencies_out_of_memory_are_looked_up_and_sent_again() {
    let unknown: JobId = "00000000-2222-4333-8444-555555555555".parse().unwrap();
    let ended: JobId = OTHER_JOB.parse().unwrap();
    let bench = Bench::new(vec![job(&json!({ "id": OTHER_JOB, "run": { "status": "SUCCEEDED" } }))]);
    bench.answer(Err(Error::LookUp(BTreeSet::from([unknown, ended])).into()));
    bench.answer(Ok(submitted()));
    let members = json!({ "dependsOn": [{ "jobId": OTHER_JOB }] });
    submit_job(&bench.service, &context(), request(&members)).await.unwrap();
    let Some(Command::SubmitJob(again)) = bench.asked().pop() else { panic!("nothing was asked") };
    let known =
        EndedJob { status: JobStatus::Succeeded, array_size: None, nodes: None, failed_children: BTreeSet::new() };
    assert_eq!(again.looked_up, BTreeMap::from([(unknown, None), (ended, Some(known))]));
}

#[tokio::test]
async fn err_2_refusal_goes_out_wrapped_with_the_request_id() {
    let bench = Bench::new(Vec::new());
    bench.answer(Err(Error::invalid("JobQueue q not found.").into()));
    let context = context();
    let failure = submit_job(&bench.service, &context, request(&json!({}))).await.unwrap_err();
    let id = &context.request_id;
    let expected = format!("Error executing request, Exception : JobQueue q not found., RequestId: {id}");
    assert_eq!(failure.message(&context), expected);
}

#[tokio::test]
async fn sub_16_consumable_resources_may_be_names_or_arns() {
    let arn = "arn:aws:batch:eu-west-1:123456789012:consumable-resource/b";
    let list = json!([{ "consumableResource": "a", "quantity": 2 }, { "consumableResource": arn, "quantity": 1 }]);
    let asked = command(json!({ "consumableResourcePropertiesOverride": { "consumableResourceList": list } })).await;
    let need = |resource: &str, quantity| ConsumableInput { resource: resource.to_owned(), quantity: Some(quantity) };
    assert_eq!(asked.consumables, [need("a", 2), need("b", 1)]);
}

#[tokio::test]
async fn mc_8_task_overrides_reach_the_engine_by_container_name() {
    let overrides = json!({ "taskProperties": [{ "containers": [{
        "name": "main", "command": ["x"], "environment": [{ "name": "A", "value": "1" }],
        "resourceRequirements": [{ "type": "VCPU", "value": "2" }],
    }] }] });
    let container = ContainerOverrides {
        command: Some(vec!["x".to_owned()]),
        environment: vec![EnvironmentVariable { name: "A".to_owned(), value: Some("1".to_owned()) }],
        resource_requirements: vec![("VCPU".to_owned(), "2".to_owned())],
        ..ContainerOverrides::default()
    };
    let asked = command(json!({ "ecsPropertiesOverride": overrides.clone() })).await.task_overrides.unwrap();
    assert_eq!(asked.tasks, [vec![("main".to_owned(), container)]]);
    assert_eq!(asked.json_chars, overrides.to_string().len());
}
