//! Consumable resources come into being.

use crate::command::{Command, CreateConsumableResource, Response};
use crate::entity::ConsumableKind;
use crate::testing::World;
use crate::{Config, Error};
use longshore_types::{Limits, Name};

fn create(world: &mut World, change: impl FnOnce(&mut CreateConsumableResource)) -> Result<Response, Error> {
    let mut command = CreateConsumableResource { name: "r".into(), total: Some(3), ..Default::default() };
    change(&mut command);
    world.try_apply(Command::CreateConsumableResource(Box::new(command)))
}

#[test]
fn cr_1_resource_is_replenishable_and_free_at_first() {
    let mut world = World::new(1);
    let name: Name = "r".parse().unwrap();
    assert_eq!(create(&mut world, |_| {}), Ok(Response::Named(name.clone())));
    let row = &world.rows.consumables[&name];
    assert_eq!((row.kind, row.total, row.in_use, row.available()), (ConsumableKind::Replenishable, 3, 0, 3));
}

#[test]
fn names_taken_or_bad_negative_totals_and_one_too_many_are_refused() {
    let limits = Limits { consumable_resources: 1, ..Limits::aws() };
    let mut world = World::with_config(1, Config { limits, ..Config::default() });
    create(&mut world, |_| {}).unwrap();
    let before = world.rows.clone();
    let mut refused = |change: fn(&mut CreateConsumableResource), text: &str| {
        assert_eq!(create(&mut world, change), Err(Error::invalid(text)));
    };
    refused(|command| command.name = "a.b".into(), "ConsumableResource name should match a valid pattern.");
    refused(|command| command.total = Some(-1), "totalQuantity cannot be a negative number.");
    refused(|command| command.name = "s".into(), "An account can have at most 1 consumable resources.");
    assert_eq!(create(&mut world, |_| {}), Err(Error::AlreadyExists));
    assert_eq!(world.rows, before);
}
