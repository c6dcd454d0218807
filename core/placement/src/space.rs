//! Hosts, pools and consumables while a step of placement goes on: what is free shrinks with every placement and
//! reservation.
//!
//! The rule: demands in order, each into its first pool with room, there onto the host that it fills best. Work per demand
//! is bounded by pools × hosts, whatever its count: a host takes as many equal things as fit in one go.

mod gang;
mod reserve;
mod shortage;

use crate::problem::{Assignment, Consumable, Demand, Host, Need, Pool, Problem, Shape};
use longshore_types::Resources;

/// What is left for the demands to come.
#[derive(Clone, Debug)]
pub struct Space {
    hosts: Vec<Host>,
    pools: Vec<Pool>,
    consumables: Vec<Consumable>,
    /// No host that takes work has more of anything free: what asks for more is short without a look at each of them.
    most: Resources,
}

impl Space {
    /// Everything that the problem has.
    pub fn new(problem: Problem) -> Self {
        let Problem { hosts, pools, consumables } = problem;
        let mut space = Self { hosts, pools, consumables, most: Resources::default() };
        space.bound();
        space
    }

    /// Finds [`Space::most`] again, after something was taken.
    fn bound(&mut self) {
        let open = self.hosts.iter().filter(|host| host.open).map(|host| host.free);
        self.most = open.fold(Resources::default(), |most, free| Resources {
            vcpu_milli: most.vcpu_milli.max(free.vcpu_milli),
            memory_mib: most.memory_mib.max(free.memory_mib),
            gpus: most.gpus.max(free.gpus),
        });
    }

    /// Takes as many as fit and says where they go. Of a gang, the one asked for or nothing.
    pub fn place(&mut self, demand: &Demand) -> Vec<Assignment> {
        let most = demand.count.min(self.most_by_consumables(demand));
        let assignments = match &demand.shape {
            Shape::Single(each) => self.place_singles(*each, most, &demand.pools),
            Shape::Gang(members) => {
                assert!(demand.count <= 1, "gangs are asked for one at a time");
                if most == 0 { Vec::new() } else { self.place_gang(members, &demand.pools) }
            }
        };
        let placed = match &demand.shape {
            Shape::Single(_) => assignments.iter().map(|assignment| u64::from(assignment.count)).sum(),
            Shape::Gang(_) => u64::from(!assignments.is_empty()),
        };
        if placed > 0 {
            self.consume(&demand.needs, placed);
            self.bound();
        }
        assignments
    }

    /// At most how many fit, cheaply: caps are not looked at, and hosts of several pools count once for each.
    pub fn at_most(&self, demand: &Demand) -> u32 {
        let Shape::Single(each) = demand.shape else { return 1 };
        if !self.most.fits(each) {
            return 0;
        }
        let hosts = demand.pools.iter().flat_map(|&pool| self.open_hosts(pool));
        let able = hosts.filter(|&host| self.hosts[host].free.fits(each));
        let on_hosts = able.map(|host| copies(self.hosts[host].free, each)).fold(0, u64::saturating_add);
        u32::try_from(on_hosts).unwrap_or(u32::MAX).min(self.most_by_consumables(demand))
    }

    /// Whether no host that takes work has enough free for even one, as far as can be said without a look at hosts. Then
    /// neither [`Space::place`] nor [`Space::redeem`] finds anything.
    pub const fn is_too_full_for(&self, shape: &Shape) -> bool {
        match shape {
            Shape::Single(each) => !self.most.fits(*each),
            Shape::Gang(_) => false,
        }
    }

    fn place_singles(&mut self, each: Resources, most: u32, pools: &[usize]) -> Vec<Assignment> {
        let mut left = most;
        let mut assignments = Vec::new();
        for &pool in pools {
            while left > 0 {
                let Some((host, fits)) = self.best_host(pool, each) else { break };
                let count = left.min(fits);
                assignments.push(Assignment { pool, host, member: 0, count });
                self.take(pool, host, times(each, count));
                left -= count;
            }
        }
        assignments
    }

    /// The host of the pool with room for at least one and the least processors free, and how many fit there.
    fn best_host(&self, pool: usize, each: Resources) -> Option<(usize, u32)> {
        let pool = &self.pools[pool];
        let under_cap = pool.cap.map_or(u64::MAX, |cap| ratio(cap.saturating_sub(pool.used), each.vcpu_milli));
        if under_cap == 0 || !self.most.fits(each) {
            return None;
        }
        let able = pool.hosts.iter().copied().filter(|&host| self.hosts[host].open && self.hosts[host].free.fits(each));
        let host =
            able.min_by_key(|&host| (self.hosts[host].free.vcpu_milli, self.hosts[host].free.memory_mib, host))?;
        let fits = copies(self.hosts[host].free, each).min(under_cap);
        Some((host, u32::try_from(fits).unwrap_or(u32::MAX)))
    }

    /// Takes an amount, saturating: a reservation takes more than is free.
    fn take(&mut self, pool: usize, host: usize, amount: Resources) {
        self.hosts[host].free = self.hosts[host].free.minus(amount);
        self.pools[pool].used = self.pools[pool].used.saturating_add(amount.vcpu_milli);
    }

    fn most_by_consumables(&self, demand: &Demand) -> u32 {
        let of = |need: &Need| ratio(self.consumables[need.consumable].available, need.quantity);
        let most = demand.needs.iter().map(of).min().unwrap_or(u64::MAX);
        u32::try_from(most).unwrap_or(u32::MAX)
    }

    fn consume(&mut self, needs: &[Need], times: u64) {
        for need in needs {
            let found = &mut self.consumables[need.consumable];
            found.available = found.available.saturating_sub(need.quantity.saturating_mul(times));
        }
    }
}

/// How many copies of `each` fit into `free`.
fn copies(free: Resources, each: Resources) -> u64 {
    ratio(free.vcpu_milli, each.vcpu_milli)
        .min(ratio(free.memory_mib, each.memory_mib))
        .min(ratio(free.gpus, each.gpus))
}

fn ratio(amount: u64, each: u64) -> u64 {
    amount.checked_div(each).unwrap_or(u64::MAX)
}

fn times(each: Resources, count: u32) -> Resources {
    let count = u64::from(count);
    Resources {
        vcpu_milli: each.vcpu_milli.saturating_mul(count),
        memory_mib: each.memory_mib.saturating_mul(count),
        gpus: each.gpus.saturating_mul(count),
    }
}

#[cfg(test)]
mod tests;
