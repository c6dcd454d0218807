//! The table against a tree, with ids that are spread and ids that are not; and that it grows.

use super::{FULL, Table};
use longshore_types::AttemptId;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Act {
    Put(AttemptId, u8),
    Change(AttemptId, u8),
    Take(AttemptId),
}

/// Mostly ids that are met again; a third of them close together, as no generator makes them.
fn any_id() -> impl Strategy<Value = AttemptId> {
    let spread = (0_u128..600).prop_map(|number| number.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835));
    let close = 0_u128..100;
    prop_oneof![2 => spread, 1 => close].prop_map(AttemptId::from_random)
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (any_id(), any::<u8>()).prop_map(|(id, thing)| Act::Put(id, thing)),
        1 => (any_id(), any::<u8>()).prop_map(|(id, thing)| Act::Change(id, thing)),
        2 => any_id().prop_map(Act::Take),
    ]
}

proptest! {
    #[test]
    fn table_does_what_a_tree_does(acts in prop::collection::vec(any_act(), 0..1_500)) {
        let (mut table, mut tree) = (Table::default(), BTreeMap::new());
        for act in acts {
            match act {
                Act::Put(id, thing) => prop_assert_eq!(table.insert(id, thing), tree.insert(id, thing)),
                Act::Take(id) => prop_assert_eq!(table.remove(&id), tree.remove(&id)),
                Act::Change(id, thing) => {
                    let (one, other) = (table.get_mut(&id), tree.get_mut(&id));
                    prop_assert_eq!(&one, &other);
                    if let (Some(one), Some(other)) = (one, other) {
                        (*one, *other) = (thing, thing);
                    }
                }
            }
            prop_assert_eq!(table.len(), tree.len());
        }
        prop_assert!(table.iter().eq(&tree));
        for id in tree.keys() {
            prop_assert_eq!(table.get(id), tree.get(id));
        }
    }
}

#[test]
fn table_with_many_things_has_short_buckets() {
    let mut table = Table::default();
    let mut ids = crate::ids::IdGenerator::new(7);
    for number in 0..100_000_u32 {
        table.insert(AttemptId::from_random(ids.next_u128()), number);
    }
    let longest = table.grown.iter().chain(&table.buckets).map(Vec::len).max().unwrap();
    assert!(longest <= 5 * FULL, "{longest} in one of {} buckets", table.buckets.len());
    assert!(table.iter().map(|(id, _)| id.leading()).is_sorted());
}

#[test]
fn emptied_table_gives_the_memory_of_its_buckets_back() {
    let mut table = Table::default();
    let ids: Vec<AttemptId> = (0..1_000).map(|number| AttemptId::from_random(number << 117)).collect();
    for id in &ids {
        table.insert(*id, ());
    }
    for id in &ids {
        table.remove(id);
    }
    assert_eq!(table.grown.iter().chain(&table.buckets).map(Vec::capacity).sum::<usize>(), 0);
}
