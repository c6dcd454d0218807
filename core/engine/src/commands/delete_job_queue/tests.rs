//! A queue takes its jobs with it, and goes when the last has ended.

use crate::Error;
use crate::command::{Command, Response, UpdateJobQueue};
use crate::testing::World;
use longshore_protocol::{AttemptEnd, EndCause};
use longshore_types::JobStatus;

fn delete(world: &mut World) -> Result<Response, Error> {
    world.try_apply(Command::DeleteJobQueue("q".into()))
}

fn disable(world: &mut World) {
    let state = Some("DISABLED".into());
    let update = UpdateJobQueue { name: "q".into(), state, ..UpdateJobQueue::default() };
    world.try_apply(Command::UpdateJobQueue(Box::new(update))).unwrap();
}

#[test]
fn jq_10_queue_enabled_is_not_deleted() {
    let refused = Error::invalid("Cannot delete, state must be DISABLED");
    assert_eq!(delete(&mut World::new(1)), Err(refused));
}

#[test]
fn jq_10_queue_disabled_and_empty_is_gone_at_once() {
    let mut world = World::new(1);
    disable(&mut world);
    assert_eq!(delete(&mut world), Ok(Response::Done));
    assert!(world.engine.queues().is_empty());
    assert!(world.rows.queues.is_empty());
}

#[test]
fn jq_10_waiting_jobs_fail_at_once_and_running_ones_are_stopped() {
    let mut world = World::new(1);
    let running = world.submit(|_| {});
    let waiting = world.submit(|_| {});
    disable(&mut world);
    assert_eq!(delete(&mut world), Ok(Response::Done));
    assert_eq!((world.status(waiting), world.reason(waiting)), (JobStatus::Failed, "JobQueue deleted".into()));
    assert_eq!(world.stopped.len(), 1);
    assert_eq!(world.engine.queues().len(), 1);
    world.end(running, AttemptEnd { cause: EndCause::Exited, exit_code: Some(143), reason: None, containers: vec![] });
    assert_eq!((world.status(running), world.reason(running)), (JobStatus::Failed, "JobQueue deleted".into()));
    assert!(world.engine.queues().is_empty());
}

#[test]
fn idem_5_queue_unknown_or_going_counts_as_deleted() {
    let mut world = World::new(1);
    assert_eq!(world.try_apply(Command::DeleteJobQueue("none".into())), Ok(Response::Done));
    world.submit(|_| {});
    disable(&mut world);
    delete(&mut world).unwrap();
    assert_eq!(delete(&mut world), Ok(Response::Done));
    assert_eq!(world.stopped.len(), 1);
}
