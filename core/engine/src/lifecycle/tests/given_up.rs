//! A host that was given up and comes back with the attempts that it had.

use crate::Config;
use crate::testing::{HOST, World, attempts};
use longshore_protocol::{AttemptEnd, AttemptEvent, EndCause};
use longshore_types::{AttemptId, JobId, JobStatus};

/// A host of one processor that was away for too long, and a job that waits to be tried again.
fn given_up() -> (World, JobId, AttemptId) {
    let mut world = World::new(1);
    let job = world.submit(|job| job.retry = attempts(2));
    world.start(job);
    let attempt = world.running.values().next().unwrap().attempt;
    world.engine.host_disconnected(world.now, HOST);
    world.pass(Config::default().host_lost_after_ms);
    assert_eq!((world.status(job), world.run(job).attempts.len()), (JobStatus::Runnable, 1));
    (world, job, attempt)
}

fn ended(world: &mut World, attempt: AttemptId) {
    let end = AttemptEnd { cause: EndCause::Stopped, exit_code: Some(143), reason: None, containers: vec![] };
    world.engine.attempt_event(world.now, HOST, AttemptEvent::Ended { attempt, at: world.now, end });
    world.step();
}

#[test]
fn host_that_returns_with_a_given_up_attempt_gets_nothing_before_that_is_over() {
    let (mut world, job, attempt) = given_up();
    world.hello();
    assert_eq!(world.stopped, [attempt]);
    assert_eq!(world.status(job), JobStatus::Runnable, "two attempts of the job would run at once");
    let other = world.submit(|_| {});
    assert_eq!(world.status(other), JobStatus::Runnable, "the processor is in use");
    ended(&mut world, attempt);
    assert_eq!(world.status(job), JobStatus::Starting);
    assert_eq!(world.run(job).attempts.len(), 1, "what the given up attempt did does not count");
}

#[test]
fn host_that_returns_with_nothing_takes_jobs_at_once() {
    let (mut world, job, _) = given_up();
    world.running.clear();
    world.hello();
    assert_eq!((world.stopped.len(), world.status(job)), (0, JobStatus::Starting));
}

#[test]
fn agent_that_replaces_the_one_with_given_up_attempts_takes_jobs_at_once() {
    let (mut world, job, attempt) = given_up();
    world.hello();
    world.running.clear();
    world.incarnation += 1;
    world.hello();
    assert_eq!(world.status(job), JobStatus::Starting);
    ended(&mut world, attempt);
    assert_eq!(world.status(job), JobStatus::Starting, "a late word of the former agent changes nothing");
}

#[test]
fn host_whose_agent_is_leaving_gets_nothing_until_the_next_one_comes() {
    let mut world = World::new(1);
    let (first, second) = (world.submit(|_| {}), world.submit(|_| {}));
    world.start(first);
    world.leave();
    world.exit(first, 0);
    assert_eq!(world.status(first), JobStatus::Succeeded, "what it says of its attempts counts");
    assert_eq!(world.status(second), JobStatus::Runnable);
    world.incarnation += 1;
    world.hello();
    assert_eq!(world.status(second), JobStatus::Starting);
}
