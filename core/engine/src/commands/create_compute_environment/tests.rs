//! Environments are usable at once, by one name each.

use crate::command::{Command, ComputeResourcesInput, CreateComputeEnvironment, Response};
use crate::entity::ResourceStatus;
use crate::testing::World;
use crate::{Config, Error};
use longshore_types::{Limits, Name};

fn create(world: &mut World, name: &str) -> Result<Response, Error> {
    world.try_apply(Command::CreateComputeEnvironment(Box::new(CreateComputeEnvironment {
        name: name.into(),
        kind: "MANAGED".into(),
        compute: Some(ComputeResourcesInput {
            kind: Some("EC2".into()),
            max_vcpus: Some(4),
            ..ComputeResourcesInput::default()
        }),
        tags: [("longshore:provider".to_owned(), "local".to_owned())].into(),
        ..CreateComputeEnvironment::default()
    })))
}

#[test]
fn ce_9_environment_created_is_valid_with_a_uuid_of_its_own() {
    let mut world = World::new(1);
    let (one, two): (Name, Name) = ("one".parse().unwrap(), "two".parse().unwrap());
    assert_eq!(create(&mut world, "one"), Ok(Response::Named(one.clone())));
    create(&mut world, "two").unwrap();
    let (one, two) = (&world.engine.environments()[&one], &world.engine.environments()[&two]);
    assert_eq!((one.status, one.status_reason.as_str()), (ResourceStatus::Valid, "ComputeEnvironment Healthy"));
    assert_eq!(one.uuid.len(), 36);
    assert_ne!(one.uuid, two.uuid);
}

#[test]
fn err_4_name_taken_is_refused() {
    let mut world = World::new(1);
    assert_eq!(create(&mut world, "ce"), Err(Error::AlreadyExists));
}

#[test]
fn name_malformed_is_refused() {
    let refused = create(&mut World::new(1), "a b");
    assert_eq!(refused, Err(Error::invalid("Compute Environment name should match a valid pattern.")));
}

#[test]
fn quota_of_environments_full_is_refused() {
    let limits = Limits { environments: 1, ..Limits::aws() };
    let mut world = World::with_config(1, Config { limits, ..Config::default() });
    let refused = create(&mut world, "more");
    assert_eq!(refused, Err(Error::invalid("An account can have at most 1 compute environments.")));
}
