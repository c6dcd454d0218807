//! What is told of jobs: each change of status, once, as it was then (`EV-1`), and blocked queues (`EV-3`).

use crate::entity::{Event, EventKind, EventSubject, Run};
use crate::testing::{Reference, World, after, attempts, sequential};
use longshore_protocol::{AttemptEnd, EndCause};
use longshore_types::{JobRef, JobStatus};

/// What has been told of a job or child.
fn told(world: &World, of: impl Into<Reference>) -> Vec<Run> {
    let of = of.into().0;
    let state = world.rows.events.values().filter(|event| event.kind == EventKind::StateChange);
    let concerned = |event: &&Event| event.after(0).any(|(_, reference)| reference == of);
    state.filter(concerned).map(|event| event.run.clone()).collect()
}

fn check_told(world: &World, of: impl Into<Reference>, expected: &str) {
    let statuses: Vec<_> = told(world, of).iter().map(|run| run.status.as_str()).collect();
    assert_eq!(statuses.join(" "), expected);
}

#[test]
fn job_that_succeeds_is_told_of_four_times_and_not_of_its_submission() {
    let mut world = World::new(1);
    let job = world.submit(|_| {});
    world.start(job);
    world.exit(job, 0);
    check_told(&world, job, "RUNNABLE STARTING RUNNING SUCCEEDED");
    assert_eq!(world.rows.events.keys().copied().collect::<Vec<_>>(), [1, 2, 3, 4]);
}

#[test]
fn start_and_end_in_one_report_are_told_each_as_it_was() {
    let mut world = World::new(1);
    let job = world.submit(|_| {});
    world.exit(job, 3);
    check_told(&world, job, "RUNNABLE STARTING RUNNING FAILED");
    let runs = told(&world, job);
    assert!(runs[1].current.is_some() && runs[1].started_at.is_none());
    assert!(runs[2].current.is_some() && runs[2].started_at.is_some() && runs[2].attempts.is_empty());
    assert_eq!(runs[3], world.run(job));
    assert_eq!(runs[3].attempts[0].exit_code, Some(3));
}

#[test]
fn retry_is_told_with_the_attempt_before_it() {
    let mut world = World::new(1);
    let job = world.submit(|job| job.retry = attempts(2));
    world.exit(job, 1);
    world.exit(job, 0);
    check_told(&world, job, "RUNNABLE STARTING RUNNING RUNNABLE STARTING RUNNING SUCCEEDED");
    let again = &told(&world, job)[3];
    assert_eq!((again.attempts.len(), again.current.as_ref()), (1, None));
}

#[test]
fn attempt_that_cannot_start_is_not_told_to_run() {
    let mut world = World::new(1);
    let job = world.submit(|_| {});
    world.end(job, AttemptEnd { cause: EndCause::StartFailed, exit_code: None, reason: None, containers: vec![] });
    check_told(&world, job, "RUNNABLE STARTING FAILED");
}

#[test]
fn array_is_told_as_pending_and_ended_with_the_counts_of_then() {
    let mut world = World::new(1);
    let job = world.submit(|job| job.array_size = Some(3));
    world.run_all();
    check_told(&world, job, "PENDING SUCCEEDED");
    check_told(&world, (job, 2), "RUNNABLE STARTING RUNNING SUCCEEDED");
    let last = world.rows.events.values().next_back().unwrap();
    let counts = JobStatus::ALL.map(|status| if status == JobStatus::Succeeded { 3 } else { 0 });
    assert_eq!((&last.subject, last.counts), (&EventSubject::One(JobRef::Job(job)), Some(counts)));
}

#[test]
fn million_children_that_begin_and_end_together_are_two_entries() {
    let mut world = World::new(1);
    let first = world.submit(|_| {});
    let job = world.submit(|job| job.array_size = Some(1_000_000));
    world.cancel(job);
    let of_job = |event: &&Event| event.subject.job() == job;
    let of_job: Vec<Event> = world.rows.events.values().filter(of_job).cloned().collect();
    assert_eq!(of_job.len(), 4, "the array PENDING, its children RUNNABLE, its children FAILED, the array FAILED");
    assert_eq!(of_job[2].seq - of_job[1].seq, 1_000_000);
    assert_eq!(of_job[2].run.status_reason.as_deref(), Some("because"));
    check_told(&world, (job, 999_999), "RUNNABLE FAILED");
    world.exit(first, 0);
    assert_eq!(world.rows.events.keys().next_back(), Some(&(of_job[3].seq + 2)), "a number for each");
}

#[test]
fn children_cancelled_beside_one_that_runs_are_told_without_it() {
    let mut world = World::new(1);
    let job = world.submit(|job| job.array_size = Some(3));
    world.start((job, 0));
    world.cancel(job);
    check_told(&world, (job, 0), "RUNNABLE STARTING RUNNING");
    check_told(&world, (job, 1), "RUNNABLE FAILED");
    check_told(&world, job, "PENDING");
    world.exit((job, 0), 0);
    check_told(&world, job, "PENDING FAILED");
}

#[test]
fn failure_is_told_along_the_dependents() {
    let mut world = World::new(1);
    let first = world.submit(|_| {});
    let second = world.submit(|job| job.depends_on = vec![after(first)]);
    let third = world.submit(|job| job.depends_on = vec![after(second)]);
    world.exit(first, 1);
    check_told(&world, third, "PENDING FAILED");
    let order: Vec<_> = world.rows.events.values().rev().take(3).map(|event| event.subject.job()).collect();
    assert_eq!(order, [third, second, first]);
    assert_eq!(told(&world, third)[1].status_reason.as_deref(), Some("Dependent Job failed"));
}

#[test]
fn sequential_children_are_told_one_by_one() {
    let mut world = World::new(2);
    let job = world.submit(|job| (job.array_size, job.depends_on) = (Some(2), vec![sequential()]));
    world.run_all();
    check_told(&world, (job, 0), "PENDING RUNNABLE STARTING RUNNING SUCCEEDED");
    check_told(&world, (job, 1), "PENDING RUNNABLE STARTING RUNNING SUCCEEDED");
}

#[test]
fn head_that_fits_no_host_is_told_once_as_runnable_with_the_reason() {
    let mut world = World::new(1);
    let job = world.submit(|job| {
        let overrides = crate::command::ContainerOverrides {
            resource_requirements: vec![("VCPU".into(), "64".into())],
            ..crate::command::ContainerOverrides::default()
        };
        job.container_overrides = Some(overrides);
    });
    let other = world.submit(|_| {});
    world.exit(other, 0);
    world.restart();
    let blocked: Vec<&Event> =
        world.rows.events.values().filter(|event| event.kind == EventKind::QueueBlocked).collect();
    assert_eq!(blocked.len(), 1);
    assert_eq!(blocked[0].subject, EventSubject::One(JobRef::Job(job)));
    assert_eq!(blocked[0].run, world.run(job));
    assert!(blocked[0].run.status_reason.as_ref().unwrap().starts_with("MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - "));
}

#[test]
fn restart_goes_on_with_the_next_number() {
    let mut world = World::new(1);
    let job = world.submit(|_| {});
    world.restart();
    world.exit(job, 0);
    assert_eq!(world.rows.events.keys().copied().collect::<Vec<_>>(), [1, 2, 3, 4]);
}
