//! The placement rule: demands in order, each into its first pool with room, there onto the host that it fills best.
//!
//! Work is bounded by demands × pools × hosts, whatever the counts: a host takes as many equal things as fit in one go.

use crate::problem::{Assignment, Demand, Host, Plan, Pool, Problem, Shortage, Verdict};
use longshore_types::Resources;

/// Places what fits.
pub fn place(problem: &Problem) -> Plan {
    let mut state = State { hosts: problem.hosts.clone(), pools: problem.pools.clone() };
    let mut blocked: Vec<usize> = Vec::new();
    let mut plan = Plan::default();
    for (ordinal, demand) in problem.demands.iter().enumerate() {
        if blocked.contains(&demand.lane) {
            plan.verdicts.push(Verdict::Behind);
            continue;
        }
        let left = state.place_demand(ordinal, demand, &mut plan.assignments);
        let verdict = if left == 0 { Verdict::Placed } else { state.explain(demand) };
        if matches!(verdict, Verdict::Short(_)) {
            blocked.push(demand.lane);
        }
        plan.verdicts.push(verdict);
    }
    plan
}

/// The hosts and pools as they will be once the plan so far is carried out.
struct State {
    hosts: Vec<Host>,
    pools: Vec<Pool>,
}

impl State {
    /// Places as many as fit and returns how many are left.
    fn place_demand(&mut self, ordinal: usize, demand: &Demand, assignments: &mut Vec<Assignment>) -> u32 {
        let mut left = demand.count;
        for &pool in &demand.pools {
            while left > 0 {
                let Some((host, fits)) = self.best_host(pool, demand.each) else { break };
                let count = left.min(fits);
                let amount = times(demand.each, count);
                self.hosts[host].free = self.hosts[host].free.minus(amount);
                self.pools[pool].used += amount.vcpu_milli;
                assignments.push(Assignment { demand: ordinal, pool, host, count });
                left -= count;
            }
        }
        left
    }

    /// The host of the pool with room for at least one and the least processors free, and how many fit there.
    fn best_host(&self, pool: usize, each: Resources) -> Option<(usize, u32)> {
        let pool = &self.pools[pool];
        let under_cap = pool.cap.map_or(u64::MAX, |cap| ratio(cap.saturating_sub(pool.used), each.vcpu_milli));
        let candidates = pool.hosts.iter().map(|&host| (host, copies(self.hosts[host].free, each).min(under_cap)));
        let (host, fits) = candidates
            .filter(|&(_, fits)| fits > 0)
            .min_by_key(|&(host, _)| (self.hosts[host].free.vcpu_milli, self.hosts[host].free.memory_mib, host))?;
        Some((host, u32::try_from(fits).unwrap_or(u32::MAX)))
    }

    /// Why one more does not fit.
    fn explain(&self, demand: &Demand) -> Verdict {
        let idle = |host: usize| self.hosts[host].total;
        let known_hosts = demand.pools.iter().any(|&pool| !self.pools[pool].hosts.is_empty());
        let possible = demand.pools.iter().any(|&pool| {
            let pool = &self.pools[pool];
            let under_cap = pool.cap.is_none_or(|cap| cap >= demand.each.vcpu_milli);
            under_cap && pool.hosts.iter().any(|&host| idle(host).fits(demand.each))
        });
        if possible || !known_hosts {
            Verdict::Short(self.shortage(demand, |host| self.hosts[host].free, |pool| pool.used))
        } else {
            Verdict::Impossible(self.shortage(demand, idle, |_| 0))
        }
    }

    fn shortage(
        &self,
        demand: &Demand,
        available: impl Fn(usize) -> Resources,
        used: impl Fn(&Pool) -> u64,
    ) -> Shortage {
        let mut best: Option<Shortage> = None;
        for &ordinal in &demand.pools {
            let pool = &self.pools[ordinal];
            let cap_missing =
                pool.cap.map_or(0, |cap| demand.each.vcpu_milli.saturating_sub(cap.saturating_sub(used(pool))));
            let hosts = pool.hosts.iter().map(|&host| (Some(host), demand.each.minus(available(host))));
            let none = pool.hosts.is_empty().then_some((None, demand.each));
            for (host, missing) in hosts.chain(none) {
                let candidate = Shortage { nearest: Some((ordinal, host)), missing, cap_missing };
                if best.is_none_or(|best| distance(&candidate) < distance(&best)) {
                    best = Some(candidate);
                }
            }
        }
        best.unwrap_or(Shortage { nearest: None, missing: demand.each, cap_missing: 0 })
    }
}

/// How far a fit is: GPUs first, then processors (of the host or under the cap), then memory.
fn distance(shortage: &Shortage) -> (u64, u64, u64) {
    let missing = shortage.missing;
    (missing.gpus, missing.vcpu_milli.max(shortage.cap_missing), missing.memory_mib)
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
