//! Queues that are blocked: what is told, when, and to whom (`SCH-10`, `EV-3`).

use super::vcpus;
use crate::Config;
use crate::entity::{EventKind, ResourceState, ResourceStatus};
use crate::testing::{World, environment};
use crate::wait::{Answer, Question};
use longshore_types::{JobId, JobRef, JobStatus};

const AFTER_MS: u64 = 300_000;
const CAPACITY: &str =
    "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity requested for instance type [EC2]";

fn world(vcpus: u64, strict_fifo: bool) -> World {
    World::with_config(vcpus, Config { strict_fifo, ..Config::default() })
}

/// The events of blocked queues: who blocks, and why.
fn told(world: &World) -> Vec<(JobId, String)> {
    let blocked = world.rows.events.values().filter(|event| event.kind == EventKind::QueueBlocked);
    blocked.map(|event| (event.subject.job(), event.run.status_reason.clone().unwrap())).collect()
}

fn reasons(world: &World, jobs: &[JobId]) -> Vec<Option<String>> {
    let jobs = jobs.iter().copied().map(JobRef::Job).collect();
    match world.engine.answer(world.now, &Question::StatusReasons(jobs)) {
        Answer::Reasons(reasons) => reasons,
        other => panic!("{other:?}"),
    }
}

#[test]
fn ev_3_head_that_waits_long_for_a_host_is_told_once() {
    let mut world = world(1, false);
    let running = world.submit(|_| {});
    let [head, next] = [world.submit(|_| {}), world.submit(|_| {})];
    world.pass(AFTER_MS - 2);
    assert_eq!(told(&world), []);
    world.pass(2);
    world.pass(AFTER_MS);
    assert_eq!(told(&world), [(head, CAPACITY.into())]);
    let shown = reasons(&world, &[head, next]).into_iter().map(Option::unwrap);
    for (reason, place) in shown.zip(["first", "1 job is ahead"]) {
        let expected = format!("{CAPACITY}. Lacks 1 vCPU on host h of compute environment ce; {place} in job queue q");
        assert_eq!(reason, expected);
    }
    world.exit(running, 0);
    assert_eq!(told(&world).len(), 1);
    world.pass(AFTER_MS);
    assert_eq!(told(&world).last(), Some(&(next, CAPACITY.into())), "each head has its own time");
}

#[test]
fn ev_3_restart_does_not_tell_again_of_a_head_that_still_blocks() {
    let mut world = world(1, false);
    let running = world.submit(|_| {});
    let [head, next] = [world.submit(|_| {}), world.submit(|_| {})];
    world.pass(AFTER_MS);
    let shown = reasons(&world, &[head, next]);
    world.restart();
    assert_eq!(reasons(&world, &[head, next]), shown);
    world.pass(AFTER_MS);
    assert_eq!(told(&world), [(head, CAPACITY.into())]);
    world.exit(running, 0);
    assert_eq!(world.rows.queues[&"q".parse().unwrap()].blocked_by, None);
    world.pass(AFTER_MS);
    assert_eq!(told(&world).last(), Some(&(next, CAPACITY.into())));
}

#[test]
fn sch_10_under_aws_rules_only_the_head_of_a_blocked_queue_has_a_reason() {
    let mut world = world(1, true);
    world.submit(|_| {});
    let jobs = [world.submit(|_| {}), world.submit(|_| {})];
    assert_eq!(reasons(&world, &jobs), [None, None]);
    world.pass(AFTER_MS);
    assert_eq!(reasons(&world, &jobs), [Some(CAPACITY.into()), None]);
}

#[test]
fn sch_10_head_that_waits_for_vcpus_of_its_environment_is_queued_and_not_blocked() {
    let mut world = world(4, true);
    world.engine.put_environment(environment("ce", 1));
    world.submit(|_| {});
    let waiting = world.submit(|_| {});
    world.pass(AFTER_MS);
    assert_eq!((told(&world), reasons(&world, &[waiting])), (vec![], vec![None]));
    world.engine.put_environment(environment("ce", 9));
    let wide = world.submit(|job| job.container_overrides = vcpus("4"));
    world.pass(AFTER_MS);
    assert_eq!(told(&world), [(wide, CAPACITY.into())], "it is looked at again and again");
}

#[test]
fn sch_10_environments_that_are_invalid_or_disabled_block() {
    let invalid = "ACTION_REQUIRED - CE(s) associated with the job queue are invalid.";
    let undetermined = "UNDETERMINED - Batch job is blocked, root cause is undetermined.";
    for (state, status, expected) in [
        (ResourceState::Enabled, ResourceStatus::Invalid, invalid),
        (ResourceState::Disabled, ResourceStatus::Valid, undetermined),
    ] {
        let mut world = world(1, true);
        let mut closed = environment("ce", 8);
        (closed.state, closed.status) = (state, status);
        world.engine.put_environment(closed);
        let job = world.submit(|_| {});
        world.pass(AFTER_MS);
        assert_eq!(
            (told(&world), reasons(&world, &[job])),
            (vec![(job, expected.into())], vec![Some(expected.into())])
        );
        world.engine.put_environment(environment("ce", 8));
        world.step();
        assert_eq!((world.status(job), reasons(&world, &[job])), (JobStatus::Starting, vec![None]));
    }
}

#[test]
fn sch_1_under_aws_rules_what_can_never_run_blocks_its_queue() {
    let mut world = world(2, true);
    let wide = world.submit(|job| job.container_overrides = vcpus("3"));
    let narrow = world.submit(|_| {});
    assert_eq!((world.status(wide), world.status(narrow)), (JobStatus::Runnable, JobStatus::Runnable));
    assert!(world.reason(wide).starts_with("MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - "), "{}", world.reason(wide));
    world.restart();
    world.step();
    assert_eq!(world.status(narrow), JobStatus::Runnable);
    world.cancel(wide);
    assert_eq!(world.status(narrow), JobStatus::Starting);
}

#[test]
fn ev_3_children_and_nodes_are_told_of_too() {
    let mut world = world(1, false);
    world.submit(|_| {});
    let array = world.submit(|job| job.array_size = Some(3));
    world.pass(AFTER_MS);
    let subjects = world.rows.events.values().filter(|event| event.kind == EventKind::QueueBlocked);
    let subjects: Vec<_> = subjects.map(|event| event.subject.clone()).collect();
    assert_eq!(subjects, [crate::entity::EventSubject::One(JobRef::Child(array, 0))]);
}
