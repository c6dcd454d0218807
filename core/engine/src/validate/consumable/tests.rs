//! Consumable resources in requests.

use super::{consumable_kind, consumable_needs, merged_needs, quantity_update, total_quantity};
use crate::command::{ConsumableInput, UpdateConsumableResource};
use crate::entity::{ConsumableKind, QuantityOperation};
use crate::validate::check_refused;

fn inputs(names: &[&str]) -> Vec<ConsumableInput> {
    let input = |name: &&str| ConsumableInput { resource: (*name).to_owned(), quantity: Some(1) };
    names.iter().map(input).collect()
}

#[test]
fn cr_1_totals_and_types_out_of_range_are_refused() {
    assert_eq!((total_quantity(None), total_quantity(Some(7))), (Ok(0), Ok(7)));
    check_refused(total_quantity(Some(-1)), "totalQuantity cannot be a negative number.");
    assert_eq!(consumable_kind(None), Ok(ConsumableKind::Replenishable));
    assert_eq!(consumable_kind(Some("NON_REPLENISHABLE")), Ok(ConsumableKind::NonReplenishable));
    let text = "resourceType X is not valid. Valid values are: [REPLENISHABLE, NON_REPLENISHABLE]";
    check_refused(consumable_kind(Some("X")), text);
}

#[test]
fn cr_2_needs_are_few_distinct_and_positive() {
    assert_eq!(consumable_needs(&inputs(&["a", "b", "c", "d", "e"])).unwrap().len(), 5);
    let many = "Each ConsumableResourceProperty can have at most 5 consumableResources";
    check_refused(consumable_needs(&inputs(&["a", "b", "c", "d", "e", "f"])), many);
    let duplicate = "Cannot have duplicate consumableResource in consumableResourceProperties";
    check_refused(consumable_needs(&inputs(&["a", "b", "a"])), duplicate);
    check_refused(consumable_needs(&inputs(&["a b"])), "ConsumableResource name should match a valid pattern.");
    for quantity in [None, Some(0), Some(-1)] {
        let entry = ConsumableInput { resource: "a".into(), quantity };
        check_refused(consumable_needs(&[entry]), "The quantity of consumableResource a must be at least 1.");
    }
}

#[test]
fn res_2_overrides_win_by_resource_and_the_rest_stays() {
    let needs = |names: &[&str], quantity: u64| {
        let mut needs = consumable_needs(&inputs(names)).unwrap();
        needs.iter_mut().for_each(|need| need.quantity = quantity);
        needs
    };
    let merged = merged_needs(&needs(&["a", "b"], 1), &needs(&["b", "c"], 2)).unwrap();
    let merged: Vec<(&str, u64)> = merged.iter().map(|need| (need.resource.as_str(), need.quantity)).collect();
    assert_eq!(merged, [("a", 1), ("b", 2), ("c", 2)]);
    let many = "Each ConsumableResourceProperty can have at most 5 consumableResources";
    check_refused(merged_needs(&needs(&["a", "b", "c"], 1), &needs(&["d", "e", "f"], 1)), many);
}

#[test]
fn cr_3_updates_that_say_nothing_sensible_are_refused() {
    let update = |operation: Option<&str>, quantity| {
        let operation = operation.map(ToOwned::to_owned);
        quantity_update(&UpdateConsumableResource { operation, quantity, ..UpdateConsumableResource::default() })
    };
    assert_eq!(update(None, Some(0)), Ok((QuantityOperation::Set, 0)));
    assert_eq!(update(Some("REMOVE"), Some(3)), Ok((QuantityOperation::Remove, 3)));
    check_refused(update(Some("set"), Some(1)), "operation set is not valid. Valid values are: [SET, ADD, REMOVE]");
    check_refused(update(Some("ADD"), None), "quantity is required.");
    check_refused(update(Some("ADD"), Some(-1)), "quantity cannot be a negative number.");
}
