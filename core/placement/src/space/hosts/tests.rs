//! The orders against a look at each host.

use super::Hosts;
use crate::problem::Host;
use crate::space::far;
use longshore_types::Resources;
use proptest::prelude::*;

fn amounts() -> impl Strategy<Value = Resources> {
    (0u64..5, 0u64..5, 0u64..3).prop_map(|(vcpu_milli, memory_mib, gpus)| Resources { vcpu_milli, memory_mib, gpus })
}

fn hosts() -> impl Strategy<Value = Vec<Host>> {
    let host = (amounts(), amounts(), prop::bool::weighted(0.8));
    prop::collection::vec(host.prop_map(|(total, free, open)| Host { total, free, open }), 0..12)
}

proptest! {
    #[test]
    fn hosts_are_found_as_by_a_look_at_each(
        mut rows in hosts(),
        changes in prop::collection::vec((0usize..12, amounts()), 0..8),
        each in amounts(),
        odd_only in any::<bool>(),
    ) {
        let mut found = Hosts::new(rows.clone());
        let count = rows.len();
        for (ordinal, free) in changes.into_iter().filter(|(ordinal, _)| *ordinal < count) {
            rows[ordinal].free = free;
            found.set_free(ordinal, free);
        }
        prop_assert_eq!(&found, &Hosts::new(rows.clone()), "what is changed is as if it had been so from the start");
        let open = || (0..rows.len()).filter(|&ordinal| rows[ordinal].open);
        let mut roomy: Vec<usize> = open().filter(|&ordinal| rows[ordinal].free.fits(each)).collect();
        roomy.sort_by_key(|&ordinal| (rows[ordinal].free.vcpu_milli, rows[ordinal].free.memory_mib, ordinal));
        prop_assert_eq!(found.have_room(each), !roomy.is_empty());
        prop_assert_eq!(found.with_room(each).collect::<Vec<_>>(), roomy);
        prop_assert_eq!(found.could_hold(each), rows.iter().any(|host| host.total.fits(each)));
        let among = |ordinal: usize| !odd_only || ordinal % 2 == 1;
        let able = open().filter(|&ordinal| rows[ordinal].total.fits(each) && among(ordinal));
        let nearest = able.min_by_key(|&ordinal| (far(each.minus(rows[ordinal].free)), ordinal));
        prop_assert_eq!(found.nearest(each, among), nearest);
    }
}
