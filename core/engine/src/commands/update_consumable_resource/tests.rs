//! Quantities change, each by one request once.

use crate::Error;
use crate::command::{Command, Response, UpdateConsumableResource};
use crate::entity::ConsumableKind;
use crate::testing::{World, consumable};
use longshore_types::Name;

fn update(world: &mut World, operation: &str, quantity: i64, token: Option<&str>) -> Result<Response, Error> {
    let command = UpdateConsumableResource {
        name: "r".into(),
        operation: Some(operation.into()),
        quantity: Some(quantity),
        client_token: token.map(ToOwned::to_owned),
    };
    world.try_apply(Command::UpdateConsumableResource(Box::new(command)))
}

fn world() -> World {
    let mut world = World::new(1);
    world.engine.put_consumable(consumable("r", ConsumableKind::Replenishable, 3));
    world.step();
    world
}

fn total(total: u64) -> Result<Response, Error> {
    Ok(Response::Quantity { name: "r".parse().unwrap(), total })
}

#[test]
fn cr_3_totals_are_set_raised_and_lowered_but_never_negative() {
    let mut world = world();
    assert_eq!(update(&mut world, "ADD", 2, None), total(5));
    assert_eq!(update(&mut world, "REMOVE", 1, None), total(4));
    assert_eq!(update(&mut world, "SET", 1, None), total(1));
    let text = "totalQuantity cannot be a negative number.";
    assert_eq!(update(&mut world, "REMOVE", 2, None), Err(Error::invalid(text)));
    let name: Name = "r".parse().unwrap();
    assert_eq!(world.rows.consumables[&name].total, 1);
}

#[test]
fn idem_2_same_update_with_the_same_token_is_made_once_even_after_a_restart() {
    let mut world = world();
    assert_eq!(update(&mut world, "ADD", 2, Some("t")), total(5));
    assert_eq!(update(&mut world, "ADD", 2, Some("t")), total(5));
    world.restart();
    assert_eq!(update(&mut world, "ADD", 2, Some("t")), total(5));
    assert_eq!(update(&mut world, "ADD", 2, Some("u")), total(7));
    let text = "clientToken t was used for a different update.";
    assert_eq!(update(&mut world, "ADD", 3, Some("t")), Err(Error::invalid(text)));
}

#[test]
fn idem_2_token_is_forgotten_after_eight_hours_and_its_row_with_the_next_update() {
    let mut world = world();
    assert_eq!(update(&mut world, "ADD", 1, Some("t")), total(4));
    world.now = world.now.plus_ms(8 * 3_600_000);
    assert_eq!(update(&mut world, "ADD", 1, Some("t")), total(5));
    world.now = world.now.plus_ms(8 * 3_600_000);
    assert_eq!(update(&mut world, "ADD", 1, Some("u")), total(6));
    let tokens: Vec<&String> = world.rows.consumable_updates.keys().map(|(_, token)| token).collect();
    assert_eq!(tokens, ["u"]);
}

#[test]
fn unknown_resource_is_refused() {
    let text = "ConsumableResource r not found.";
    assert_eq!(update(&mut World::new(1), "SET", 1, None), Err(Error::invalid(text)));
}
