//! Gangs: everything at once or nothing.

use super::{demand, host, placed, pool, space, vcpus};
use crate::problem::{Demand, Member, Shape};
use longshore_types::Resources;
use proptest::prelude::*;

fn gang(members: &[(u64, u32)], pools: &[usize]) -> Demand {
    let members = members.iter().map(|&(each, count)| Member { each: vcpus(each), count }).collect();
    Demand { shape: Shape::Gang(members), ..demand(0, 1, pools) }
}

#[test]
fn sch_5_gang_is_placed_whole_over_several_hosts() {
    let mut space = space(&[host(4, 4), host(2, 2)], &[pool(&[0, 1], None)]);
    assert_eq!(placed(&mut space, &gang(&[(1, 2), (4, 1)], &[0])), [(0, 0, 1), (0, 1, 2)]);
}

#[test]
fn sch_5_gang_that_does_not_fit_whole_takes_nothing() {
    let mut space = space(&[host(4, 4), host(2, 1)], &[pool(&[0, 1], None)]);
    assert_eq!(placed(&mut space, &gang(&[(1, 2), (4, 1)], &[0])), []);
    assert_eq!(placed(&mut space, &demand(4, 1, &[0])), [(0, 0, 1)]);
}

#[test]
fn gang_is_not_spread_over_pools() {
    let mut space = space(&[host(4, 4)], &[pool(&[0], Some(1)), pool(&[0], Some(2))]);
    assert_eq!(placed(&mut space, &gang(&[(1, 2)], &[0, 1])), [(1, 0, 2)]);
}

#[test]
fn gang_larger_than_all_hosts_is_impossible() {
    let space = space(&[host(4, 1), host(4, 1)], &[pool(&[0, 1], None)]);
    assert!(space.impossible(&gang(&[(3, 3)], &[0])).is_some());
    assert!(space.impossible(&gang(&[(3, 2)], &[0])).is_none());
}

#[test]
fn waiting_gang_holds_a_set_of_hosts() {
    let mut space = space(&[host(4, 1), host(4, 2)], &[pool(&[0, 1], None)]);
    let gang = gang(&[(3, 2)], &[0]);
    let mut hosts: Vec<usize> = space.reserve(&gang, None).unwrap().assignments.iter().map(|a| a.host).collect();
    hosts.sort_unstable();
    assert_eq!(hosts, [0, 1]);
    assert_eq!(placed(&mut space, &demand(1, 1, &[0])), []);
}

proptest! {
    #[test]
    fn gangs_exceed_no_host_and_start_once_what_they_lack_is_free(
        hosts in prop::collection::vec((1u64..9, 0u64..9), 1..5),
        members in prop::collection::vec((1u64..5, 1u32..4), 1..4),
    ) {
        let hosts: Vec<_> = hosts.into_iter().map(|(total, free)| host(total, free.min(total))).collect();
        let all: Vec<usize> = (0..hosts.len()).collect();
        let gang = gang(&members, &[0]);
        let mut left: Vec<Resources> = hosts.iter().map(|host| host.free).collect();
        let assignments = space(&hosts, &[pool(&all, None)]).place(&gang);
        for assignment in &assignments {
            let amount = super::super::times(vcpus(members[assignment.member].0), assignment.count);
            prop_assert!(left[assignment.host].fits(amount));
            left[assignment.host] = left[assignment.host].minus(amount);
        }
        let mut before = space(&hosts, &[pool(&all, None)]);
        prop_assert!(assignments.is_empty() || before.shortage(&gang).is_nothing() || !before.place(&gang).is_empty());
        if assignments.is_empty() && before.impossible(&gang).is_none() {
            let held = before.clone().reserve(&gang, None).expect("what is possible can be reserved");
            let mut granted = hosts;
            for short in before.shortage(&gang).hosts {
                granted[short.host].free = granted[short.host].free.plus(short.missing);
                prop_assert!(granted[short.host].total.fits(granted[short.host].free));
            }
            let mut granted = space(&granted, &[pool(&all, None)]);
            prop_assert!(granted.redeem(&gang, &held), "{:?}", held);
        }
    }
}
