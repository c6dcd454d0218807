//! Hosts, pools and consumables while a step of placement goes on: what is free shrinks with every placement and
//! reservation.
//!
//! The rule: demands in order, each into its first pool with room, there onto the host that it fills best. Work per demand
//! is bounded by pools × hosts, whatever its count: a host takes as many equal things as fit in one go. Where there is no
//! room, that is found without a look at each host.
//!
//! A space outlives a step: what has changed since is told to it with [`Space::set_free`] and its like.

mod gang;
mod hosts;
mod reserve;
mod shortage;

use crate::problem::{Assignment, Consumable, Demand, Need, Pool, Problem, Shape};
use hosts::Hosts;
use longshore_types::Resources;
use reserve::far;

/// What is left for the demands to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Space {
    hosts: Hosts,
    pools: Vec<Pool>,
    consumables: Vec<Consumable>,
}

impl Space {
    /// Everything that the problem has.
    pub fn new(problem: Problem) -> Self {
        let Problem { hosts, pools, consumables } = problem;
        let mut pools = pools;
        pools.iter_mut().for_each(|pool| pool.hosts.sort_unstable());
        Self { hosts: Hosts::new(hosts), pools, consumables }
    }

    /// A host has so much free from now on.
    pub fn set_free(&mut self, host: usize, free: Resources) {
        self.hosts.set_free(host, free);
    }

    /// So many milli-vCPU of a pool are used from now on.
    pub fn set_used(&mut self, pool: usize, milli: u64) {
        self.pools[pool].used = milli;
    }

    /// There is so much of each consumable from now on.
    pub fn set_consumables(&mut self, consumables: Vec<Consumable>) {
        self.consumables = consumables;
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
        }
        assignments
    }

    /// At most how many fit, cheaply, and no more than asked for: caps are not looked at, and hosts of several pools count
    /// once for each.
    pub fn at_most(&self, demand: &Demand) -> u32 {
        let Shape::Single(each) = demand.shape else { return demand.count.min(1) };
        let mut on_hosts: u64 = 0;
        if self.hosts.have_room(each) {
            for &pool in &demand.pools {
                let mut able = self.hosts.with_room(each).filter(|&host| self.holds(pool, host));
                while on_hosts < u64::from(demand.count)
                    && let Some(host) = able.next()
                {
                    on_hosts = on_hosts.saturating_add(copies(self.hosts.get(host).free, each));
                }
            }
        }
        u32::try_from(on_hosts).unwrap_or(u32::MAX).min(demand.count).min(self.most_by_consumables(demand))
    }

    /// Whether no host that takes work has enough free for even one. Then neither [`Space::place`] nor [`Space::redeem`] finds
    /// anything. Of gangs that is not said.
    pub fn is_too_full_for(&self, shape: &Shape) -> bool {
        match shape {
            Shape::Single(each) => !self.hosts.have_room(*each),
            Shape::Gang(_) => false,
        }
    }

    /// The most milli-vCPU that a host which takes work has free.
    pub fn most_vcpu_milli(&self) -> u64 {
        self.hosts.most().vcpu_milli
    }

    /// Whether a host belongs to a pool.
    fn holds(&self, pool: usize, host: usize) -> bool {
        let own = &self.pools[pool].hosts;
        own.len() == self.hosts.len() || own.binary_search(&host).is_ok()
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
        let Pool { cap, used, .. } = &self.pools[pool];
        let under_cap = cap.map_or(u64::MAX, |cap| ratio(cap.saturating_sub(*used), each.vcpu_milli));
        if under_cap == 0 || !self.hosts.have_room(each) {
            return None;
        }
        let host = self.hosts.with_room(each).find(|&host| self.holds(pool, host))?;
        let fits = copies(self.hosts.get(host).free, each).min(under_cap);
        Some((host, u32::try_from(fits).unwrap_or(u32::MAX)))
    }

    /// Takes an amount, saturating: a reservation takes more than is free.
    fn take(&mut self, pool: usize, host: usize, amount: Resources) {
        self.hosts.set_free(host, self.hosts.get(host).free.minus(amount));
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
