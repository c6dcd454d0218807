//! Who holds what of consumable resources.

use super::{Consumables, updated_total};
use crate::entity::{ConsumableKind, ConsumableNeed, ConsumableResource, ConsumableUpdate, QuantityOperation};
use longshore_types::Timestamp;

fn resource(kind: ConsumableKind, total: u64, creation: u64) -> ConsumableResource {
    ConsumableResource {
        name: "r".parse().unwrap(),
        creation,
        kind,
        total,
        in_use: 0,
        tags: crate::entity::Tags::new(),
        created_at: Timestamp::default(),
    }
}

fn with(kind: ConsumableKind, total: u64) -> Consumables {
    let mut consumables = Consumables::default();
    consumables.put(resource(kind, total, 1));
    consumables
}

fn needs(quantity: u64) -> Vec<ConsumableNeed> {
    vec![ConsumableNeed { resource: "r".parse().unwrap(), quantity }]
}

fn numbers(consumables: &Consumables) -> (u64, u64, u64) {
    let row = consumables.get(&"r".parse().unwrap()).unwrap();
    (row.shown_total(), row.in_use, row.available())
}

#[test]
fn cr_2_what_is_given_back_is_free_again_or_gone() {
    for (kind, after) in [(ConsumableKind::Replenishable, (5, 0, 5)), (ConsumableKind::NonReplenishable, (2, 0, 2))] {
        let mut consumables = with(kind, 5);
        let holds = consumables.take(&needs(3));
        assert_eq!(numbers(&consumables), (5, 3, 2));
        consumables.give_back(&holds);
        assert_eq!(numbers(&consumables), after, "{kind:?}");
    }
}

#[test]
fn cr_3_total_lowered_below_what_is_in_use_follows_it() {
    let mut consumables = with(ConsumableKind::Replenishable, 5);
    let (first, second) = (consumables.take(&needs(3)), consumables.take(&needs(2)));
    consumables.put(ConsumableResource { total: 1, in_use: 5, ..resource(ConsumableKind::Replenishable, 1, 1) });
    assert_eq!(numbers(&consumables), (5, 5, 0));
    consumables.give_back(&first);
    assert_eq!(numbers(&consumables), (2, 2, 0));
    consumables.give_back(&second);
    assert_eq!(numbers(&consumables), (1, 0, 1));
}

#[test]
fn cr_4_what_was_held_of_a_deleted_resource_is_not_given_to_its_successor() {
    let mut consumables = with(ConsumableKind::Replenishable, 5);
    let holds = consumables.take(&needs(3));
    consumables.delete(&"r".parse().unwrap());
    consumables.give_back(&holds);
    consumables.put(resource(ConsumableKind::Replenishable, 1, 2));
    consumables.give_back(&holds);
    assert_eq!(numbers(&consumables), (1, 0, 1));
    let restored = |creation| {
        let rows = vec![resource(ConsumableKind::Replenishable, 4, creation)];
        let mut consumables = Consumables::restore(rows, Vec::new());
        consumables.adopt(&holds);
        numbers(&consumables)
    };
    assert_eq!((restored(1), restored(2)), ((4, 3, 1), (4, 0, 4)));
}

#[test]
fn cr_3_set_of_what_is_not_replenishable_is_of_what_is_available() {
    use QuantityOperation::{Add, Remove, Set};
    let used = |kind| ConsumableResource { in_use: 3, ..resource(kind, 5, 1) };
    let totals = |kind| {
        [(Set, 4), (Add, 4), (Remove, 2), (Remove, 4), (Remove, 6)]
            .map(|(operation, quantity)| updated_total(&used(kind), operation, quantity))
    };
    assert_eq!(totals(ConsumableKind::Replenishable), [Some(4), Some(9), Some(3), Some(1), None]);
    assert_eq!(totals(ConsumableKind::NonReplenishable), [Some(7), Some(9), Some(3), None, None]);
}

#[test]
fn idem_2_updates_are_remembered_for_eight_hours_or_until_the_resource_is_deleted() {
    let mut consumables = with(ConsumableKind::Replenishable, 5);
    let name: longshore_types::Name = "r".parse().unwrap();
    let at = Timestamp::from_millis;
    for (token, made) in [("a", 0), ("b", 10)] {
        let operation = QuantityOperation::Set;
        let update =
            ConsumableUpdate { resource: name.clone(), token: token.into(), operation, quantity: 1, at: at(made) };
        consumables.remember(update);
    }
    let hours = 8 * 3_600_000;
    assert!(consumables.update(&name, "a", at(hours - 1)).is_some());
    assert!(consumables.update(&name, "a", at(hours)).is_none());
    assert_eq!(consumables.forget_updates(at(hours)), [(name.clone(), "a".to_owned())]);
    assert_eq!(consumables.delete(&name), [(name.clone(), "b".to_owned())]);
    assert!(consumables.update(&name, "b", at(20)).is_none());
}
