//! What is missing, where it is least.

use super::Space;
use super::reserve::{far, wanted};
use crate::problem::{Assignment, Demand, Member, Need, ShortHost, Shortage};
use longshore_types::Resources;

/// What counts as available when a shortage is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Basis {
    /// What is free now, on hosts that take work.
    Now,
    /// All of it, on every host that is known.
    Idle,
}

/// What makes one place worse than another: see [`Space::shortage_in`].
type Badness = (u8, (u64, u64, u64), u64);

impl Space {
    /// What one of the demand lacks now, on the nearest fit: a place that could hold it when idle if there is one, and
    /// where least is missing.
    pub fn shortage(&self, demand: &Demand) -> Shortage {
        let members = demand.shape.members();
        let mut shortage = self.least(demand, &members, Basis::Now);
        let lacking = demand.needs.iter().filter_map(|need| {
            let available = self.consumables[need.consumable].available;
            let quantity = need.quantity.saturating_sub(available);
            (quantity > 0).then_some(Need { quantity, ..*need })
        });
        shortage.consumables = lacking.collect();
        shortage
    }

    /// What is missing even when every host is idle and every cap unused; `None` if one of the demand can be held then,
    /// or if no host is known yet.
    pub fn impossible(&self, demand: &Demand) -> Option<Shortage> {
        let known = demand.pools.iter().any(|&pool| !self.pools[pool].hosts.is_empty());
        if !known {
            return None;
        }
        let members = demand.shape.members();
        let holds = |&pool: &usize| {
            let fits_cap = self.cap_missing(pool, &members, 0) == 0;
            fits_cap && self.could_hold(pool, &members)
        };
        if demand.pools.iter().any(holds) {
            return None;
        }
        Some(self.least(demand, &members, Basis::Idle))
    }

    /// Whether the hosts of a pool could hold all members if they were idle.
    fn could_hold(&self, pool: usize, members: &[Member]) -> bool {
        let own = &self.pools[pool].hosts;
        match members {
            [Member { each, count: 1 }] if own.len() == self.hosts.len() => self.hosts.could_hold(*each),
            _ => super::gang::pack(pool, members, own, &mut self.hosts.idle()).is_some(),
        }
    }

    fn least(&self, demand: &Demand, members: &[Member], basis: Basis) -> Shortage {
        let candidates = demand.pools.iter().map(|&pool| self.shortage_in(pool, members, basis));
        candidates.min_by_key(|candidate| candidate.0).map(|(_, shortage)| shortage).unwrap_or_default()
    }

    /// What is missing in one pool and how bad that is: no host at all, no host that could, how much.
    fn shortage_in(&self, pool: usize, members: &[Member], basis: Basis) -> (Badness, Shortage) {
        let used = if basis == Basis::Now { self.pools[pool].used } else { 0 };
        let cap_missing = self.cap_missing(pool, members, used);
        let able = if basis == Basis::Now { self.nearest_in(pool, members) } else { None };
        let cap_able = self.cap_missing(pool, members, 0) == 0;
        let (hosts, rank) = match able {
            Some(found) => (self.missing_for(members, &found.assignments), u8::from(!cap_able)),
            None => (self.least_oversized(pool, members, basis), 1),
        };
        let rank = if hosts.is_empty() { 2 } else { rank };
        let sum = hosts.iter().fold(Resources::default(), |sum, host| sum.plus(host.missing));
        let (gpus, vcpus, memory) = far(sum);
        let shortage = Shortage { pool: Some(pool), hosts, cap_missing, consumables: Vec::new() };
        // The sum last: where a host alone is short, no pool is chosen whose cap is short as well.
        ((rank, (gpus, vcpus.max(cap_missing), memory), vcpus.saturating_add(cap_missing)), shortage)
    }

    /// What each host lacks for the parts that are assigned to it.
    pub(super) fn missing_for(&self, members: &[Member], assignments: &[Assignment]) -> Vec<ShortHost> {
        let missing =
            |(host, amount): (usize, Resources)| ShortHost { host, missing: amount.minus(self.hosts.get(host).free) };
        wanted(members, assignments).into_iter().map(missing).collect()
    }

    /// Where no host could hold all parts: for each part the host that lacks least, host by host.
    fn least_oversized(&self, pool: usize, members: &[Member], basis: Basis) -> Vec<ShortHost> {
        let idle = basis == Basis::Idle;
        let mut left = if idle { self.hosts.idle() } else { self.hosts.free() };
        let hosts: Vec<usize> = if idle { self.pools[pool].hosts.clone() } else { self.open_hosts(pool).collect() };
        let mut missing: std::collections::BTreeMap<usize, Resources> = std::collections::BTreeMap::new();
        for member in super::gang::by_size(members) {
            let Member { each, count } = members[member];
            for _ in 0..count {
                let nearest = hosts.iter().copied().min_by_key(|&host| (far(each.minus(left[host])), host));
                let Some(host) = nearest else { return Vec::new() };
                let sum = missing.entry(host).or_default();
                *sum = sum.plus(each.minus(left[host]));
                left[host] = left[host].minus(each);
            }
        }
        missing.into_iter().map(|(host, missing)| ShortHost { host, missing }).collect()
    }
}
