//! Time limit actions (`SCH-12`): which head, from when, for which reason.

use super::vcpus;
use crate::Config;
use crate::testing::{World, environment, queue};
use longshore_types::{JobId, JobStatus, Timestamp};

const REASONS: [&str; 3] = [
    "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY",
    "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE",
    "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
];

/// A world whose queue cancels a head that is blocked for 600 seconds, for any reason.
fn world(vcpus: u64) -> World {
    let never_blocked = Config { blocked_after_ms: u64::from(u32::MAX), ..Config::default() };
    let mut world = World::with_config(vcpus, never_blocked);
    let action = |reason: &str| serde_json::json!({ "reason": reason, "state": "RUNNABLE", "maxTimeSeconds": 600, "action": "CANCEL" });
    let mut limited = queue("q", 1);
    let actions = REASONS.iter().map(|reason| action(reason)).collect();
    limited.document.0.insert("jobStateTimeLimitActions".into(), serde_json::Value::Array(actions));
    world.engine.put_queue(limited);
    world.step();
    world
}

/// The clock goes on to the next deadline, which comes after so many seconds.
fn to_deadline(world: &mut World) -> u64 {
    let deadline = world.engine.next_deadline().unwrap();
    let seconds = deadline.since_ms(world.now) / 1_000;
    world.engine.tick(Timestamp::from_millis(deadline.as_millis() - 1));
    world.now = deadline;
    world.engine.tick(world.now);
    world.step();
    seconds
}

fn check_cancelled(world: &World, job: JobId, reason: &str) {
    let expected = format!("Canceled by JobStateTimeLimit action due to reason: {reason}");
    assert_eq!((world.status(job), world.reason(job)), (JobStatus::Failed, expected));
}

#[test]
fn sch_12_head_that_waits_for_a_host_too_long_is_cancelled_and_then_the_next_one() {
    let mut world = world(1);
    let running = world.submit(|_| {});
    let [first, second] = [world.submit(|_| {}), world.submit(|_| {})];
    assert_eq!(to_deadline(&mut world), 599);
    check_cancelled(&world, first, REASONS[0]);
    assert_eq!((world.status(running), world.status(second)), (JobStatus::Starting, JobStatus::Runnable));
    assert_eq!(to_deadline(&mut world), 600);
    check_cancelled(&world, second, REASONS[0]);
    assert_eq!(world.engine.next_deadline(), None);
}

#[test]
fn sch_12_first_of_those_that_can_never_run_is_cancelled() {
    let mut world = world(2);
    let wide = world.submit(|job| job.container_overrides = vcpus("3"));
    let next = world.submit(|job| job.container_overrides = vcpus("3"));
    to_deadline(&mut world);
    check_cancelled(&world, wide, REASONS[2]);
    assert_eq!(world.status(next), JobStatus::Runnable);
    world.engine.put_environment(environment("ce", 2));
    world.step();
    assert_eq!(to_deadline(&mut world), 600, "another reason, another clock");
    check_cancelled(&world, next, REASONS[1]);
}

#[test]
fn sch_12_head_that_waits_for_vcpus_of_its_environment_is_not_blocked() {
    let mut world = world(4);
    world.engine.put_environment(environment("ce", 1));
    let _running = world.submit(|_| {});
    let _queued = world.submit(|_| {});
    assert_eq!(crate::schedule::next_deadline(&world.engine), None);
}

#[test]
fn sch_12_restart_goes_on_counting_and_a_head_that_starts_is_safe() {
    let mut world = world(1);
    let running = world.submit(|_| {});
    let head = world.submit(|_| {});
    let deadline = world.engine.next_deadline();
    world.now = world.now.plus_ms(300_000);
    world.restart();
    assert_eq!(world.engine.next_deadline(), deadline);
    world.exit(running, 0);
    assert_eq!((world.status(head), world.engine.next_deadline()), (JobStatus::Starting, None));
}

#[test]
fn sch_12_child_at_the_head_is_cancelled_alone() {
    let mut world = world(1);
    let array = world.submit(|job| job.array_size = Some(3));
    to_deadline(&mut world);
    let statuses = [0, 1, 2].map(|index| world.status((array, index)));
    assert_eq!(statuses, [JobStatus::Starting, JobStatus::Failed, JobStatus::Runnable]);
}
