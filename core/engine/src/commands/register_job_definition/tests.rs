//! Revisions, and that a refusal leaves none.

use crate::command::{Command, ContainerInput, RegisterJobDefinition, Response};
use crate::entity::DefinitionId;
use crate::testing::World;
use crate::{Config, Error};
use longshore_types::Limits;

fn register(world: &mut World, change: impl FnOnce(&mut RegisterJobDefinition)) -> Result<u32, Error> {
    let mut command = RegisterJobDefinition {
        name: "work".into(),
        kind: "container".into(),
        container: Some(ContainerInput {
            image: Some("host".into()),
            resource_requirements: vec![("VCPU".into(), "1".into()), ("MEMORY".into(), "64".into())],
            ..ContainerInput::default()
        }),
        ..RegisterJobDefinition::default()
    };
    change(&mut command);
    match world.try_apply(Command::RegisterJobDefinition(Box::new(command)))? {
        Response::Registered(id) => Ok(id.revision),
        other => panic!("not a registration: {other:?}"),
    }
}

fn id(revision: u32) -> DefinitionId {
    DefinitionId { name: "work".parse().unwrap(), revision }
}

#[test]
fn idem_3_same_request_gives_a_new_revision() {
    let mut world = World::new(1);
    assert_eq!(register(&mut world, |_| {}), Ok(1));
    assert_eq!(register(&mut world, |_| {}), Ok(2));
    assert_eq!(register(&mut world, |command| command.name = "work-2".into()), Ok(1));
}

#[test]
fn jd_1_revisions_are_not_reused_after_deregistration() {
    let mut world = World::new(1);
    register(&mut world, |_| {}).unwrap();
    world.try_apply(Command::DeregisterJobDefinition(id(1))).unwrap();
    assert_eq!(register(&mut world, |_| {}), Ok(2));
}

#[test]
fn jd_3_deregistered_revision_takes_no_jobs_and_stays() {
    let mut world = World::new(1);
    register(&mut world, |_| {}).unwrap();
    world.submit(|job| job.job_definition.name = "work".into());
    world.try_apply(Command::DeregisterJobDefinition(id(1))).unwrap();
    let refused = world.try_submit(|job| job.job_definition.name = "work".into()).unwrap_err();
    assert_eq!(refused.to_string(), "JobDefinition name work does not exist or is not in ACTIVE status");
    let definition = &world.engine.definitions()[&id(1)];
    assert!(!definition.active && definition.deregistered_at > Some(definition.registered_at));
    assert_eq!(world.run_all().len(), 1);
}

#[test]
fn idem_5_unknown_revision_is_deregistered_without_a_trace() {
    let mut world = World::new(1);
    assert_eq!(world.try_apply(Command::DeregisterJobDefinition(id(9))), Ok(Response::Done));
    assert!(!world.engine.definitions().contains_key(&id(9)));
}

#[test]
fn refused_registration_leaves_no_revision() {
    let mut world = World::new(1);
    let refused = register(&mut world, |command| command.scheduling_priority = Some(10_000));
    assert_eq!(refused, Err(Error::invalid("Scheduling priority must be between 0 and 9999.")));
    let refused = register(&mut world, |command| command.name = "a b".into());
    assert_eq!(refused, Err(Error::invalid("Job Definition name should match a valid pattern.")));
    assert_eq!(register(&mut world, |_| {}), Ok(1));
}

#[test]
fn jd_2_definition_larger_than_the_quota_is_refused() {
    let mut world = World::with_config(1, Config { limits: Limits::aws(), ..Config::default() });
    assert_eq!(register(&mut world, |command| command.body_bytes = 24 * 1_024), Ok(1));
    let refused = register(&mut world, |command| command.body_bytes = 24 * 1_024 + 1);
    assert_eq!(refused, Err(Error::invalid("A job definition can have at most 24576 bytes.")));
}
