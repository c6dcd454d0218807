//! Which definitions go.

use crate::command::Command;
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
    world.try_apply(Command::ForgetDefinitions(Timestamp::from_millis(20))).unwrap();
    let left = |revision| world.rows.definitions.contains_key(&id(revision));
    assert_eq!([1, 2, 3, 4].map(left), [false, true, true, true]);
    world.restart();
    assert!(!world.engine.definitions().contains_key(&id(1)));
}
