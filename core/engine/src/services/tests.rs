//! The lives of service environments, quota shares and service jobs.

use crate::command::{
    Command, CreateJobQueue, CreateQuotaShare, CreateServiceEnvironment, EndServiceJob, EnvironmentOrderInput,
    Response, SubmitServiceJob, UpdateJobQueue, UpdateQuotaShare, UpdateServiceEnvironment, UpdateServiceJob,
};
use crate::entity::{CapacityLimit, QuotaShareId, ResourceStatus, ServiceJob};
use crate::testing::World;
use crate::{Config, Error};
use longshore_types::{Document, JobId, JobStatus};
use serde_json::{Value, json};

const SETTLE: u64 = 200;
const DAY: u64 = 86_400_000;

/// A world with a service environment `se` and a queue `s` on it, and transitions that can be seen.
fn world() -> World {
    let mut world = World::with_config(1, Config { environment_settle_ms: SETTLE, ..Config::default() });
    create_environment(&mut world, "se").unwrap();
    create_queue(&mut world, "s", "se").unwrap();
    world.pass(SETTLE);
    world
}

fn document(members: Value) -> Document {
    let Value::Object(members) = members else { panic!("an object") };
    Document(members)
}

fn capacity() -> Vec<CapacityLimit> {
    vec![CapacityLimit { max_capacity: 2, capacity_unit: "NUM_INSTANCES".into() }]
}

fn create_environment(world: &mut World, name: &str) -> Result<Response, Error> {
    let create = CreateServiceEnvironment {
        name: name.into(),
        kind: "SAGEMAKER_TRAINING".into(),
        capacity_limits: capacity(),
        ..CreateServiceEnvironment::default()
    };
    world.try_apply(Command::CreateServiceEnvironment(Box::new(create)))
}

fn disable_environment(world: &mut World) -> Result<Response, Error> {
    let state = Some("DISABLED".into());
    let update = UpdateServiceEnvironment { name: "se".into(), state, ..UpdateServiceEnvironment::default() };
    world.try_apply(Command::UpdateServiceEnvironment(Box::new(update)))
}

fn delete_environment(world: &mut World) -> Result<Response, Error> {
    world.try_apply(Command::DeleteServiceEnvironment("se".into()))
}

fn create_queue(world: &mut World, name: &str, environment: &str) -> Result<Response, Error> {
    let service_environments = vec![EnvironmentOrderInput { order: 1, environment: environment.into() }];
    let create = CreateJobQueue { name: name.into(), service_environments, ..CreateJobQueue::default() };
    world.try_apply(Command::CreateJobQueue(Box::new(create)))
}

fn delete_queue(world: &mut World) -> Result<Response, Error> {
    let state = Some("DISABLED".into());
    let update = UpdateJobQueue { name: "s".into(), state, ..UpdateJobQueue::default() };
    world.try_apply(Command::UpdateJobQueue(Box::new(update))).unwrap();
    world.pass(SETTLE);
    world.try_apply(Command::DeleteJobQueue("s".into()))
}

fn create_share(world: &mut World, queue: &str, name: &str) -> Result<Response, Error> {
    let members = json!({
        "resourceSharingConfiguration": { "strategy": "RESERVE" },
        "preemptionConfiguration": { "inSharePreemption": "ENABLED" },
    });
    let create = CreateQuotaShare {
        name: name.into(),
        queue: queue.into(),
        capacity_limits: capacity(),
        document: document(members),
        ..CreateQuotaShare::default()
    };
    world.try_apply(Command::CreateQuotaShare(Box::new(create)))
}

fn share() -> QuotaShareId {
    QuotaShareId { queue: "s".parse().unwrap(), name: "a".parse().unwrap() }
}

fn disable_share(world: &mut World) {
    let update = UpdateQuotaShare {
        id: share(),
        state: Some("DISABLED".into()),
        capacity_limits: None,
        document: document(json!({})),
    };
    world.try_apply(Command::UpdateQuotaShare(Box::new(update))).unwrap();
}

fn try_submit(world: &mut World, change: impl FnOnce(&mut SubmitServiceJob)) -> Result<JobId, Error> {
    let mut submit = SubmitServiceJob {
        job_name: "j".into(),
        job_queue: "s".into(),
        kind: "SAGEMAKER_TRAINING".into(),
        payload: "{}".into(),
        ..SubmitServiceJob::default()
    };
    change(&mut submit);
    match world.try_apply(Command::SubmitServiceJob(Box::new(submit)))? {
        Response::Submitted { id, .. } => Ok(id),
        other => panic!("not a submission: {other:?}"),
    }
}

fn submit(world: &mut World) -> JobId {
    try_submit(world, |_| {}).unwrap()
}

fn terminate(world: &mut World, id: JobId) {
    let end = EndServiceJob { job: Some(id), reason: "because".into() };
    world.try_apply(Command::TerminateServiceJob(end)).unwrap();
}

fn row(world: &World, id: JobId) -> &ServiceJob {
    &world.rows.service_jobs[&id]
}

fn refused(result: Result<impl std::fmt::Debug, Error>, text: &str) {
    assert_eq!(result.map(|_| ()).map_err(|error| error.to_string()), Err(text.to_owned()));
}

#[test]
fn svc_1_environment_goes_through_its_transitions_and_a_restart_changes_nothing() {
    let mut world = World::with_config(1, Config { environment_settle_ms: SETTLE, ..Config::default() });
    create_environment(&mut world, "se").unwrap();
    let status = |world: &World| world.rows.service_environments.get(&"se".parse().unwrap()).map(|row| row.status);
    assert_eq!(status(&world), Some(ResourceStatus::Creating));
    world.restart();
    world.pass(SETTLE);
    assert_eq!(status(&world), Some(ResourceStatus::Valid));
    refused(create_environment(&mut world, "se"), "Object already exists");
    refused(delete_environment(&mut world), "Cannot delete, state must be DISABLED");
    disable_environment(&mut world).unwrap();
    refused(delete_environment(&mut world), "Cannot delete, resource is being modified.");
    world.pass(SETTLE);
    delete_environment(&mut world).unwrap();
    assert_eq!(status(&world), Some(ResourceStatus::Deleting));
    refused(disable_environment(&mut world), "Cannot update, resource is being modified.");
    world.pass(SETTLE);
    assert_eq!((status(&world), delete_environment(&mut world)), (None, Ok(Response::Done)));
}

#[test]
fn svc_2_queue_takes_service_jobs_only_and_holds_its_environment() {
    let mut world = world();
    let text = "Service environments must be created and valid before attaching them to a job queue.";
    refused(create_queue(&mut world, "t", "none"), text);
    let text = "Job queue s is of type SAGEMAKER_TRAINING and takes service jobs only.";
    refused(world.try_submit(|job| job.job_queue = "s".into()), text);
    let text = "Job queue q is not of type SAGEMAKER_TRAINING. Service jobs need one that is.";
    refused(try_submit(&mut world, |job| job.job_queue = "q".into()), text);
    disable_environment(&mut world).unwrap();
    world.pass(SETTLE);
    refused(delete_environment(&mut world), "Cannot delete, found existing JobQueue relationship");
}

#[test]
fn svc_3_job_waits_with_a_reason_is_updated_and_ends_when_it_is_terminated() {
    let mut world = world();
    let id = submit(&mut world);
    assert_eq!(row(&world, id).status, JobStatus::Runnable);
    assert!(row(&world, id).status_reason.as_ref().unwrap().contains("This server has no SageMaker"));
    let update =
        |job: String, priority: i64| Command::UpdateServiceJob(UpdateServiceJob { job, scheduling_priority: priority });
    world.try_apply(update(id.to_string(), 7)).unwrap();
    assert_eq!(row(&world, id).scheduling_priority, Some(7));
    refused(world.try_apply(update(id.to_string(), 10_000)), "Scheduling priority must be between 0 and 9999.");
    refused(world.try_apply(update("x".into(), 1)), "ServiceJob x not found.");
    terminate(&mut world, id);
    let ended = row(&world, id).clone();
    assert_eq!((ended.status, ended.status_reason.as_deref()), (JobStatus::Failed, Some("because")));
    assert!(ended.terminated && ended.stopped_at.is_some());
    terminate(&mut world, id);
    assert_eq!(row(&world, id), &ended, "terminal is for ever");
    let text = format!("ServiceJob {id} has ended and cannot be updated.");
    refused(world.try_apply(update(id.to_string(), 1)), &text);
}

#[test]
fn idem_2_token_is_good_for_one_submission_also_after_a_restart() {
    let mut world = world();
    let token = |job: &mut SubmitServiceJob| job.client_token = Some("t".into());
    let id = try_submit(&mut world, token).unwrap();
    world.restart();
    let before = world.rows.clone();
    let text = format!("The clientToken has already been used to submit the service job {id}.");
    refused(try_submit(&mut world, token), &text);
    assert_eq!(world.rows, before);
    assert!(try_submit(&mut world, |job| job.client_token = Some("u".into())).is_ok());
}

#[test]
fn st_6_ended_jobs_are_kept_for_a_week_and_then_forgotten() {
    let mut world = world();
    let (ended, waiting) = (submit(&mut world), submit(&mut world));
    terminate(&mut world, ended);
    world.pass(6 * DAY);
    world.restart();
    assert!(world.rows.service_jobs.contains_key(&ended));
    world.pass(DAY);
    assert_eq!(world.rows.service_jobs.keys().collect::<Vec<_>>(), [&waiting]);
}

#[test]
fn jq_10_queue_deleted_ends_its_service_jobs() {
    let mut world = world();
    let id = submit(&mut world);
    delete_queue(&mut world).unwrap();
    assert_eq!(row(&world, id).status_reason.as_deref(), Some("JobQueue deleted"));
    world.pass(SETTLE);
    assert!(!world.rows.queues.contains_key(&"s".parse().unwrap()));
}

#[test]
fn svc_4_share_belongs_to_a_queue_for_service_jobs_and_holds_it() {
    let mut world = world();
    let text = "Quota Management feature is only supported for SageMaker Training job queues.";
    refused(create_share(&mut world, "q", "a"), text);
    refused(create_share(&mut world, "none", "a"), "JobQueue none not found.");
    create_share(&mut world, "s", "a").unwrap();
    refused(create_share(&mut world, "s", "a"), "Object already exists");
    refused(delete_queue(&mut world), "Cannot delete, found existing QuotaShare relationship");
}

#[test]
fn svc_4_environment_that_shares_divide_serves_one_queue() {
    let mut world = world();
    create_queue(&mut world, "t", "se").unwrap();
    let text = "A service environment whose job queue has quota shares can have at most 1 job queue.";
    refused(create_share(&mut world, "s", "a"), text);
    delete_queue(&mut world).unwrap();
    world.pass(SETTLE);
    create_share(&mut world, "t", "a").unwrap();
    refused(create_queue(&mut world, "u", "se"), text);
    let order = vec![EnvironmentOrderInput { order: 1, environment: "se".into() }];
    let again = UpdateJobQueue { name: "t".into(), service_environments: Some(order), ..UpdateJobQueue::default() };
    assert!(world.try_apply(Command::UpdateJobQueue(Box::new(again))).is_ok());
    let none = UpdateJobQueue { name: "t".into(), service_environments: Some(vec![]), ..UpdateJobQueue::default() };
    let text = "Job queues of type SAGEMAKER_TRAINING must have serviceEnvironmentOrder.";
    refused(world.try_apply(Command::UpdateJobQueue(Box::new(none))), text);
}

#[test]
fn svc_4_queue_has_at_most_twenty_shares() {
    let mut world = world();
    for number in 0..20 {
        create_share(&mut world, "s", &number.to_string()).unwrap();
    }
    refused(create_share(&mut world, "s", "more"), "A job queue can have at most 20 quota shares.");
}

#[test]
fn svc_4_share_is_deleted_when_it_is_disabled_and_no_job_waits_for_it() {
    let mut world = world();
    create_share(&mut world, "s", "a").unwrap();
    let in_share = |job: &mut SubmitServiceJob| job.quota_share = Some("a".into());
    let id = try_submit(&mut world, in_share).unwrap();
    refused(try_submit(&mut world, |job| job.quota_share = Some("b".into())), "QuotaShare b not found.");
    let delete = || Command::DeleteQuotaShare(share());
    refused(world.try_apply(delete()), "Cannot delete, state must be DISABLED");
    disable_share(&mut world);
    refused(try_submit(&mut world, in_share), "Quota share a is not in ENABLED state.");
    refused(world.try_apply(delete()), "Cannot delete, found existing ServiceJob relationship");
    terminate(&mut world, id);
    world.pass(SETTLE);
    world.try_apply(delete()).unwrap();
    assert_eq!(world.rows.quota_shares[&share()].status, ResourceStatus::Deleting);
    world.pass(SETTLE);
    assert!(world.rows.quota_shares.is_empty());
}
