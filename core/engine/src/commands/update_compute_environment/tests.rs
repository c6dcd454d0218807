//! Updates take effect at once and change nothing when refused.

use crate::Error;
use crate::command::{Command, ComputeResourcesInput, Response, UpdateComputeEnvironment};
use crate::entity::{ComputeEnvironment, ResourceState};
use crate::testing::World;
use longshore_types::Name;

fn update(world: &mut World, change: impl FnOnce(&mut UpdateComputeEnvironment)) -> Result<ComputeEnvironment, Error> {
    let mut command = UpdateComputeEnvironment { name: "ce".into(), ..UpdateComputeEnvironment::default() };
    change(&mut command);
    let response = world.try_apply(Command::UpdateComputeEnvironment(Box::new(command)))?;
    let name: Name = "ce".parse().unwrap();
    assert_eq!(response, Response::Named(name.clone()));
    Ok(world.engine.environments()[&name].clone())
}

fn sizes(max: i64) -> ComputeResourcesInput {
    ComputeResourcesInput { max_vcpus: Some(max), ..ComputeResourcesInput::default() }
}

#[test]
fn ce_16_maximum_raised_starts_what_waited() {
    let mut world = World::new(8);
    update(&mut world, |command| command.compute = Some(sizes(1))).unwrap();
    world.submit(|_| {});
    world.submit(|_| {});
    assert_eq!(world.running.len(), 1);
    update(&mut world, |command| command.compute = Some(sizes(2))).unwrap();
    assert_eq!(world.running.len(), 2);
}

#[test]
fn sch_4_disabled_environment_keeps_what_runs_and_takes_nothing_new() {
    let mut world = World::new(8);
    world.submit(|_| {});
    let disabled = update(&mut world, |command| command.state = Some("DISABLED".into())).unwrap();
    assert_eq!(disabled.state, ResourceState::Disabled);
    world.submit(|_| {});
    assert_eq!(world.running.len(), 1);
    update(&mut world, |command| command.state = Some("ENABLED".into())).unwrap();
    assert_eq!(world.running.len(), 2);
}

#[test]
fn ce_15_refusals_have_aws_texts_and_change_nothing() {
    let mut world = World::new(1);
    let before = world.engine.environments().clone();
    let managed = "unmanagedvCpus is not applicable to managed Compute Environments";
    let role = "The service role cannot be changed between the Batch Service Linked Role and another role.";
    type Change = fn(&mut UpdateComputeEnvironment);
    let cases: [(Change, &str); 6] = [
        (|_| {}, "One of [state | compute-resources | service-role | unmanaged-vcpus] is required."),
        (|command| command.name = "x".into(), "ComputeEnvironment x not found."),
        (
            |command| command.compute = Some(ComputeResourcesInput::default()),
            "At least one compute-resources attribute must be specified",
        ),
        (|command| command.compute = Some(sizes(-1)), "maxvCpus should be greater than or equal to minvCpus."),
        (|command| command.unmanaged_vcpus = Some(1), managed),
        (|command| command.service_role = Some("custom".into()), role),
    ];
    for (change, text) in cases {
        assert_eq!(update(&mut world, change), Err(Error::invalid(text)));
    }
    assert_eq!(world.engine.environments(), &before);
}
