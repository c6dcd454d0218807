//! Deletion has its preconditions.

use crate::Error;
use crate::command::{Command, Response, UpdateComputeEnvironment, UpdateJobQueue};
use crate::testing::World;

fn delete(world: &mut World, name: &str) -> Result<Response, Error> {
    world.try_apply(Command::DeleteComputeEnvironment(name.into()))
}

fn disable(world: &mut World) {
    let state = Some("DISABLED".into());
    let update = UpdateComputeEnvironment { name: "ce".into(), state, ..UpdateComputeEnvironment::default() };
    world.try_apply(Command::UpdateComputeEnvironment(Box::new(update))).unwrap();
}

#[test]
fn ce_20_environment_enabled_or_attached_is_not_deleted() {
    let mut world = World::new(1);
    assert_eq!(delete(&mut world, "ce"), Err(Error::invalid("Cannot delete, state must be DISABLED")));
    disable(&mut world);
    let attached = Error::invalid("Cannot delete, found existing JobQueue relationship");
    assert_eq!(delete(&mut world, "ce"), Err(attached));
}

#[test]
fn ce_20_environment_disabled_and_free_is_gone() {
    let mut world = World::new(1);
    disable(&mut world);
    let state = Some("DISABLED".into());
    let update = UpdateJobQueue { name: "q".into(), state, ..UpdateJobQueue::default() };
    world.try_apply(Command::UpdateJobQueue(Box::new(update))).unwrap();
    world.try_apply(Command::DeleteJobQueue("q".into())).unwrap();
    assert_eq!(delete(&mut world, "ce"), Ok(Response::Done));
    assert!(world.engine.environments().is_empty());
    assert!(world.rows.environments.is_empty());
}

#[test]
fn idem_5_unknown_environment_counts_as_deleted() {
    assert_eq!(delete(&mut World::new(1), "none"), Ok(Response::Done));
}
