//! Which definitions go.

use crate::command::{Command, Response};
use crate::entity::{DefinitionId, JobDefinition};
use crate::testing::{World, definition};
use longshore_types::Timestamp;

fn id(revision: u32) -> DefinitionId {
    DefinitionId { name: "x".parse().unwrap(), revision }
}

#[test]
fn section_25_definition_deregistered_long_ago_goes_unless_it_is_the_latest() {
    let mut world = World::new(1);
    for (revision, deregistered_at) in [(1, Some(10)), (2, Some(20)), (3, None), (4, Some(10))] {
        let deregistered_at = deregistered_at.map(Timestamp::from_millis);
        let active = deregistered_at.is_none();
        world.engine.put_definition(JobDefinition { id: id(revision), active, deregistered_at, ..definition("x") });
    }
    world.step();
    let forgotten = world.try_apply(Command::ForgetDefinitions(Timestamp::from_millis(20)));
    assert_eq!(forgotten, Ok(Response::Forgotten { more: false }));
    let left = |revision| world.rows.definitions.contains_key(&id(revision));
    assert_eq!([1, 2, 3, 4].map(left), [false, true, true, true]);
    world.restart();
    assert!(!world.engine.definitions().contains_key(&id(1)));
}

#[test]
fn many_definitions_go_in_steps() {
    let mut world = World::new(1);
    for revision in 1..=300 {
        let deregistered_at = Some(Timestamp::from_millis(10));
        world.engine.put_definition(JobDefinition {
            id: id(revision),
            active: false,
            deregistered_at,
            ..definition("x")
        });
    }
    let mut forget = || world.try_apply(Command::ForgetDefinitions(Timestamp::from_millis(20))).unwrap();
    assert_eq!([forget(), forget()], [Response::Forgotten { more: true }, Response::Forgotten { more: false }]);
    assert_eq!(world.engine.definitions().keys().filter(|id| id.name == "x".parse().unwrap()).count(), 1);
}
