//! The search against a look at each head.

use super::{Heads, Look};
use crate::ready::ClassKey;
use longshore_placement::{Host, Member, Pool, Problem, Shape, Space};
use longshore_types::Resources;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

fn amounts() -> impl Strategy<Value = Resources> {
    (1u64..5, 1u64..5).prop_map(|(vcpu_milli, memory_mib)| Resources { vcpu_milli, memory_mib, gpus: 0 })
}

fn class((number, (each, gang)): (usize, (Resources, bool))) -> Arc<ClassKey> {
    let shape = if gang { Shape::Gang(vec![Member { each, count: 2 }]) } else { Shape::Single(each) };
    Arc::new(ClassKey { share: Some(number.to_string().into()), priority: None, shape, consumables: Vec::new() })
}

proptest! {
    #[test]
    fn next_head_that_fits_is_found_as_by_a_look_at_each(
        shapes in prop::collection::vec((amounts(), prop::bool::weighted(0.1)), 0..30),
        removed in prop::collection::btree_set(0usize..30, 0..6),
        short in prop::collection::btree_set(0usize..30, 0..6),
        free in prop::collection::vec(amounts(), 0..4),
        passed in prop::option::of(0usize..30),
    ) {
        let hosts: Vec<Host> = free.into_iter().map(|free| Host { total: free, free, open: true }).collect();
        let pools = vec![Pool { hosts: (0..hosts.len()).collect(), cap: None, used: 0 }];
        let space = Space::new(Problem { hosts, pools, consumables: vec![] });
        let classes: Vec<Arc<ClassKey>> = shapes.into_iter().enumerate().map(class).collect();
        let mut heads: Heads<usize> = Heads::default();
        classes.iter().enumerate().for_each(|(place, class)| heads.insert(place, Arc::clone(class)));
        removed.iter().for_each(|place| heads.remove(place));
        let left: Vec<usize> = (0..classes.len()).filter(|place| !removed.contains(place)).collect();
        let short: BTreeSet<Arc<ClassKey>> = short.iter().filter_map(|place| classes.get(*place).cloned()).collect();
        let behind = |place: &&usize| passed.is_none_or(|passed| **place > passed);
        let waits = |place: &&usize| !short.contains(&classes[**place]);
        let fits = |place: &&usize| !space.is_too_full_for(&classes[**place].shape);
        let waiting = || left.iter().filter(behind).filter(waits);
        let all = heads.next(passed, Look::All, &short).map(|found| (found.place, found.next));
        let mut expected = waiting().copied();
        prop_assert_eq!(all, expected.next().map(|place| (place, expected.next())));
        let mut expected = waiting().filter(fits).copied();
        let found = heads.next(passed, Look::Fitting(&space), &short);
        prop_assert_eq!(found.map(|found| found.place), expected.next());
        // It may be any that is behind the first, as long as none that fits is before it.
        let (next, second) = (found.and_then(|found| found.next), expected.next());
        prop_assert!(second.is_none_or(|second| next.is_some_and(|next| next <= second)), "{next:?} {second:?}");
        prop_assert_eq!(heads.may_fit(&space), left.iter().any(|place| fits(&place)));
        prop_assert_eq!(heads.first().map(|(place, _)| place), left.first().copied());
    }
}
