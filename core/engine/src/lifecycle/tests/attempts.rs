//! Attempts and their ends (spec table 4.1, sections 5 and 6), hosts that come and go.

use crate::testing::{HOST, World, attempts};
use longshore_protocol::{AttemptEnd, EndCause};
use longshore_types::JobStatus;

#[test]
fn st_3_started_and_stopped_times_come_from_the_agent() {
    let mut world = World::new(1);
    let job = world.submit(|_| {});
    world.start(job);
    let started_at = world.now;
    assert_eq!((world.status(job), world.run(job).started_at), (JobStatus::Running, Some(started_at)));
    world.exit(job, 0);
    let run = world.run(job);
    assert_eq!((run.started_at, run.stopped_at), (Some(started_at), Some(world.now)));
    assert_eq!(run.status_reason.as_deref(), Some("Essential container in task exited"));
    assert_eq!(run.current, None);
}

#[test]
fn log_1_stream_is_named_after_definition_and_attempt_and_ends_with_it() {
    let mut world = World::new(1);
    let job = world.submit(|_| {});
    let attempt = world.running.values().next().unwrap().attempt;
    world.exit(job, 0);
    let stream = &world.rows.log_streams[&attempt];
    assert_eq!((stream.group.as_str(), stream.name.clone()), ("/aws/batch/job", format!("d/default/{attempt}")));
    assert_eq!(stream.ended_at, Some(world.now));
    assert_eq!(world.run(job).attempts[0].log_stream.as_ref(), Some(&stream.name));
}

#[test]
fn table_4_1_start_failure_has_no_exit_code_and_no_log() {
    let mut world = World::new(1);
    let job = world.submit(|_| {});
    let reason = Some("CannotStartContainerError: x".to_owned());
    world.end(
        job,
        AttemptEnd { cause: EndCause::StartFailed, exit_code: None, reason: reason.clone(), containers: vec![] },
    );
    let run = world.run(job);
    assert_eq!((run.status, run.status_reason.as_deref()), (JobStatus::Failed, Some("Task failed to start")));
    let attempt = &run.attempts[0];
    assert_eq!((&attempt.reason, attempt.exit_code, &attempt.log_stream), (&reason, None, &None));
    assert_eq!(run.started_at, None);
}

#[test]
fn tmo_2_timed_out_attempt_is_not_retried() {
    let mut world = World::new(1);
    let job = world.submit(|job| {
        job.retry = attempts(3);
        job.timeout_s = Some(Some(60));
    });
    assert_eq!(world.running.values().next().unwrap().timeout_ms, Some(60_000));
    world.end(job, AttemptEnd { cause: EndCause::TimedOut, exit_code: Some(137), reason: None, containers: vec![] });
    let run = world.run(job);
    let reason = Some("Job attempt duration exceeded timeout");
    assert_eq!((run.status, run.status_reason.as_deref(), run.attempts.len()), (JobStatus::Failed, reason, 1));
}

#[test]
fn rty_2_failed_attempt_is_tried_again_ahead_of_the_queue_until_attempts_are_used_up() {
    let mut world = World::new(1);
    let job = world.submit(|job| job.retry = attempts(2));
    let other = world.submit(|_| {});
    world.exit(job, 1);
    assert_eq!((world.status(job), world.status(other)), (JobStatus::Starting, JobStatus::Runnable));
    world.exit(job, 1);
    assert_eq!((world.status(job), world.run(job).attempts.len()), (JobStatus::Failed, 2));
}

#[test]
fn repeated_and_foreign_reports_change_nothing() {
    let mut world = World::new(1);
    let job = world.submit(|_| {});
    let start = world.running.values().next().unwrap().clone();
    world.exit(job, 0);
    let before = world.rows.clone();
    world.running.insert(start.job, start);
    world.exit(job, 1);
    assert_eq!(world.rows, before);
}

#[test]
fn attempts_die_with_their_agent_and_are_retried() {
    let mut world = World::new(2);
    let once = world.submit(|_| {});
    let twice = world.submit(|job| job.retry = attempts(2));
    world.running.clear();
    world.incarnation = 2;
    world.hello();
    let reason = format!("Host EC2 (instance {}) terminated.", HOST.instance_id());
    assert_eq!((world.status(once), world.reason(once)), (JobStatus::Failed, reason.clone()));
    assert_eq!(
        (world.status(twice), world.run(twice).attempts[0].status_reason.clone()),
        (JobStatus::Starting, reason)
    );
}

#[test]
fn reconnected_agent_is_told_again_what_it_lacks_and_what_nobody_wants() {
    let mut world = World::new(1);
    let job = world.submit(|_| {});
    let start = world.running.remove(&longshore_types::JobRef::Job(job)).unwrap();
    world.hello();
    assert_eq!(world.running.values().collect::<Vec<_>>(), [&start]);
    world.terminate(job);
    world.stopped.clear();
    world.hello();
    assert_eq!(world.stopped, [start.attempt]);
}

#[test]
fn host_that_stays_away_is_given_up_and_its_late_attempts_are_stopped() {
    let mut world = World::new(1);
    let job = world.submit(|_| {});
    let attempt = world.running.values().next().unwrap().attempt;
    world.engine.host_disconnected(world.now, HOST);
    let deadline = world.engine.next_deadline().unwrap();
    world.engine.tick(deadline);
    world.step();
    assert_eq!(world.status(job), JobStatus::Failed);
    world.hello();
    assert_eq!(world.stopped, [attempt]);
}

#[test]
fn jq_10_jobs_end_with_their_queue() {
    let mut world = World::new(1);
    let (running, waiting) = (world.submit(|_| {}), world.submit(|_| {}));
    let queue = "q".parse().unwrap();
    super::super::end_jobs_of_queue(&mut world.engine, world.now, &queue);
    super::super::settle(&mut world.engine, world.now);
    world.step();
    assert_eq!((world.status(waiting), world.reason(waiting)), (JobStatus::Failed, "JobQueue deleted".into()));
    world.end(running, AttemptEnd { cause: EndCause::Stopped, exit_code: Some(137), reason: None, containers: vec![] });
    assert_eq!((world.status(running), world.reason(running)), (JobStatus::Failed, "JobQueue deleted".into()));
}
