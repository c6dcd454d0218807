//! Consumable resources hold jobs back until all of what they need is there (spec section 21).

use super::vcpus;
use crate::command::{Command, ConsumableInput, SubmitJob, UpdateConsumableResource};
use crate::entity::ConsumableKind;
use crate::testing::{World, attempts, consumable};
use longshore_types::{JobStatus, Name};

/// A world with `total` of a replenishable resource `r`.
fn world(total: u64) -> World {
    let mut world = World::new(8);
    world.engine.put_consumable(consumable("r", ConsumableKind::Replenishable, total));
    world.step();
    world
}

fn need(quantity: i64) -> impl Fn(&mut SubmitJob) {
    move |job| job.consumables = vec![ConsumableInput { resource: "r".into(), quantity: Some(quantity) }]
}

fn update(world: &mut World, operation: &str, quantity: i64) {
    let (operation, quantity) = (Some(operation.into()), Some(quantity));
    let command = UpdateConsumableResource { name: "r".into(), operation, quantity, client_token: None };
    world.try_apply(Command::UpdateConsumableResource(Box::new(command))).unwrap();
}

/// Total, in use and available, as the row says.
fn numbers(world: &World) -> (u64, u64, u64) {
    let name: Name = "r".parse().unwrap();
    let row = &world.rows.consumables[&name];
    (row.shown_total(), row.in_use, row.available())
}

#[test]
fn cr_2_job_waits_until_all_of_what_it_needs_is_free_and_children_count_one_by_one() {
    let mut world = world(3);
    let array = world.submit(|job| {
        need(2)(job);
        job.array_size = Some(2);
    });
    assert_eq!((world.status((array, 0)), world.status((array, 1))), (JobStatus::Starting, JobStatus::Runnable));
    assert_eq!(numbers(&world), (3, 2, 1));
    world.exit((array, 0), 1);
    assert_eq!(world.status((array, 1)), JobStatus::Starting);
    world.exit((array, 1), 0);
    assert_eq!(numbers(&world), (3, 0, 3));
}

#[test]
fn cr_2_jobs_that_need_nothing_pass_and_nobody_passes_for_what_the_head_waits_for() {
    let mut world = world(2);
    let first = world.submit(need(1));
    let head = world.submit(need(2));
    let [greedy, free] = [world.submit(need(1)), world.submit(|_| {})];
    let statuses = [head, greedy, free].map(|job| world.status(job));
    assert_eq!(statuses, [JobStatus::Runnable, JobStatus::Runnable, JobStatus::Starting]);
    world.exit(first, 0);
    assert_eq!((world.status(head), world.status(greedy)), (JobStatus::Starting, JobStatus::Runnable));
}

#[test]
fn cr_2_each_attempt_takes_what_it_needs_and_what_is_not_replenishable_is_gone() {
    let mut world = World::new(8);
    world.engine.put_consumable(consumable("r", ConsumableKind::NonReplenishable, 3));
    let job = world.submit(|job| {
        need(1)(job);
        job.retry = attempts(2);
    });
    world.exit(job, 1);
    assert_eq!((world.status(job), numbers(&world)), (JobStatus::Starting, (2, 1, 1)));
    world.exit(job, 0);
    assert_eq!(numbers(&world), (1, 0, 1));
}

#[test]
fn cr_3_raising_the_total_lets_jobs_in_and_lowering_it_keeps_them_out_at_once() {
    let mut world = world(0);
    let [first, second] = [world.submit(need(2)), world.submit(need(2))];
    assert_eq!(world.status(first), JobStatus::Runnable);
    update(&mut world, "SET", 4);
    assert_eq!((world.status(first), world.status(second)), (JobStatus::Starting, JobStatus::Starting));
    update(&mut world, "SET", 1);
    assert_eq!(numbers(&world), (4, 4, 0));
    let third = world.submit(need(1));
    world.exit(first, 0);
    assert_eq!((world.status(third), numbers(&world)), (JobStatus::Runnable, (2, 2, 0)));
    world.exit(second, 0);
    assert_eq!((world.status(third), numbers(&world)), (JobStatus::Starting, (1, 1, 0)));
}

#[test]
fn cr_4_job_waits_for_a_deleted_resource_until_there_is_one_of_that_name_again() {
    let mut world = world(1);
    let holder = world.submit(need(1));
    let waiting = world.submit(need(1));
    world.try_apply(Command::DeleteConsumableResource("r".into())).unwrap();
    world.exit(holder, 0);
    let other = world.submit(|job| job.container_overrides = vcpus("8"));
    assert_eq!((world.status(waiting), world.status(other)), (JobStatus::Runnable, JobStatus::Starting));
    world.exit(other, 0);
    world.engine.put_consumable(consumable("r", ConsumableKind::Replenishable, 1));
    world.step();
    assert_eq!(world.status(waiting), JobStatus::Starting);
}

#[test]
fn restart_knows_who_holds_what() {
    let mut world = world(2);
    let [holder, waiting] = [world.submit(need(2)), world.submit(need(1))];
    world.restart();
    assert_eq!((world.status(waiting), numbers(&world)), (JobStatus::Runnable, (2, 2, 0)));
    world.exit(holder, 0);
    assert_eq!((world.status(waiting), numbers(&world)), (JobStatus::Starting, (2, 1, 1)));
}
