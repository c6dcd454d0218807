//! Placement, each rule in a few lines: `host(vcpu, free)`, `demand(vcpu, count)`, then what goes where.

use super::place;
use crate::problem::{Assignment, Demand, Host, Plan, Pool, Problem, Shortage, Verdict};
use longshore_types::Resources;
use proptest::prelude::*;

fn vcpus(count: u64) -> Resources {
    Resources { vcpu_milli: count * 1_000, memory_mib: count * 100, gpus: 0 }
}

fn host(total: u64, free: u64) -> Host {
    Host { total: vcpus(total), free: vcpus(free) }
}

fn pool(hosts: &[usize], cap: Option<u64>) -> Pool {
    Pool { hosts: hosts.to_vec(), cap: cap.map(|vcpus| vcpus * 1_000), used: 0 }
}

fn demand(each: u64, count: u32, pools: &[usize]) -> Demand {
    Demand { each: vcpus(each), count, pools: pools.to_vec(), lane: 0 }
}

/// Demand, pool, host and count.
type Placed = (usize, usize, usize, u32);

fn check(hosts: &[Host], pools: &[Pool], demands: &[Demand]) -> (Vec<Placed>, Vec<Verdict>) {
    let Plan { assignments, verdicts } =
        place(&Problem { hosts: hosts.to_vec(), pools: pools.to_vec(), demands: demands.to_vec() });
    let tuple = |a: Assignment| (a.demand, a.pool, a.host, a.count);
    (assignments.into_iter().map(tuple).collect(), verdicts)
}

#[test]
fn equal_demands_fill_a_host_in_one_assignment() {
    let (plan, verdicts) = check(&[host(4, 4)], &[pool(&[0], None)], &[demand(1, 3, &[0])]);
    assert_eq!(plan, [(0, 0, 0, 3)]);
    assert_eq!(verdicts, [Verdict::Placed]);
}

#[test]
fn the_fullest_host_that_fits_is_taken_first() {
    let (plan, _) = check(&[host(8, 8), host(8, 2)], &[pool(&[0, 1], None)], &[demand(2, 2, &[0])]);
    assert_eq!(plan, [(0, 0, 1, 1), (0, 0, 0, 1)]);
}

#[test]
fn a_pool_at_its_cap_overflows_into_the_next() {
    let (plan, _) = check(&[host(8, 8)], &[pool(&[0], Some(2)), pool(&[0], None)], &[demand(1, 3, &[0, 1])]);
    assert_eq!(plan, [(0, 0, 0, 2), (0, 1, 0, 1)]);
}

#[test]
fn a_demand_that_waits_holds_up_its_lane_but_no_other() {
    let mut other = demand(1, 1, &[0]);
    other.lane = 1;
    let (plan, verdicts) = check(&[host(4, 1)], &[pool(&[0], None)], &[demand(2, 1, &[0]), demand(1, 1, &[0]), other]);
    assert_eq!(plan, [(2, 0, 0, 1)]);
    let short = Shortage { nearest: Some((0, Some(0))), missing: vcpus(1), cap_missing: 0 };
    assert_eq!(verdicts, [Verdict::Short(short), Verdict::Behind, Verdict::Placed]);
}

#[test]
fn a_demand_that_can_never_fit_blocks_nobody_and_says_what_is_missing() {
    let (plan, verdicts) = check(&[host(4, 1)], &[pool(&[0], None)], &[demand(6, 1, &[0]), demand(1, 1, &[0])]);
    assert_eq!(plan, [(1, 0, 0, 1)]);
    let short = Shortage { nearest: Some((0, Some(0))), missing: vcpus(2), cap_missing: 0 };
    assert_eq!(verdicts, [Verdict::Impossible(short), Verdict::Placed]);
}

#[test]
fn a_demand_over_the_cap_of_every_pool_is_impossible() {
    let (_, verdicts) = check(&[host(8, 8)], &[pool(&[0], Some(2))], &[demand(3, 1, &[0])]);
    let short = Shortage { nearest: Some((0, Some(0))), missing: vcpus(0), cap_missing: 1_000 };
    assert_eq!(verdicts, [Verdict::Impossible(short)]);
}

#[test]
fn without_any_host_a_demand_waits() {
    let (_, verdicts) = check(&[], &[pool(&[], None)], &[demand(1, 1, &[0])]);
    let short = Shortage { nearest: Some((0, None)), missing: vcpus(1), cap_missing: 0 };
    assert_eq!(verdicts, [Verdict::Short(short)]);
}

prop_compose! {
    fn problems()(
        hosts in prop::collection::vec((0u64..9, 0u64..9), 0..5),
        caps in prop::collection::vec(prop::option::of(0u64..12), 1..4),
        demands in prop::collection::vec((1u64..6, 1u32..7, 0usize..3), 0..8),
    ) -> Problem {
        let count = hosts.len();
        let hosts: Vec<Host> = hosts.into_iter().map(|(total, free)| host(total.max(free), free)).collect();
        let all: Vec<usize> = (0..count).collect();
        let pools: Vec<Pool> = caps.iter().map(|cap| pool(&all, *cap)).collect();
        let order: Vec<usize> = (0..pools.len()).collect();
        let demands = demands.into_iter().map(|(each, count, lane)| Demand { lane, ..demand(each, count, &order) });
        Problem { hosts, pools, demands: demands.collect() }
    }
}

proptest! {
    #[test]
    fn plans_never_exceed_a_host_a_cap_or_a_count_and_leave_nothing_placeable_at_a_lanes_head(problem in problems()) {
        let plan = place(&problem);
        let mut hosts = problem.hosts.clone();
        let mut pools = problem.pools.clone();
        let mut placed = vec![0; problem.demands.len()];
        for assignment in &plan.assignments {
            let amount = super::times(problem.demands[assignment.demand].each, assignment.count);
            prop_assert!(hosts[assignment.host].free.fits(amount));
            hosts[assignment.host].free = hosts[assignment.host].free.minus(amount);
            pools[assignment.pool].used += amount.vcpu_milli;
            placed[assignment.demand] += assignment.count;
        }
        for pool in &pools {
            prop_assert!(pool.cap.is_none_or(|cap| pool.used <= cap));
        }
        for (ordinal, demand) in problem.demands.iter().enumerate() {
            let done = placed[ordinal] == demand.count;
            prop_assert!(placed[ordinal] <= demand.count);
            prop_assert_eq!(done, plan.verdicts[ordinal] == Verdict::Placed);
            let fits = demand.pools.iter().any(|&pool| {
                pools[pool].cap.is_none_or(|cap| cap - pools[pool].used >= demand.each.vcpu_milli)
                    && pools[pool].hosts.iter().any(|&host| hosts[host].free.fits(demand.each))
            });
            if matches!(plan.verdicts[ordinal], Verdict::Short(_) | Verdict::Impossible(_)) {
                prop_assert!(!fits);
            }
        }
    }
}
