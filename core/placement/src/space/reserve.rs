//! Reservations: a thing that fits nowhere now gets a place where it will start at the latest, and whatever is served
//! after it finds that much less.
//!
//! Why it is never delayed: after the reservation something is placed on its host only where, in every dimension that it
//! uses, the thing that waits still fits beside it. So whenever its host has drained far enough without those who passed
//! it, it has drained far enough with them. The same holds for the pool's cap and for consumables.

use super::gang::{by_size, pack};
use super::{Space, times};
use crate::problem::{Assignment, Demand, Member, Need, Reservation};
use longshore_types::Resources;
use std::collections::BTreeMap;

impl Space {
    /// Reserves for the first of the demand, which did not fit: what it holds already while that can still become
    /// free, else the nearest fit. `None`, and nothing reserved, if no host that takes work could hold it when idle.
    pub fn reserve(&mut self, demand: &Demand, held: Option<&Reservation>) -> Option<Reservation> {
        let reservation = self.reservable(demand, held)?;
        self.occupy(demand, &reservation);
        Some(reservation)
    }

    /// What [`Space::reserve`] would reserve.
    pub fn reservable(&self, demand: &Demand, held: Option<&Reservation>) -> Option<Reservation> {
        let members = demand.shape.members();
        let attainable = |need: &Need| self.consumables[need.consumable].total >= need.quantity;
        if !demand.needs.iter().all(attainable) {
            return None;
        }
        let kept = held.filter(|held| self.is_able(demand, &members, held)).cloned();
        kept.or_else(|| self.nearest(demand, &members))
    }

    /// Whether something of what a reservation lacks is free already, so that to reserve it is to keep that idle.
    pub fn keeps_idle(&self, demand: &Demand, reservation: &Reservation) -> bool {
        let members = demand.shape.members();
        let partly = |missing: u64, wanted: u64| missing > 0 && missing < wanted;
        let hosts = self.missing_for(&members, &reservation.assignments);
        let missing = hosts.iter().fold(Resources::default(), |sum, host| sum.plus(host.missing));
        let wanted =
            members.iter().fold(Resources::default(), |sum, member| sum.plus(times(member.each, member.count)));
        let cap_missing = self.cap_missing(reservation.pool, &members, self.pools[reservation.pool].used);
        let lacks = |need: &Need| need.quantity.saturating_sub(self.consumables[need.consumable].available);
        partly(missing.vcpu_milli, wanted.vcpu_milli)
            || partly(missing.memory_mib, wanted.memory_mib)
            || partly(missing.gpus, wanted.gpus)
            || partly(cap_missing, demand.shape.vcpu_milli())
            || demand.needs.iter().any(|need| partly(lacks(need), need.quantity))
    }

    /// Counts a reservation as if it were placed.
    pub fn occupy(&mut self, demand: &Demand, reservation: &Reservation) {
        self.take_all(&demand.shape.members(), &reservation.assignments);
        self.consume(&demand.needs, 1);
    }

    /// Takes exactly what was reserved, if all of it is free now.
    pub fn redeem(&mut self, demand: &Demand, held: &Reservation) -> bool {
        let members = demand.shape.members();
        let under_cap = self.cap_missing(held.pool, &members, self.pools[held.pool].used) == 0;
        let is_free = |(host, amount): (usize, Resources)| self.hosts.get(host).free.fits(amount);
        let redeemed = under_cap
            && self.most_by_consumables(demand) > 0
            && self.is_able(demand, &members, held)
            && wanted(&members, &held.assignments).into_iter().all(is_free);
        if redeemed {
            self.occupy(demand, held);
        }
        redeemed
    }

    /// Whether the demand can still start where it has its reservation once that is idle.
    fn is_able(&self, demand: &Demand, members: &[Member], held: &Reservation) -> bool {
        let open = |assignment: &Assignment| {
            let known = self.holds(held.pool, assignment.host) && assignment.member < members.len();
            known && self.hosts.get(assignment.host).open
        };
        let holds = |(host, amount): (usize, Resources)| self.hosts.get(host).total.fits(amount);
        demand.pools.contains(&held.pool)
            && self.cap_missing(held.pool, members, 0) == 0
            && held.assignments.iter().all(open)
            && wanted(members, &held.assignments).into_iter().all(holds)
    }

    /// The place that could hold it when idle and where least is missing now.
    fn nearest(&self, demand: &Demand, members: &[Member]) -> Option<Reservation> {
        let able = demand.pools.iter().filter(|&&pool| self.cap_missing(pool, members, 0) == 0);
        let layouts = able.filter_map(|&pool| self.nearest_in(pool, members));
        layouts.min_by_key(|reservation| self.distance(members, reservation))
    }

    /// In one pool: every part where least is missing, or if the parts do not all fit so, packed as tightly as possible.
    pub(super) fn nearest_in(&self, pool: usize, members: &[Member]) -> Option<Reservation> {
        if let [Member { each, count: 1 }] = members {
            let host = self.hosts.nearest(*each, |host| self.holds(pool, host))?;
            return Some(Reservation { pool, assignments: vec![Assignment { pool, host, member: 0, count: 1 }] });
        }
        let hosts: Vec<usize> = self.open_hosts(pool).collect();
        let packed = || pack(pool, members, &hosts, &mut self.hosts.idle());
        let assignments = self.soonest(pool, members, &hosts).or_else(packed)?;
        Some(Reservation { pool, assignments })
    }

    fn soonest(&self, pool: usize, members: &[Member], hosts: &[usize]) -> Option<Vec<Assignment>> {
        let (mut idle, mut free) = (self.hosts.idle(), self.hosts.free());
        let mut assignments = Vec::new();
        for member in by_size(members) {
            let Member { each, count } = members[member];
            for _ in 0..count {
                let able = hosts.iter().copied().filter(|&host| idle[host].fits(each));
                let host = able.min_by_key(|&host| (far(each.minus(free[host])), host))?;
                idle[host] = idle[host].minus(each);
                free[host] = free[host].minus(each);
                assignments.push(Assignment { pool, host, member, count: 1 });
            }
        }
        Some(assignments)
    }

    /// How far a reservation is from being free: see [`far`].
    fn distance(&self, members: &[Member], reservation: &Reservation) -> (u64, u64, u64) {
        let missing = self.missing_for(members, &reservation.assignments);
        let sum = missing.iter().fold(Resources::default(), |sum, host| sum.plus(host.missing));
        let cap = self.cap_missing(reservation.pool, members, self.pools[reservation.pool].used);
        let (gpus, vcpus, memory) = far(sum);
        (gpus, vcpus.max(cap), memory)
    }
}

/// How much is missing, comparable: GPUs first, then processors, then memory.
pub(super) const fn far(missing: Resources) -> (u64, u64, u64) {
    (missing.gpus, missing.vcpu_milli, missing.memory_mib)
}

/// What the assignments take of each host.
pub(super) fn wanted(members: &[Member], assignments: &[Assignment]) -> BTreeMap<usize, Resources> {
    let mut wanted: BTreeMap<usize, Resources> = BTreeMap::new();
    for assignment in assignments {
        let amount = times(members[assignment.member].each, assignment.count);
        let sum = wanted.entry(assignment.host).or_default();
        *sum = sum.plus(amount);
    }
    wanted
}
