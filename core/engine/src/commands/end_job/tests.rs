//! CancelJob and TerminateJob in each state (spec section 10).

use crate::command::{Command, EndJob, Response};
use crate::testing::{World, after, attempts};
use crate::{Config, Error};
use longshore_protocol::{AttemptEnd, EndCause};
use longshore_types::{JobId, JobRef, JobStatus};

const STOPPED: AttemptEnd =
    AttemptEnd { cause: EndCause::Stopped, exit_code: Some(143), reason: None, containers: Vec::new() };

#[test]
fn can_1_runnable_job_is_cancelled_with_the_callers_reason() {
    let mut world = World::new(1);
    let (_running, waiting) = (world.submit(|_| {}), world.submit(|_| {}));
    world.cancel(waiting);
    let run = world.run(waiting);
    assert_eq!((run.status, run.status_reason.as_deref()), (JobStatus::Failed, Some("because")));
    assert_eq!((run.cancelled, run.terminated, run.started_at), (true, false, None));
    assert_eq!(run.stopped_at, Some(world.now));
    assert_eq!(world.run_all().len(), 1);
}

#[test]
fn can_1_running_job_is_not_touched_by_cancel() {
    let mut world = World::new(1);
    let job = world.submit(|_| {});
    world.cancel(job);
    assert!(world.stopped.is_empty());
    world.exit(job, 0);
    assert_eq!((world.status(job), world.run(job).cancelled), (JobStatus::Succeeded, false));
}

#[test]
fn can_2_pending_job_is_cancelled_at_once_unless_late_cancellation_is_asked_for() {
    let mut world = World::new(1);
    let first = world.submit(|_| {});
    let waiting = world.submit(|job| job.depends_on = vec![after(first)]);
    world.cancel(waiting);
    assert_eq!(world.status(waiting), JobStatus::Failed);

    let mut world = World::with_config(1, Config { cancel_pending_late: true, ..Config::default() });
    let first = world.submit(|_| {});
    let waiting = world.submit(|job| job.depends_on = vec![after(first)]);
    world.terminate(waiting);
    assert_eq!((world.status(waiting), world.run(waiting).terminated), (JobStatus::Pending, true));
    world.exit(first, 0);
    assert_eq!((world.status(waiting), world.reason(waiting)), (JobStatus::Failed, "because".into()));
}

#[test]
fn can_3_cancelled_array_ends_its_waiting_children_and_lets_the_others_finish() {
    let mut world = World::new(2);
    let array = world.submit(|job| job.array_size = Some(1_000));
    world.cancel(array);
    assert_eq!(world.status(array), JobStatus::Pending);
    assert_eq!(world.status((array, 999)), JobStatus::Failed);
    assert_eq!(world.reason((array, 999)), "because");
    assert_eq!(world.rows.children.len(), 2, "children that never ran have no rows");
    world.run_all();
    assert_eq!((world.status(array), world.reason(array)), (JobStatus::Failed, "because".into()));
    assert_eq!(world.counts(array)[JobStatus::Succeeded as usize], 2);
    assert_eq!(world.counts(array)[JobStatus::Failed as usize], 998);
}

#[test]
fn arr_4_cancelled_child_leaves_its_siblings_alone_and_dooms_the_parent() {
    let mut world = World::new(1);
    let array = world.submit(|job| job.array_size = Some(3));
    world.cancel((array, 1));
    assert_eq!(world.status((array, 1)), JobStatus::Failed);
    assert_eq!(world.run_all(), [JobRef::Child(array, 0), JobRef::Child(array, 2)]);
    assert_eq!((world.status(array), world.reason(array)), (JobStatus::Failed, "Array Child Job failed".into()));
}

#[test]
fn ter_1_running_job_is_stopped_and_fails_with_the_callers_reason_and_is_not_retried() {
    let mut world = World::new(1);
    let job = world.submit(|job| job.retry = attempts(3));
    world.start(job);
    world.terminate(job);
    assert_eq!(world.stopped.len(), 1);
    assert_eq!(world.status(job), JobStatus::Running);
    world.end(job, STOPPED);
    let run = world.run(job);
    assert_eq!((run.status, run.status_reason.as_deref()), (JobStatus::Failed, Some("because")));
    assert_eq!((run.terminated, run.attempts.len()), (true, 1));
    assert_eq!(run.attempts[0].exit_code, Some(143));
}

#[test]
fn ter_1_terminated_array_stops_what_runs_and_ends_what_waits() {
    let mut world = World::new(2);
    let array = world.submit(|job| job.array_size = Some(5));
    world.terminate(array);
    assert_eq!(world.stopped.len(), 2);
    world.end((array, 0), STOPPED);
    world.end((array, 1), STOPPED);
    assert_eq!((world.status(array), world.reason(array)), (JobStatus::Failed, "because".into()));
    assert!((0..5).all(|index| world.run((array, index)).terminated));
}

#[test]
fn ter_2_reason_longer_than_the_limit_is_refused() {
    let mut world = World::new(1);
    let job = world.submit(|_| {});
    let end = |chars: usize| Command::TerminateJob(EndJob { job: Some(JobRef::Job(job)), reason: "é".repeat(chars) });
    let error = Error::invalid("reason must be at most 1024 characters long.");
    assert_eq!(world.try_apply(end(1_025)), Err(error));
    assert!(world.stopped.is_empty());
    assert_eq!(world.try_apply(end(1_024)), Ok(Response::Done));
}

#[test]
fn a15_unknown_and_ended_jobs_are_answered_like_any_other() {
    let mut world = World::new(1);
    let job = world.submit(|_| {});
    world.exit(job, 0);
    let before = world.rows.clone();
    world.cancel(job);
    world.terminate(job);
    world.terminate(JobId::from_random(9));
    assert_eq!(world.rows, before);
}

#[test]
fn child_that_has_ended_is_left_alone_while_its_array_goes_on() {
    let mut world = World::new(1);
    let array = world.submit(|job| job.array_size = Some(2));
    world.exit((array, 0), 0);
    world.terminate((array, 0));
    world.cancel((array, 0));
    let run = world.run((array, 0));
    assert_eq!((run.status, run.terminated, run.cancelled), (JobStatus::Succeeded, false, false));
}
