//! Reservations: what passes a thing that waits never delays it.

use super::{Space, demand, host, placed, pool, space};
use crate::problem::{Consumable, Demand, Host, Need, Pool, Problem, Reservation, Shape};
use longshore_types::Resources;
use proptest::prelude::*;

fn host_of(reservation: Option<Reservation>) -> Option<(usize, usize)> {
    reservation.map(|reservation| (reservation.pool, reservation.assignments[0].host))
}

#[test]
fn the_nearest_fit_is_reserved_and_only_the_rest_is_left() {
    let mut space = space(&[host(4, 2), host(8, 4)], &[pool(&[0, 1], None)]);
    assert_eq!(host_of(space.reserve(&demand(6, 1, &[0]), None)), Some((0, 1)));
    assert_eq!(placed(&mut space, &demand(2, 2, &[0])), [(0, 0, 1)]);
}

#[test]
fn what_is_held_is_kept_while_it_can_become_free() {
    let near = || space(&[host(4, 1), host(4, 3)], &[pool(&[0, 1], None)]);
    let far = space(&[host(4, 1), host(4, 0)], &[pool(&[0, 1], None)]).reserve(&demand(4, 1, &[0]), None);
    assert_eq!(host_of(near().reserve(&demand(4, 1, &[0]), far.as_ref())), Some((0, 0)));
    let gone = space(&[Host { open: false, ..host(4, 1) }, host(4, 3)], &[pool(&[0, 1], None)])
        .reserve(&demand(4, 1, &[0]), far.as_ref());
    assert_eq!(host_of(gone), Some((0, 1)));
}

#[test]
fn a_reservation_counts_against_the_cap_and_the_consumables() {
    let consumables = vec![Consumable { total: 4, available: 1 }];
    let pools = vec![pool(&[0, 1], Some(4)), pool(&[1], None)];
    let mut space = Space::new(Problem { hosts: vec![host(8, 8), host(1, 1)], pools, consumables });
    let head = Demand { needs: vec![Need { consumable: 0, quantity: 3 }], ..demand(3, 1, &[0]) };
    assert_eq!(placed(&mut space, &head), []);
    assert_eq!(host_of(space.reserve(&head, None)), Some((0, 0)));
    assert_eq!(
        placed(&mut space, &Demand { needs: vec![Need { consumable: 0, quantity: 1 }], ..demand(1, 1, &[0]) }),
        []
    );
    assert_eq!(placed(&mut space, &demand(1, 3, &[0, 1])), [(0, 1, 1)]);
}

#[test]
fn what_no_amount_of_waiting_frees_is_not_reserved() {
    let consumables = vec![Consumable { total: 2, available: 2 }];
    let mut space = Space::new(Problem { hosts: vec![host(2, 2)], pools: vec![pool(&[0], None)], consumables });
    let head = Demand { needs: vec![Need { consumable: 0, quantity: 3 }], ..demand(1, 1, &[0]) };
    assert_eq!(space.reserve(&head, None), None);
    assert_eq!(placed(&mut space, &demand(2, 1, &[0])), [(0, 0, 1)]);
}

/// A thing on a host, counted against a pool.
#[derive(Clone, Copy, Debug)]
struct Placed {
    pool: usize,
    host: usize,
    amount: Resources,
    quantity: u64,
}

fn amounts() -> impl Strategy<Value = (Resources, u64)> {
    (0u64..5, 0u64..5, 0u64..3, 0u64..3)
        .prop_map(|(vcpu_milli, memory_mib, gpus, quantity)| (Resources { vcpu_milli, memory_mib, gpus }, quantity))
}

#[derive(Clone, Debug)]
struct World {
    hosts: Vec<Resources>,
    caps: Vec<Option<u64>>,
    total: u64,
}

impl World {
    fn space(&self, placed: &[Placed]) -> Space {
        let mut hosts: Vec<Host> = self.hosts.iter().map(|&total| Host { total, free: total, open: true }).collect();
        let all: Vec<usize> = (0..hosts.len()).collect();
        let mut pools: Vec<Pool> = self.caps.iter().map(|&cap| Pool { hosts: all.clone(), cap, used: 0 }).collect();
        let mut available = self.total;
        for thing in placed {
            assert!(hosts[thing.host].free.fits(thing.amount) && available >= thing.quantity, "oversubscribed");
            hosts[thing.host].free = hosts[thing.host].free.minus(thing.amount);
            pools[thing.pool].used += thing.amount.vcpu_milli;
            available -= thing.quantity;
        }
        assert!(pools.iter().all(|pool| pool.cap.is_none_or(|cap| pool.used <= cap)), "over a cap");
        Space::new(Problem { hosts, pools, consumables: vec![Consumable { total: self.total, available }] })
    }

    fn demand(&self, (amount, quantity): (Resources, u64)) -> Demand {
        let needs = vec![Need { consumable: 0, quantity }];
        Demand { shape: Shape::Single(amount), count: 1, pools: (0..self.caps.len()).collect(), needs }
    }

    fn run(&self, space: &mut Space, thing: (Resources, u64)) -> Option<Placed> {
        let assignment = space.place(&self.demand(thing)).pop()?;
        Some(Placed { pool: assignment.pool, host: assignment.host, amount: thing.0, quantity: thing.1 })
    }
}

prop_compose! {
    fn worlds()(
        hosts in prop::collection::vec((1u64..9, 1u64..9, 0u64..4), 1..4),
        caps in prop::collection::vec(prop::option::of(2u64..16), 1..3),
        total in 2u64..8,
    ) -> World {
        let host = |(vcpu_milli, memory_mib, gpus)| Resources { vcpu_milli, memory_mib, gpus };
        World { hosts: hosts.into_iter().map(host).collect(), caps, total }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]
    /// The proof of "never later": those before the head end one by one, those who pass it never do; whenever the head
    /// could start on its reserved host without them, it can with them.
    #[test]
    fn head_can_start_whenever_its_reserved_host_has_drained_without_those_who_passed(
        world in worlds(),
        before in prop::collection::vec(amounts(), 0..8),
        head in amounts(),
        passers in prop::collection::vec((amounts(), any::<bool>()), 0..24),
    ) {
        let mut ahead: Vec<Placed> = Vec::new();
        for thing in before {
            ahead.extend(world.run(&mut world.space(&ahead), thing));
        }
        let head = world.demand(head);
        let mut passed: Vec<Placed> = Vec::new();
        let mut held: Option<Reservation> = None;
        for (passer, ends) in passers {
            if ends {
                ahead.pop();
            }
            let now = [ahead.clone(), passed.clone()].concat();
            let mut space = world.space(&now);
            if let Some(held) = &held {
                let drained = world.space(&ahead).redeem(&head, held);
                prop_assert!(!drained || space.clone().redeem(&head, held), "delayed by {:?}", passed);
            }
            if !space.place(&head).is_empty() {
                return Ok(());
            }
            let kept = space.reserve(&head, held.as_ref());
            prop_assert!(held.is_none() || kept == held, "a reservation stays");
            held = kept;
            passed.extend(world.run(&mut space, passer));
        }
    }
}
