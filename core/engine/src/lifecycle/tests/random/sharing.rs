//! What jobs share in random lives: consumable resources, and a queue with a fair-share policy.

use crate::Config;
use crate::command::{
    Command, ConsumableInput, CreateConsumableResource, FairShareInput, SubmitJob, UpdateConsumableResource,
    UpdateSchedulingPolicy,
};
use crate::entity::{ConsumableHold, FairShare, JobQueue};
use crate::shares::{Share, Standing};
use crate::testing::{World, attempts, policy, policy_ref, queue};
use longshore_types::{JobId, JobRef, Name};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Two resources: what is taken of `a` comes back, what is taken of `b` does not.
const NAMES: [&str; 2] = ["a", "b"];

#[derive(Clone, Debug)]
pub(super) enum Step {
    Submit(Submission),
    Create(usize, i64),
    Update(usize, i64, usize),
    Delete(usize),
    Policy { decay_s: i64, reservation: i64, weight: i64 },
    Pass(u64),
}

#[derive(Clone, Debug)]
pub(super) struct Submission {
    size: Option<i64>,
    /// Resources and quantities.
    needs: Vec<(usize, i64)>,
    /// Share and priority in the queue that has shares.
    share: Option<(usize, i64)>,
}

pub(super) fn steps() -> impl Strategy<Value = Step> {
    let resource = || 0usize..2;
    let needs = prop::collection::vec((resource(), 1i64..3), 0..3);
    let share = prop::option::of((0usize..3, 0i64..3));
    let submission = (prop::option::of(2i64..4), needs, share);
    prop_oneof![
        6 => submission.prop_map(|(size, needs, share)| Step::Submit(Submission { size, needs, share })),
        3 => (resource(), 0i64..6).prop_map(|(resource, total)| Step::Create(resource, total)),
        4 => (resource(), 0i64..4, 0usize..3)
            .prop_map(|(resource, quantity, operation)| Step::Update(resource, quantity, operation)),
        1 => resource().prop_map(Step::Delete),
        1 => (0i64..20, 0i64..100, 1i64..100_000)
            .prop_map(|(decay_s, reservation, weight)| Step::Policy { decay_s, reservation, weight }),
        2 => (0u64..30_000).prop_map(Step::Pass),
    ]
}

/// A world with a queue `fair` beside its own.
pub(super) fn world(vcpus: u64, config: Config) -> World {
    let mut world = World::with_config(vcpus, config);
    world.engine.put_policy(policy("p", FairShare { decay_s: Some(5), ..FairShare::default() }));
    world.engine.put_queue(JobQueue { scheduling_policy: Some("p".parse().unwrap()), ..queue("fair", 1) });
    world.step();
    world
}

/// Takes a step; refusals are answers too.
pub(super) fn take(world: &mut World, jobs: &mut Vec<JobId>, step: Step) {
    match step {
        Step::Submit(submission) => jobs.extend(world.try_submit(|job| submit(job, &submission)).ok()),
        Step::Create(resource, total) => create(world, resource, total),
        Step::Update(resource, quantity, operation) => update(world, resource, quantity, operation),
        Step::Delete(resource) => {
            drop(world.try_apply(Command::DeleteConsumableResource(NAMES[resource].into())).unwrap());
        }
        Step::Policy { decay_s, reservation, weight } => {
            let fair_share = FairShareInput {
                decay_s: Some(decay_s),
                reservation: Some(reservation),
                distribution: Some(vec![("s1".into(), Some(weight))]),
            };
            let command =
                UpdateSchedulingPolicy { policy: policy_ref("p"), fair_share: Some(fair_share), quota_share: None };
            drop(world.try_apply(Command::UpdateSchedulingPolicy(Box::new(command))).unwrap());
        }
        Step::Pass(ms) => world.pass(ms),
    }
}

fn submit(job: &mut SubmitJob, submission: &Submission) {
    job.array_size = submission.size;
    job.retry = attempts(2);
    let need = |&(resource, quantity): &(usize, i64)| ConsumableInput {
        resource: NAMES[resource].into(),
        quantity: Some(quantity),
    };
    job.consumables = submission.needs.iter().map(need).collect();
    if let Some((share, priority)) = submission.share {
        job.job_queue = "fair".into();
        job.share_identifier = Some(format!("s{share}"));
        job.scheduling_priority_override = Some(priority);
    }
}

fn create(world: &mut World, resource: usize, total: i64) {
    let kind = ["REPLENISHABLE", "NON_REPLENISHABLE"][resource];
    let command = CreateConsumableResource {
        name: NAMES[resource].into(),
        total: Some(total),
        kind: Some(kind.into()),
        ..CreateConsumableResource::default()
    };
    drop(world.try_apply(Command::CreateConsumableResource(Box::new(command))));
}

fn update(world: &mut World, resource: usize, quantity: i64, operation: usize) {
    let operation = Some(["SET", "ADD", "REMOVE"][operation].into());
    let command = UpdateConsumableResource {
        name: NAMES[resource].into(),
        operation,
        quantity: Some(quantity),
        client_token: None,
    };
    drop(world.try_apply(Command::UpdateConsumableResource(Box::new(command))));
}

/// There is enough of everything from now on: every job can end.
pub(super) fn abound(world: &mut World) {
    for resource in 0..NAMES.len() {
        create(world, resource, 1_000);
        update(world, resource, 1_000, 0);
    }
}

pub(super) fn audit(world: &World) {
    audit_consumables(world);
    audit_shares(world);
}

/// What is in use is what live attempts hold.
fn audit_consumables(world: &World) {
    let runs = world.rows.jobs.values().map(|job| &job.run).chain(world.rows.children.values());
    let current = runs.filter_map(|run| run.current.as_deref());
    let whole = world.rows.jobs.values().filter_map(|job| job.gang.as_ref()).flat_map(|gang| &gang.holds);
    let holds: Vec<&ConsumableHold> = current.flat_map(|current| &current.holds).chain(whole).collect();
    for row in world.rows.consumables.values() {
        let own = |hold: &&&ConsumableHold| (&hold.resource, hold.creation) == (&row.name, row.creation);
        let held: u64 = holds.iter().filter(own).map(|hold| hold.quantity).sum();
        assert_eq!(row.in_use, held, "{} is used by those who hold it", row.name);
    }
}

/// Shares count the jobs and attempts that there are.
fn audit_shares(world: &World) {
    let fair: Name = "fair".parse().unwrap();
    let mut expected: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for job in world.rows.jobs.values().filter(|job| !job.run.status.is_terminal()) {
        let Some(share) = &job.share_identifier else { continue };
        let own = |reference: &&JobRef| reference.job() == job.id;
        let attempts = world.engine.attempts.iter().map(|(_, of)| of).filter(own).count() as u64;
        let (jobs, running) = expected.entry(share).or_default();
        *jobs += 1;
        *running += attempts * job.spec.demand.vcpu_milli;
    }
    for (name, share) in world.engine.shares.of(&fair) {
        let counted = (share.jobs, share.running_milli);
        assert_eq!(expected.remove(&**name).unwrap_or_default(), counted, "share {name}");
    }
    assert!(expected.is_empty(), "{expected:?}");
}

/// How every share of the queue stands, which a restart must not change.
pub(super) fn standings(world: &World) -> Vec<(String, Standing, bool)> {
    let fair: Name = "fair".parse().unwrap();
    let window_ms = world.engine.fair_share(&fair).unwrap().window_ms();
    let stands = |(name, share): (&Arc<str>, &Share)| {
        (name.to_string(), share.standing(world.now), share.is_active(world.now, window_ms))
    };
    world.engine.shares.of(&fair).map(stands).collect()
}
