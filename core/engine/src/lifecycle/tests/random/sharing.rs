//! What jobs share in random lives: consumable resources.

use crate::command::{Command, ConsumableInput, CreateConsumableResource, SubmitJob, UpdateConsumableResource};
use crate::entity::ConsumableHold;
use crate::testing::{World, attempts};
use longshore_types::JobId;
use proptest::prelude::*;

/// Two resources: what is taken of `a` comes back, what is taken of `b` does not.
const NAMES: [&str; 2] = ["a", "b"];

#[derive(Clone, Debug)]
pub(super) enum Step {
    Submit { size: Option<i64>, needs: Vec<(usize, i64)> },
    Create(usize, i64),
    Update(usize, i64, usize),
    Delete(usize),
}

pub(super) fn steps() -> impl Strategy<Value = Step> {
    let resource = || 0usize..2;
    let needs = prop::collection::vec((resource(), 1i64..3), 0..3);
    prop_oneof![
        6 => (prop::option::of(2i64..4), needs).prop_map(|(size, needs)| Step::Submit { size, needs }),
        3 => (resource(), 0i64..6).prop_map(|(resource, total)| Step::Create(resource, total)),
        4 => (resource(), 0i64..4, 0usize..3)
            .prop_map(|(resource, quantity, operation)| Step::Update(resource, quantity, operation)),
        1 => resource().prop_map(Step::Delete),
    ]
}

/// Takes a step; refusals are answers too.
pub(super) fn take(world: &mut World, jobs: &mut Vec<JobId>, step: Step) {
    match step {
        Step::Submit { size, needs } => jobs.extend(world.try_submit(|job| submission(job, size, &needs)).ok()),
        Step::Create(resource, total) => create(world, resource, total),
        Step::Update(resource, quantity, operation) => update(world, resource, quantity, operation),
        Step::Delete(resource) => {
            drop(world.try_apply(Command::DeleteConsumableResource(NAMES[resource].into())).unwrap());
        }
    }
}

fn submission(job: &mut SubmitJob, size: Option<i64>, needs: &[(usize, i64)]) {
    job.array_size = size;
    job.retry = attempts(2);
    let need = |&(resource, quantity): &(usize, i64)| ConsumableInput {
        resource: NAMES[resource].into(),
        quantity: Some(quantity),
    };
    job.consumables = needs.iter().map(need).collect();
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

/// What is in use is what live attempts hold.
pub(super) fn audit(world: &World) {
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
