//! What is given ahead and what is not, and what becomes of it.

use super::{PATIENCE, Pace};
use crate::Config;
use crate::command::{DefinitionRef, SubmitJob};
use crate::testing::{HOST, World, queue};
use longshore_protocol::{AttemptEnd, EndCause, Seat};
use longshore_types::{JobId, JobRef, JobStatus};

const AHEAD_MS: u64 = 50;

/// A world of one processor in which an attempt of `q` has just taken ten milliseconds.
fn world() -> World {
    let mut world = World::with_config(1, Config { ahead_ms: AHEAD_MS, ..Config::default() });
    run_one(&mut world);
    world
}

fn run_one(world: &mut World) {
    let job = world.submit(|_| {});
    world.start(job);
    world.exit(job, 0);
}

fn array(size: i64) -> impl FnOnce(&mut SubmitJob) {
    move |job| job.array_size = Some(size)
}

/// Children that the host was told to run, in order.
fn told(world: &World, id: JobId) -> Vec<u32> {
    world.running.keys().filter(|job| job.job() == id).filter_map(|job| job.index()).collect()
}

fn returned() -> AttemptEnd {
    AttemptEnd { cause: EndCause::Returned, exit_code: None, reason: None, containers: Vec::new() }
}

#[test]
fn short_jobs_are_given_ahead_as_far_as_they_take_as_long() {
    let mut world = world();
    let id = world.submit(array(20));
    assert_eq!(told(&world, id), [0, 1, 2, 3, 4, 5], "one runs, and five take fifty milliseconds");
    let first = world.running[&JobRef::Child(id, 0)].attempt;
    let seats: Vec<Option<Seat>> = world.running.values().map(|start| start.seat).collect();
    let ahead = Some(Seat { of: first, patience_ms: PATIENCE * AHEAD_MS });
    assert_eq!(seats, [None, ahead, ahead, ahead, ahead, ahead]);
    assert_eq!(world.engine.fleet().hosts()[&HOST].used.vcpu_milli, 1_000);
}

#[test]
fn place_goes_from_one_to_the_next_and_is_free_after_the_last() {
    let mut world = world();
    let id = world.submit(array(3));
    for index in 0..3 {
        assert_eq!(world.engine.fleet().hosts()[&HOST].used.vcpu_milli, 1_000);
        world.exit((id, index), 0);
    }
    assert_eq!(world.engine.fleet().hosts()[&HOST].used.vcpu_milli, 0);
    assert_eq!(world.status(id), JobStatus::Succeeded);
}

#[test]
fn long_jobs_are_not_given_ahead() {
    let mut world = world();
    let long = world.submit(|_| {});
    world.start(long);
    world.pass(1_000);
    world.exit(long, 0);
    let id = world.submit(array(5));
    assert_eq!(told(&world, id), [0]);
}

#[test]
fn nothing_is_given_ahead_behind_what_has_run_for_long() {
    let mut world = world();
    let long = world.submit(|_| {});
    world.start(long);
    world.pass(PATIENCE * AHEAD_MS + 1);
    let id = world.submit(array(5));
    assert!(told(&world, id).is_empty());
}

#[test]
fn nothing_is_given_ahead_while_a_queue_that_is_served_before_waits() {
    let mut world = world();
    world.engine.put_queue(queue("first", 9));
    let running = world.submit(|_| {});
    let before = world.submit(|job| {
        job.job_queue = "first".into();
        job.job_definition = DefinitionRef { name: "d".into(), revision: None };
    });
    let id = world.submit(array(5));
    assert!(told(&world, id).is_empty());
    world.exit(running, 0);
    assert_eq!(world.status(before), JobStatus::Starting);
}

#[test]
fn what_comes_back_waits_again_and_has_used_up_no_attempt() {
    let mut world = world();
    let id = world.submit(array(3));
    world.start((id, 0));
    world.end((id, 1), returned());
    let run = world.run((id, 1));
    assert_eq!((run.status, run.attempts.len()), (JobStatus::Runnable, 0));
    world.exit((id, 0), 0);
    assert_eq!(told(&world, id), [2], "the place went to the next, and nothing more is given ahead");
    world.run_all();
    assert_eq!(world.status(id), JobStatus::Succeeded);
}

#[test]
fn what_was_given_ahead_survives_its_agent() {
    let mut world = world();
    let id = world.submit(array(3));
    world.start((id, 0));
    let ahead = vec![world.running[&JobRef::Child(id, 1)].attempt];
    world.running.clear();
    world.incarnation += 1;
    world.hello();
    assert_eq!(world.status((id, 0)), JobStatus::Failed, "it ran, and has one attempt");
    assert_eq!(world.run((id, 1)).attempts.len() + world.run((id, 2)).attempts.len(), 0);
    assert_eq!((world.run((id, 0)).unheard, world.run((id, 1)).unheard), (vec![], ahead), "it may have started");
    world.run_all();
    assert_eq!(world.status((id, 1)), JobStatus::Succeeded);
    assert_eq!(world.status((id, 2)), JobStatus::Succeeded);
}

#[test]
fn terminated_ahead_ends_as_it_was_asked_to_whatever_the_agent_says() {
    let mut world = world();
    let id = world.submit(array(2));
    world.terminate((id, 1));
    assert_eq!(world.stopped.len(), 1);
    world.end((id, 1), returned());
    assert_eq!((world.status((id, 1)), world.reason((id, 1))), (JobStatus::Failed, "because".into()));
}

#[test]
fn restart_finds_the_same_places_taken() {
    let mut world = world();
    let id = world.submit(array(20));
    let before = world.engine.fleet().hosts()[&HOST].clone();
    world.restart();
    let after = &world.engine.fleet().hosts()[&HOST];
    assert_eq!((&after.seats, after.used), (&before.seats, before.used));
    world.run_all();
    assert_eq!(world.status(id), JobStatus::Succeeded);
}

#[test]
fn pace_is_the_longest_of_late() {
    let mut pace = Pace::default();
    assert_eq!(pace.depth(50), 0, "nothing is known");
    pace.note(1);
    assert_eq!(pace.depth(50), 32);
    pace.note(40);
    assert_eq!(pace.depth(50), 1);
    (0..40).for_each(|_| pace.note(1));
    assert_eq!(pace.depth(50), 32);
    pace.break_off(50);
    assert_eq!(pace.depth(50), 0);
}

#[test]
fn what_was_given_ahead_to_a_host_that_is_given_up_may_have_run() {
    let mut world = world();
    let id = world.submit(array(3));
    assert_eq!(told(&world, id), [0, 1, 2]);
    world.engine.host_disconnected(world.now, HOST);
    world.pass(Config::default().host_lost_after_ms);
    let statuses = [0, 1, 2].map(|index| (world.status((id, index)), world.run((id, index)).attempts.len()));
    assert_eq!(statuses, [(JobStatus::Failed, 1); 3], "none of them runs again without being asked to");
}
