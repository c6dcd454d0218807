//! Transitions as clients see them: short, durable, and held up only by attempts.

use crate::command::{
    Command, ComputeResourcesInput, CreateComputeEnvironment, CreateJobQueue, EnvironmentOrderInput, Response,
    UpdateComputeEnvironment, UpdateJobQueue,
};
use crate::entity::ResourceStatus::{self, Creating, Deleting, Invalid, Updating, Valid};
use crate::testing::{World, attempts};
use crate::{Config, Error};
use longshore_protocol::{AttemptEnd, EndCause};
use longshore_types::{Document, JobId, JobRef, JobStatus};
use serde_json::{Value, json};

const SETTLE: u64 = 200;
const MINUTE: u64 = 60_000;

fn world(strict: bool) -> World {
    let config = Config { environment_settle_ms: SETTLE, strict_transitions: strict, ..Config::default() };
    World::with_config(8, config)
}

fn document(members: Value) -> Document {
    let Value::Object(members) = members else { panic!("an object") };
    Document(members)
}

fn create(world: &mut World, name: &str, kind: &str) {
    let members = match kind {
        "FARGATE" => json!({ "securityGroupIds": ["sg"] }),
        _ => json!({
            "instanceTypes": ["m5"], "securityGroupIds": ["sg"], "instanceRole": "r",
            "allocationStrategy": "BEST_FIT_PROGRESSIVE",
        }),
    };
    let compute = ComputeResourcesInput {
        kind: Some(kind.into()),
        min_vcpus: (kind == "EC2").then_some(0),
        max_vcpus: Some(8),
        document: document(members),
        ..ComputeResourcesInput::default()
    };
    let create = CreateComputeEnvironment {
        name: name.into(),
        kind: "MANAGED".into(),
        compute: Some(compute),
        ..CreateComputeEnvironment::default()
    };
    world.try_apply(Command::CreateComputeEnvironment(Box::new(create))).unwrap();
}

fn create_queue(world: &mut World, name: &str, environment: &str) -> Result<Response, Error> {
    let environments = vec![EnvironmentOrderInput { order: 1, environment: environment.into() }];
    let create = CreateJobQueue { name: name.into(), environments, ..CreateJobQueue::default() };
    world.try_apply(Command::CreateJobQueue(Box::new(create)))
}

fn update(
    world: &mut World,
    name: &str,
    change: impl FnOnce(&mut UpdateComputeEnvironment),
) -> Result<Response, Error> {
    let mut update = UpdateComputeEnvironment { name: name.into(), ..UpdateComputeEnvironment::default() };
    change(&mut update);
    world.try_apply(Command::UpdateComputeEnvironment(Box::new(update)))
}

fn disable(world: &mut World, name: &str) -> Result<Response, Error> {
    update(world, name, |update| update.state = Some("DISABLED".into()))
}

fn delete(world: &mut World, name: &str) -> Result<Response, Error> {
    world.try_apply(Command::DeleteComputeEnvironment(name.into()))
}

fn update_queue(world: &mut World, change: impl FnOnce(&mut UpdateJobQueue)) -> Result<Response, Error> {
    let mut update = UpdateJobQueue { name: "q".into(), ..UpdateJobQueue::default() };
    change(&mut update);
    world.try_apply(Command::UpdateJobQueue(Box::new(update)))
}

fn status(world: &World, name: &str) -> Option<ResourceStatus> {
    let name = name.parse().unwrap();
    assert_eq!(world.rows.environments.get(&name), world.engine.environments().get(&name));
    world.rows.environments.get(&name).map(|row| row.status)
}

fn queue_status(world: &World, name: &str) -> Option<ResourceStatus> {
    world.rows.queues.get(&name.parse().unwrap()).map(|row| row.status)
}

/// A world whose queue `q` goes to a new environment `new`, and a job that runs there.
fn running_in(kind: &str, tries: i64) -> (World, JobId) {
    let mut world = world(false);
    create(&mut world, "new", kind);
    let entry = EnvironmentOrderInput { order: 1, environment: "new".into() };
    update_queue(&mut world, |update| update.environments = Some(vec![entry])).unwrap();
    world.pass(SETTLE);
    let job = world.submit(|job| job.retry = attempts(tries));
    world.start(job);
    (world, job)
}

fn replace(world: &mut World, policy: Value) -> Result<Response, Error> {
    update(world, "new", |update| {
        let members = document(json!({ "instanceTypes": ["c5"] }));
        update.compute = Some(ComputeResourcesInput { document: members, ..ComputeResourcesInput::default() });
        update.document = document(policy);
    })
}

fn stopped() -> AttemptEnd {
    AttemptEnd { cause: EndCause::Stopped, exit_code: Some(143), reason: None, containers: vec![] }
}

#[test]
fn ce_9_environment_is_creating_and_then_valid_also_after_a_restart() {
    let mut world = world(false);
    create(&mut world, "new", "EC2");
    assert_eq!(status(&world, "new"), Some(Creating));
    world.pass(SETTLE / 2);
    world.restart();
    assert_eq!(status(&world, "new"), Some(Creating));
    world.pass(SETTLE);
    assert_eq!(status(&world, "new"), Some(Valid));
    assert_eq!(world.rows.environments[&"new".parse().unwrap()].status_reason, "ComputeEnvironment Healthy");
    assert_eq!(world.engine.next_deadline(), None);
}

#[test]
fn jq_2_environment_being_created_is_attached_unless_aws_refusals_are_asked_for() {
    let mut lenient = world(false);
    create(&mut lenient, "new", "EC2");
    create_queue(&mut lenient, "p", "new").unwrap();
    let job = lenient.submit(|job| job.job_queue = "p".into());
    assert_eq!((queue_status(&lenient, "p"), lenient.status(job)), (Some(Creating), JobStatus::Starting));
    lenient.pass(SETTLE);
    assert_eq!(queue_status(&lenient, "p"), Some(Valid));

    let mut strict = world(true);
    create(&mut strict, "new", "EC2");
    let text = "Compute Environments must be created and valid before attaching them to a job queue";
    assert_eq!(create_queue(&mut strict, "p", "new"), Err(Error::invalid(text)));
    strict.pass(SETTLE);
    assert!(create_queue(&mut strict, "p", "new").is_ok());
}

#[test]
fn ce_19_what_is_in_transition_is_not_deleted_and_not_changed_where_aws_refuses() {
    for strict in [false, true] {
        let mut world = world(strict);
        create(&mut world, "new", "EC2");
        assert_eq!(disable(&mut world, "new").is_ok(), !strict);
        world.pass(SETTLE);
        assert!(disable(&mut world, "new").is_ok());
        assert_eq!(status(&world, "new"), Some(Updating));
        let text = "Cannot delete, resource is being modified.";
        assert_eq!(delete(&mut world, "new"), Err(Error::invalid(text)));
        world.pass(SETTLE);
        assert_eq!(status(&world, "new"), Some(Valid));
        delete(&mut world, "new").unwrap();
        assert_eq!(status(&world, "new"), Some(Deleting));
        let text = "Cannot update, resource is being modified.";
        assert_eq!(disable(&mut world, "new"), Err(Error::invalid(text)));
        world.pass(SETTLE);
        assert_eq!(status(&world, "new"), None);
    }
}

#[test]
fn jq_7_jq_10_queue_is_seen_updating_and_deleting() {
    let mut world = world(false);
    update_queue(&mut world, |update| update.state = Some("DISABLED".into())).unwrap();
    assert_eq!(queue_status(&world, "q"), Some(Updating));
    let delete = || Command::DeleteJobQueue("q".into());
    let text = "Cannot delete, resource is being modified.";
    assert_eq!(world.try_apply(delete()), Err(Error::invalid(text)));
    world.pass(SETTLE);
    world.try_apply(delete()).unwrap();
    assert_eq!(queue_status(&world, "q"), Some(Deleting));
    world.restart();
    world.pass(SETTLE);
    assert_eq!(queue_status(&world, "q"), None);
}

#[test]
fn ce_17_update_waits_for_what_runs_and_stops_it_when_its_time_is_over() {
    let (mut world, job) = running_in("EC2", 2);
    replace(&mut world, json!({ "updatePolicy": { "jobExecutionTimeoutMinutes": 2 } })).unwrap();
    let later = world.submit(|_| {});
    world.pass(2 * MINUTE - 1_000);
    world.restart();
    assert_eq!((status(&world, "new"), world.stopped.len()), (Some(Updating), 0));
    world.pass(1_000);
    assert_eq!(world.stopped, [world.running[&JobRef::Job(job)].attempt]);
    world.end(job, stopped());
    let run = world.run(job);
    assert_eq!(run.attempts[0].status_reason, "Job terminated due to compute environment update");
    assert!(!run.terminated && run.current.is_some(), "the next attempt has begun: {run:?}");
    assert_eq!((status(&world, "new"), world.status(later)), (Some(Valid), JobStatus::Starting));
}

#[test]
fn ce_17_update_that_terminates_stops_at_once_and_ends_jobs_without_another_attempt() {
    let (mut world, job) = running_in("EC2", 1);
    replace(&mut world, json!({ "updatePolicy": { "terminateJobsOnUpdate": true } })).unwrap();
    assert_eq!(world.stopped.len(), 1);
    world.end(job, stopped());
    let expected = (JobStatus::Failed, "Job terminated due to compute environment update".to_owned());
    assert_eq!((world.status(job), world.reason(job)), expected);
    world.pass(SETTLE);
    assert_eq!(status(&world, "new"), Some(Valid));
}

#[test]
fn ce_17_update_is_over_when_the_last_old_attempt_is() {
    let (mut world, job) = running_in("EC2", 1);
    replace(&mut world, json!({})).unwrap();
    world.pass(10 * MINUTE);
    assert_eq!((status(&world, "new"), world.stopped.len()), (Some(Updating), 0));
    world.exit(job, 0);
    assert_eq!((status(&world, "new"), world.status(job)), (Some(Valid), JobStatus::Succeeded));
    assert_eq!(world.engine.next_deadline(), None);
}

#[test]
fn ter_1_attempt_being_replaced_and_then_terminated_is_not_retried() {
    let (mut world, job) = running_in("EC2", 3);
    replace(&mut world, json!({ "updatePolicy": { "terminateJobsOnUpdate": true } })).unwrap();
    world.terminate(job);
    world.end(job, stopped());
    assert_eq!((world.status(job), world.reason(job)), (JobStatus::Failed, "because".into()));
}

#[test]
fn ce_16_scaling_update_leaves_what_runs_alone() {
    let (mut world, job) = running_in("EC2", 1);
    let sizes = ComputeResourcesInput { max_vcpus: Some(4), ..ComputeResourcesInput::default() };
    update(&mut world, "new", |update| update.compute = Some(sizes)).unwrap();
    world.pass(SETTLE);
    assert_eq!((status(&world, "new"), world.status(job)), (Some(Valid), JobStatus::Running));
}

/// The environment is detached from its queue and deleted under its job.
fn deleted_under_its_job(kind: &str) -> (World, JobId) {
    let (mut world, job) = running_in(kind, 2);
    let entry = EnvironmentOrderInput { order: 1, environment: "ce".into() };
    update_queue(&mut world, |update| update.environments = Some(vec![entry])).unwrap();
    disable(&mut world, "new").unwrap();
    world.pass(SETTLE);
    delete(&mut world, "new").unwrap();
    world.pass(SETTLE);
    (world, job)
}

#[test]
fn ce_20_instances_go_with_what_runs_on_them() {
    let (mut world, job) = deleted_under_its_job("EC2");
    assert_eq!((status(&world, "new"), world.stopped.len()), (Some(Deleting), 1));
    world.end(job, stopped());
    assert_eq!((status(&world, "new"), world.status(job)), (None, JobStatus::Starting));
    assert!(world.run(job).attempts[0].status_reason.starts_with("Host EC2 (instance i-"));
}

#[test]
fn ce_20_fargate_environment_deleted_under_its_jobs_becomes_invalid() {
    let mut world = world(false);
    world.engine.put_definition({
        let mut definition = crate::testing::definition("d");
        definition.platform_capabilities = vec!["FARGATE".into()];
        definition
    });
    create(&mut world, "new", "FARGATE");
    create_queue(&mut world, "p", "new").unwrap();
    world.pass(SETTLE);
    let job = world.submit(|job| job.job_queue = "p".into());
    // Only a queue holds an environment; this one has lost it.
    world.engine.delete_queue(&"p".parse().unwrap());
    disable(&mut world, "new").unwrap();
    world.pass(SETTLE);
    delete(&mut world, "new").unwrap();
    world.pass(SETTLE);
    assert_eq!((status(&world, "new"), world.stopped.len()), (Some(Invalid), 0));
    world.exit(job, 0);
    delete(&mut world, "new").unwrap();
    world.pass(SETTLE);
    assert_eq!(status(&world, "new"), None);
}

#[test]
fn idem_5_environment_going_counts_as_deleted() {
    let (mut world, _) = deleted_under_its_job("EC2");
    assert_eq!(delete(&mut world, "new"), Ok(Response::Done));
    assert_eq!(world.stopped.len(), 1);
}
