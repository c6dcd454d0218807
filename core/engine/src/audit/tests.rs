//! Rows of a small history keep every rule; each rule that is then broken is found, and nothing else.

use super::{Invariant, audit};
use crate::command::{Command, CreateConsumableResource};
use crate::entity::DependencyOutcome;
use crate::rows::Rows;
use crate::testing::{World, after};
use longshore_types::{JobId, JobRef, JobStatus};
use std::collections::BTreeSet;

/// A history: an array of which a child runs, a job that waits for it, and one that has ended.
struct History {
    rows: Rows,
    array: JobId,
    waiting: JobId,
    ended: JobId,
}

fn history() -> History {
    let mut world = World::new(1);
    let licence = CreateConsumableResource { name: "l".into(), total: Some(2), ..CreateConsumableResource::default() };
    world.try_apply(Command::CreateConsumableResource(Box::new(licence))).unwrap();
    let ended = world.submit(|_| {});
    world.exit(ended, 0);
    let array = world.submit(|job| job.array_size = Some(3));
    world.start((array, 0));
    let waiting = world.submit(|job| job.depends_on = vec![after(array)]);
    History { rows: world.rows, array, waiting, ended }
}

fn check(break_it: impl FnOnce(&mut History), expected: &[Invariant]) {
    let mut history = history();
    assert_eq!(audit(&history.rows, &BTreeSet::new()), []);
    break_it(&mut history);
    let found: BTreeSet<Invariant> =
        audit(&history.rows, &BTreeSet::new()).iter().map(|found| found.invariant).collect();
    assert_eq!(found, expected.iter().copied().collect());
}

#[test]
fn counter_off_by_one_is_found() {
    let off = |history: &mut History| {
        history.rows.jobs.get_mut(&history.array).unwrap().array.as_mut().unwrap().counts[0] += 1;
    };
    check(off, &[Invariant::ArrayCounters]);
}

#[test]
fn queue_and_environment_and_host_that_are_gone_are_found() {
    check(|history| history.rows.queues.clear(), &[Invariant::References]);
    check(|history| history.rows.environments.clear(), &[Invariant::References]);
    check(|history| history.rows.hosts.clear(), &[Invariant::References]);
}

#[test]
fn children_without_their_job_are_found_unless_it_is_leaving() {
    let mut history = history();
    let streams: Vec<_> = history.rows.log_streams.keys().copied().collect();
    history.rows.jobs.remove(&history.ended);
    assert_eq!(audit(&history.rows, &BTreeSet::from([history.ended])), []);
    let found = audit(&history.rows, &BTreeSet::new());
    assert_eq!(found.iter().map(|found| found.invariant).collect::<Vec<_>>(), [Invariant::LogStreams]);
    assert_eq!(streams.len(), 2, "one of the job that is gone, one of the child that runs");
    let (child, run) = history.rows.children.pop_first().unwrap();
    history.rows.children.insert((child.0, 7), run);
    let found: Vec<_> =
        audit(&history.rows, &BTreeSet::from([history.ended])).into_iter().map(|f| f.invariant).collect();
    assert!(found.contains(&Invariant::References), "{found:?}");
}

#[test]
fn status_that_does_not_go_with_the_attempt_is_found() {
    let alive = |history: &mut History| {
        let run = history.rows.children.values_mut().next().unwrap();
        run.started_at = None;
    };
    check(alive, &[Invariant::Lives]);
    let unplaced = |history: &mut History| history.rows.children.values_mut().next().unwrap().current = None;
    check(unplaced, &[Invariant::Lives]);
    let undead = |history: &mut History| {
        history.rows.jobs.get_mut(&history.ended).unwrap().run.stopped_at = None;
    };
    check(undead, &[Invariant::Lives]);
}

#[test]
fn attempt_of_two_jobs_is_found() {
    let twice = |history: &mut History| {
        let attempts = history.rows.jobs[&history.ended].run.attempts.clone();
        history.rows.jobs.get_mut(&history.waiting).unwrap().run.attempts = attempts;
    };
    check(twice, &[Invariant::Attempts]);
}

#[test]
fn dependency_that_is_gone_or_has_ended_is_found() {
    let gone = |history: &mut History| {
        let absent = JobId::from_random(5);
        history.rows.jobs.get_mut(&history.waiting).unwrap().depends_on[0].target = Some(JobRef::Job(absent));
    };
    check(gone, &[Invariant::Dependencies]);
    let ended = |history: &mut History| {
        let ended = history.ended;
        history.rows.jobs.get_mut(&history.waiting).unwrap().depends_on[0].target = Some(JobRef::Job(ended));
    };
    check(ended, &[Invariant::Dependencies]);
    let decided = |history: &mut History| {
        let waiting = history.rows.jobs.get_mut(&history.waiting).unwrap();
        assert_eq!(waiting.run.status, JobStatus::Pending);
        waiting.depends_on[0].outcome = DependencyOutcome::Met;
    };
    check(decided, &[Invariant::Dependencies]);
}

#[test]
fn resource_in_use_that_nobody_holds_is_found() {
    let leaked = |history: &mut History| history.rows.consumables.values_mut().next().unwrap().in_use = 1;
    check(leaked, &[Invariant::Consumables]);
}

#[test]
fn stream_that_outlives_its_job_and_gap_between_events_are_found() {
    let open = |history: &mut History| {
        let ended = history.ended;
        let of_ended = history.rows.log_streams.values_mut().find(|stream| stream.job.job() == ended);
        of_ended.unwrap().ended_at = None;
    };
    check(open, &[Invariant::LogStreams]);
    check(|history| drop(history.rows.events.remove(&2)), &[Invariant::Events]);
}
