//! Placement, each rule in a few lines: `host(vcpu, free)`, `demand(vcpu, count)`, then what goes where.

mod gangs;
mod reservations;

use super::Space;
use crate::problem::{Assignment, Consumable, Demand, Host, Need, Pool, Problem, Shape, ShortHost, Shortage};
use longshore_types::Resources;
use proptest::prelude::*;

fn vcpus(count: u64) -> Resources {
    Resources { vcpu_milli: count * 1_000, memory_mib: count * 100, gpus: 0 }
}

fn host(total: u64, free: u64) -> Host {
    Host { total: vcpus(total), free: vcpus(free), open: true }
}

fn pool(hosts: &[usize], cap: Option<u64>) -> Pool {
    Pool { hosts: hosts.to_vec(), cap: cap.map(|vcpus| vcpus * 1_000), used: 0 }
}

fn demand(each: u64, count: u32, pools: &[usize]) -> Demand {
    Demand { shape: Shape::Single(vcpus(each)), count, pools: pools.to_vec(), needs: vec![] }
}

fn space(hosts: &[Host], pools: &[Pool]) -> Space {
    Space::new(Problem { hosts: hosts.to_vec(), pools: pools.to_vec(), consumables: vec![] })
}

/// Pool, host and count.
fn placed(space: &mut Space, demand: &Demand) -> Vec<(usize, usize, u32)> {
    space.place(demand).into_iter().map(|Assignment { pool, host, count, .. }| (pool, host, count)).collect()
}

fn lacks(pool: usize, host: usize, missing: Resources, cap_missing: u64) -> Shortage {
    Shortage { pool: Some(pool), hosts: vec![ShortHost { host, missing }], cap_missing, consumables: vec![] }
}

#[test]
fn equal_demands_fill_a_host_in_one_assignment() {
    let mut space = space(&[host(4, 4)], &[pool(&[0], None)]);
    assert_eq!(placed(&mut space, &demand(1, 3, &[0])), [(0, 0, 3)]);
}

#[test]
fn the_fullest_host_that_fits_is_taken_first() {
    let mut space = space(&[host(8, 8), host(8, 2)], &[pool(&[0, 1], None)]);
    assert_eq!(placed(&mut space, &demand(2, 2, &[0])), [(0, 1, 1), (0, 0, 1)]);
}

#[test]
fn sch_3_a_pool_at_its_cap_overflows_into_the_next() {
    let mut space = space(&[host(8, 8)], &[pool(&[0], Some(2)), pool(&[0], None)]);
    assert_eq!(placed(&mut space, &demand(1, 3, &[0, 1])), [(0, 0, 2), (1, 0, 1)]);
}

#[test]
fn a_host_that_takes_no_work_gets_none_and_makes_nothing_impossible() {
    let mut space = space(&[Host { open: false, ..host(4, 4) }], &[pool(&[0], None)]);
    let demand = demand(1, 1, &[0]);
    assert_eq!(placed(&mut space, &demand), []);
    assert_eq!((space.impossible(&demand), space.reserve(&demand, None)), (None, None));
}

#[test]
fn a_demand_that_waits_says_what_is_missing_on_the_nearest_fit() {
    let space = space(&[host(2, 2), host(4, 1), host(8, 2)], &[pool(&[0, 1, 2], None)]);
    // The first host has as much free as the last, but could never hold it.
    assert_eq!(space.shortage(&demand(4, 1, &[0])), lacks(0, 2, vcpus(2), 0));
    assert_eq!(space.impossible(&demand(4, 1, &[0])), None);
}

#[test]
fn sch_11_a_demand_that_can_never_fit_says_what_is_missing_even_then() {
    let space = space(&[host(4, 1)], &[pool(&[0], None)]);
    assert_eq!(space.impossible(&demand(6, 1, &[0])), Some(lacks(0, 0, vcpus(2), 0)));
}

#[test]
fn a_demand_over_the_cap_of_every_pool_is_impossible() {
    let space = space(&[host(8, 8)], &[pool(&[0], Some(2))]);
    assert_eq!(space.impossible(&demand(3, 1, &[0])), Some(lacks(0, 0, vcpus(0), 1_000)));
}

#[test]
fn without_any_host_a_demand_waits() {
    let space = space(&[], &[pool(&[], None)]);
    assert_eq!(space.impossible(&demand(1, 1, &[0])), None);
    let shortage = space.shortage(&demand(1, 1, &[0]));
    assert_eq!((shortage.pool, shortage.hosts.len(), shortage.is_nothing()), (Some(0), 0, false));
}

#[test]
fn cr_2_a_demand_takes_its_consumables_and_waits_for_what_is_lacking() {
    let consumables = vec![Consumable { total: 10, available: 5 }];
    let mut space = Space::new(Problem { hosts: vec![host(8, 8)], pools: vec![pool(&[0], None)], consumables });
    let demand = Demand { needs: vec![Need { consumable: 0, quantity: 2 }], ..demand(1, 3, &[0]) };
    assert_eq!(placed(&mut space, &demand), [(0, 0, 2)]);
    let shortage = space.shortage(&demand);
    assert_eq!(shortage.consumables, [Need { consumable: 0, quantity: 1 }]);
    assert!(!shortage.is_nothing());
}

prop_compose! {
    fn problems()(
        hosts in prop::collection::vec((0u64..9, 0u64..9, prop::bool::weighted(0.9)), 0..5),
        caps in prop::collection::vec(prop::option::of(0u64..12), 1..4),
        available in 0u64..20,
    ) -> Problem {
        let all: Vec<usize> = (0..hosts.len()).collect();
        let host = |(total, free, open): (u64, u64, bool)| Host { open, ..host(total.max(free), free) };
        Problem {
            hosts: hosts.into_iter().map(host).collect(),
            pools: caps.iter().map(|cap| pool(&all, *cap)).collect(),
            consumables: vec![Consumable { total: 20, available }],
        }
    }
}

prop_compose! {
    fn demands()(demands in prop::collection::vec((1u64..6, 1u32..7, 0u64..4), 0..8)) -> Vec<Demand> {
        let of = |(each, count, quantity)| Demand {
            needs: vec![Need { consumable: 0, quantity }],
            ..demand(each, count, &[])
        };
        demands.into_iter().map(of).collect()
    }
}

proptest! {
    #[test]
    fn placements_exceed_no_host_cap_consumable_or_count_and_leave_nothing_that_fits(
        problem in problems(),
        demands in demands(),
    ) {
        let mut left = problem.clone();
        let mut space = Space::new(problem);
        for mut demand in demands {
            demand.pools = (0..left.pools.len()).collect();
            let Shape::Single(each) = demand.shape else { unreachable!() };
            let quantity = demand.needs[0].quantity;
            let mut count = 0;
            for assignment in space.place(&demand) {
                let amount = super::times(each, assignment.count);
                prop_assert!(left.hosts[assignment.host].open && left.hosts[assignment.host].free.fits(amount));
                left.hosts[assignment.host].free = left.hosts[assignment.host].free.minus(amount);
                left.pools[assignment.pool].used += amount.vcpu_milli;
                count += assignment.count;
            }
            prop_assert!(count <= demand.count);
            prop_assert!(left.pools.iter().all(|pool| pool.cap.is_none_or(|cap| pool.used <= cap)));
            prop_assert!(left.consumables[0].available >= quantity * u64::from(count));
            left.consumables[0].available -= quantity * u64::from(count);
            let fits = left.pools.iter().any(|pool| {
                pool.cap.is_none_or(|cap| cap - pool.used >= each.vcpu_milli)
                    && pool.hosts.iter().any(|&host| left.hosts[host].open && left.hosts[host].free.fits(each))
            });
            let fits = fits && left.consumables[0].available >= quantity;
            prop_assert!(count == demand.count || !fits);
            prop_assert_eq!(fits, space.shortage(&demand).is_nothing());
        }
    }
}
