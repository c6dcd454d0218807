//! Consumable resources go at any time.

use crate::command::{Command, Response, UpdateConsumableResource};
use crate::entity::ConsumableKind;
use crate::testing::{World, consumable};

#[test]
fn cr_4_resource_and_the_updates_made_of_it_are_gone() {
    let mut world = World::new(1);
    world.engine.put_consumable(consumable("r", ConsumableKind::Replenishable, 3));
    let update = UpdateConsumableResource {
        name: "r".into(),
        quantity: Some(1),
        client_token: Some("t".into()),
        ..UpdateConsumableResource::default()
    };
    world.try_apply(Command::UpdateConsumableResource(Box::new(update))).unwrap();
    assert_eq!((world.rows.consumables.len(), world.rows.consumable_updates.len()), (1, 1));
    for _ in 0..2 {
        let deleted = world.try_apply(Command::DeleteConsumableResource("r".into()));
        assert_eq!(deleted, Ok(Response::Done), "IDEM-5");
        assert!(world.rows.consumables.is_empty() && world.rows.consumable_updates.is_empty());
    }
}
