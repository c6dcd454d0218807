//! What jobs go through in random lives: environments and queues that come, change, are disabled and go while jobs are in
//! them; and service jobs, which go through nothing.

use crate::Config;
use crate::command::{
    Command, ComputeResourcesInput, CreateComputeEnvironment, CreateJobQueue, CreateQuotaShare,
    CreateServiceEnvironment, EndServiceJob, EnvironmentOrderInput, SubmitServiceJob, UpdateComputeEnvironment,
    UpdateJobQueue, UpdateQuotaShare, UpdateServiceEnvironment,
};
use crate::entity::{CapacityLimit, QuotaShareId, ResourceStatus};
use crate::testing::World;
use longshore_types::{Document, JobId, JobRef, Name};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How long a transition lasts.
const SETTLE_MS: u64 = 200;

/// An environment and a queue that are there from the start, and others that come and go.
const ENVIRONMENTS: [&str; 2] = ["ce", "new"];
const QUEUES: [&str; 2] = ["q", "p"];

#[derive(Clone, Debug)]
pub(super) enum Step {
    Create(&'static str),
    Able { environment: usize, enabled: bool },
    Resize { environment: usize, max: i64 },
    Replace { terminate: bool },
    Delete,
    CreateQueue,
    AbleQueue { queue: usize, enabled: bool },
    Order { queue: usize, environments: Vec<usize> },
    DeleteQueue,
    Submit { size: Option<i64> },
    CreateServices,
    SubmitService,
    TerminateService(usize),
    DisableServices,
    DeleteServices,
    Settle,
}

pub(super) fn config() -> Config {
    Config { environment_settle_ms: SETTLE_MS, scaling_period_ms: 60_000, ahead_ms: 100, ..Config::default() }
}

pub(super) fn steps() -> impl Strategy<Value = Step> {
    let two = || 0usize..2;
    let able = prop::bool::weighted(0.6);
    let orders = prop_oneof![Just(vec![0]), Just(vec![1]), Just(vec![0, 1]), Just(vec![1, 0])];
    prop_oneof![
        4 => prop_oneof![3 => Just("EC2"), 1 => Just("FARGATE")].prop_map(Step::Create),
        2 => (two(), able).prop_map(|(environment, enabled)| Step::Able { environment, enabled }),
        2 => (two(), 1i64..4).prop_map(|(environment, max)| Step::Resize { environment, max }),
        2 => any::<bool>().prop_map(|terminate| Step::Replace { terminate }),
        2 => Just(Step::Delete),
        3 => Just(Step::CreateQueue),
        2 => (two(), able).prop_map(|(queue, enabled)| Step::AbleQueue { queue, enabled }),
        3 => (two(), orders).prop_map(|(queue, environments)| Step::Order { queue, environments }),
        2 => Just(Step::DeleteQueue),
        5 => prop::option::of(2i64..4).prop_map(|size| Step::Submit { size }),
        2 => Just(Step::CreateServices),
        3 => Just(Step::SubmitService),
        1 => (0usize..9).prop_map(Step::TerminateService),
        1 => Just(Step::DisableServices),
        1 => Just(Step::DeleteServices),
        4 => Just(Step::Settle),
    ]
}

/// Takes a step; refusals are answers too.
pub(super) fn take(world: &mut World, jobs: &mut Vec<JobId>, step: Step) {
    match step {
        Step::Create(kind) => create(world, kind),
        Step::Able { environment, enabled } => {
            update(world, environment, |update| update.state = Some(state(enabled)));
        }
        Step::Resize { environment, max } => resize(world, environment, max),
        Step::Replace { terminate } => update(world, 1, |update| {
            let document = document(json!({ "instanceTypes": ["c5"] }));
            update.compute = Some(ComputeResourcesInput { document, ..ComputeResourcesInput::default() });
            update.document = self::document(json!({ "updatePolicy": { "terminateJobsOnUpdate": terminate } }));
        }),
        Step::Delete => send(world, Command::DeleteComputeEnvironment(ENVIRONMENTS[1].into())),
        Step::CreateQueue => {
            let create =
                CreateJobQueue { name: QUEUES[1].into(), environments: order(&[1]), ..CreateJobQueue::default() };
            send(world, Command::CreateJobQueue(Box::new(create)));
        }
        Step::AbleQueue { queue, enabled } => update_queue(world, queue, |update| update.state = Some(state(enabled))),
        Step::Order { queue, environments } => {
            update_queue(world, queue, |update| update.environments = Some(order(&environments)));
        }
        Step::DeleteQueue => send(world, Command::DeleteJobQueue(QUEUES[1].into())),
        Step::Submit { size } => jobs.extend(
            world
                .try_submit(|job| {
                    job.job_queue = QUEUES[1].into();
                    job.array_size = size;
                })
                .ok(),
        ),
        Step::Settle => world.pass(SETTLE_MS),
        service => take_service(world, &service),
    }
}

fn take_service(world: &mut World, step: &Step) {
    match step {
        Step::CreateServices => create_services(world),
        Step::SubmitService => {
            let submit = SubmitServiceJob {
                job_name: "j".into(),
                job_queue: "s".into(),
                kind: "SAGEMAKER_TRAINING".into(),
                payload: "{}".into(),
                quota_share: Some("a".into()),
                ..SubmitServiceJob::default()
            };
            send(world, Command::SubmitServiceJob(Box::new(submit)));
        }
        Step::TerminateService(index) => {
            let job = world.rows.service_jobs.keys().nth(*index).copied();
            send(world, Command::TerminateServiceJob(EndServiceJob { job, reason: "r".into() }));
        }
        Step::DisableServices => {
            let disabled = || Some(state(false));
            let share = UpdateQuotaShare {
                id: share(),
                state: disabled(),
                capacity_limits: None,
                document: Document::default(),
            };
            send(world, Command::UpdateQuotaShare(Box::new(share)));
            let queue = UpdateJobQueue { name: "s".into(), state: disabled(), ..UpdateJobQueue::default() };
            send(world, Command::UpdateJobQueue(Box::new(queue)));
            let environment = UpdateServiceEnvironment { name: "se".into(), state: disabled(), capacity_limits: None };
            send(world, Command::UpdateServiceEnvironment(Box::new(environment)));
        }
        _ => {
            send(world, Command::DeleteQuotaShare(share()));
            send(world, Command::DeleteJobQueue("s".into()));
            send(world, Command::DeleteServiceEnvironment("se".into()));
        }
    }
}

fn create_services(world: &mut World) {
    let capacity = vec![CapacityLimit { max_capacity: 2, capacity_unit: "NUM_INSTANCES".into() }];
    let environment = CreateServiceEnvironment {
        name: "se".into(),
        kind: "SAGEMAKER_TRAINING".into(),
        capacity_limits: capacity.clone(),
        ..CreateServiceEnvironment::default()
    };
    send(world, Command::CreateServiceEnvironment(Box::new(environment)));
    let service_environments = vec![EnvironmentOrderInput { order: 1, environment: "se".into() }];
    let queue = CreateJobQueue { name: "s".into(), service_environments, ..CreateJobQueue::default() };
    send(world, Command::CreateJobQueue(Box::new(queue)));
    let share = CreateQuotaShare {
        name: "a".into(),
        queue: "s".into(),
        capacity_limits: capacity,
        document: document(json!({
            "resourceSharingConfiguration": { "strategy": "LEND" },
            "preemptionConfiguration": { "inSharePreemption": "DISABLED" },
        })),
        ..CreateQuotaShare::default()
    };
    send(world, Command::CreateQuotaShare(Box::new(share)));
}

fn share() -> QuotaShareId {
    QuotaShareId { queue: "s".parse().unwrap(), name: "a".parse().unwrap() }
}

fn create(world: &mut World, kind: &str) {
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
        max_vcpus: Some(2),
        document: document(members),
        ..ComputeResourcesInput::default()
    };
    let create = CreateComputeEnvironment {
        name: ENVIRONMENTS[1].into(),
        kind: "MANAGED".into(),
        compute: Some(compute),
        ..CreateComputeEnvironment::default()
    };
    send(world, Command::CreateComputeEnvironment(Box::new(create)));
}

fn resize(world: &mut World, environment: usize, max: i64) {
    update(world, environment, |update| {
        update.compute = Some(ComputeResourcesInput { max_vcpus: Some(max), ..ComputeResourcesInput::default() });
    });
}

fn update(world: &mut World, environment: usize, change: impl FnOnce(&mut UpdateComputeEnvironment)) {
    let name = ENVIRONMENTS[environment].into();
    let mut update = UpdateComputeEnvironment { name, ..UpdateComputeEnvironment::default() };
    change(&mut update);
    send(world, Command::UpdateComputeEnvironment(Box::new(update)));
}

fn update_queue(world: &mut World, queue: usize, change: impl FnOnce(&mut UpdateJobQueue)) {
    let mut update = UpdateJobQueue { name: QUEUES[queue].into(), ..UpdateJobQueue::default() };
    change(&mut update);
    send(world, Command::UpdateJobQueue(Box::new(update)));
}

fn order(environments: &[usize]) -> Vec<EnvironmentOrderInput> {
    let entry =
        |(order, index): (i64, &usize)| EnvironmentOrderInput { order, environment: ENVIRONMENTS[*index].into() };
    (1..).zip(environments).map(entry).collect()
}

fn state(enabled: bool) -> String {
    if enabled { "ENABLED" } else { "DISABLED" }.into()
}

fn document(members: Value) -> Document {
    let Value::Object(members) = members else { panic!("an object") };
    Document(members)
}

fn send(world: &mut World, command: Command) {
    let before = world.rows.clone();
    if world.try_apply(command).is_err() {
        assert_eq!(world.rows, before, "a refusal changes nothing");
    }
}

/// Everything takes jobs from now on, and has room for the largest: every job can end.
pub(super) fn abound(world: &mut World) {
    world.pass(SETTLE_MS);
    resize(world, 0, 256);
    for index in 0..2 {
        update(world, index, |update| update.state = Some(state(true)));
        update_queue(world, index, |update| {
            update.state = Some(state(true));
            update.environments = Some(order(&[0]));
        });
    }
    world.pass(SETTLE_MS);
}

/// What is counted as used of an environment is what runs there; what is named exists; numbers are within their bounds;
/// what is in transition has a reason to be.
pub(super) fn audit(world: &World) {
    let mut used: BTreeMap<&Name, u64> = BTreeMap::new();
    let mut seats = BTreeSet::new();
    let whole = world.rows.jobs.values().map(|job| (JobRef::Job(job.id), &job.run));
    let parts = world.rows.children.iter().map(|(&(job, index), run)| {
        let nodes = world.rows.jobs[&job].gang.is_some();
        (if nodes { JobRef::Node(job, index) } else { JobRef::Child(job, index) }, run)
    });
    for (reference, run) in whole.chain(parts) {
        let Some(current) = &run.current else { continue };
        let milli = world.rows.jobs[&reference.job()].demand_of(reference).vcpu_milli;
        *used.entry(&current.environment).or_default() += if seats.insert(current.seat_id()) { milli } else { 0 };
    }
    for (name, milli) in &used {
        assert!(world.rows.environments.contains_key(*name), "{name} has attempts and is gone");
        assert_eq!(world.engine.fleet().environment_used_milli(name), *milli, "{name}");
    }
    for (name, row) in &world.rows.environments {
        let moving =
            matches!(row.status, ResourceStatus::Creating | ResourceStatus::Updating | ResourceStatus::Deleting);
        let waits_for = row.settles_at.is_some() || used.contains_key(name);
        assert!(!moving || waits_for, "{name} is {:?} for ever", row.status);
        let compute = row.compute.as_ref().unwrap();
        let bounds = compute.min_vcpus.unwrap_or(0)..=compute.max_vcpus;
        assert!(compute.desired_vcpus.is_none_or(|desired| bounds.contains(&desired)), "{name}: {compute:?}");
    }
    audit_queues(world);
}

fn audit_queues(world: &World) {
    for queue in world.rows.queues.values() {
        let known = |name: &Name| world.rows.environments.contains_key(name);
        let served = |name: &Name| world.rows.service_environments.contains_key(name);
        assert!(queue.environments.iter().all(|entry| known(&entry.environment)), "{queue:?}");
        assert!(queue.service_environments.iter().all(|entry| served(&entry.environment)), "{queue:?}");
    }
    let active = world.rows.jobs.values().filter(|job| !job.run.status.is_terminal());
    active.for_each(|job| assert!(world.rows.queues.contains_key(&job.queue), "{}'s queue is gone", job.id));
    for job in world.rows.service_jobs.values() {
        assert_eq!(job.status.is_terminal(), job.stopped_at.is_some(), "{job:?}");
        let share = job.quota_share.clone().map(|name| QuotaShareId { queue: job.queue.clone(), name });
        let there = share.is_none_or(|id| world.rows.quota_shares.contains_key(&id));
        assert!(job.status.is_terminal() || (there && world.rows.queues.contains_key(&job.queue)), "{job:?}");
    }
    assert!(world.rows.quota_shares.keys().all(|id| world.rows.queues.contains_key(&id.queue)));
}
