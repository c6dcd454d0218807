//! Work per step: bounded by what is placed and by classes, never by the length of a queue.

use super::lab::{Lab, amount, queue_over};
use super::vcpus;
use crate::Config;
use crate::testing::World;
use longshore_types::{JobRef, JobStatus};

/// A full host with `jobs` waiting in four shapes; how much is looked at to place one more.
fn looks(jobs: usize) -> usize {
    let mut world = World::new(4);
    let first = world.submit(|_| {});
    let filler = world.submit(|job| job.container_overrides = vcpus("3"));
    for job in 0..jobs {
        world.submit(|submit| submit.container_overrides = vcpus(&(1 + job % 4).to_string()));
    }
    assert_eq!((world.status(first), world.status(filler)), (JobStatus::Starting, JobStatus::Starting));
    let before = world.running.len();
    let start = world.running.remove(&longshore_types::JobRef::Job(first)).unwrap();
    world.engine.attempt_event(world.now, crate::testing::HOST, super::exited(start.attempt, world.now));
    let looks = super::super::step(&mut world.engine, world.now);
    world.engine.unscheduled = true;
    world.step();
    assert_eq!(world.running.len(), before, "another one runs");
    looks
}

#[test]
fn placement_costs_the_same_however_long_the_queue_is() {
    assert_eq!(looks(20), looks(4_000));
}

#[test]
fn classes_beyond_the_bound_wait_for_those_before_them() {
    let config = Config { classes_per_step: 1, ..Config::default() };
    let mut world = World::with_config(4, config);
    let first = world.submit(|job| job.container_overrides = vcpus("3"));
    let second = world.submit(|job| job.container_overrides = vcpus("4"));
    let narrow = world.submit(|_| {});
    assert_eq!((world.status(first), world.status(narrow)), (JobStatus::Starting, JobStatus::Runnable));
    world.exit(first, 0);
    world.exit(second, 0);
    assert_eq!(world.status(narrow), JobStatus::Starting);
}

#[test]
fn what_comes_where_nothing_fits_is_not_looked_at_until_something_is_free() {
    let mut lab = Lab::new(Config::default(), &[amount(2, 100)], &[("ce", 9)], &[queue_over("q", 1, &["ce"])]);
    let running = JobRef::Job(lab.submit("q", amount(2, 1), None));
    lab.step();
    let first = JobRef::Job(lab.submit("q", amount(1, 1), None));
    assert!(lab.engine.wants_schedule(), "it is the first of its kind");
    lab.step();
    let second = JobRef::Job(lab.submit("q", amount(1, 1), None));
    assert!(!lab.engine.wants_schedule(), "that kind is known to be short");
    lab.end(running);
    lab.step();
    assert_eq!([first, second].map(|job| lab.status(job)), [Some(JobStatus::Starting); 2]);
}
