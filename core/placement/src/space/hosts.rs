//! The hosts of a space, found by what is free on them, so that neither a search for room nor the news that there is none
//! looks at each of them.
//!
//! Two orders are kept. `by_room` has the hosts that take work in the order in which they are filled: the first with room is
//! the best fit, and the emptiest come last. `rounds` is a tournament: the amount above a set of hosts is, in every dimension,
//! the most that one of them has free; where even that is too little, none of the set has room.

use super::far;
use crate::problem::Host;
use longshore_types::Resources;
use std::collections::{BTreeMap, BTreeSet};

/// Hosts by ordinal, and in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Hosts {
    rows: Vec<Host>,
    /// Milli-vCPU and memory that are free, and the host.
    by_room: BTreeSet<(u64, u64, usize)>,
    /// From the winner of all at 1 on, each before the two that it was found from; hosts come last.
    rounds: Vec<Resources>,
    /// How many hosts have so much in all.
    totals: BTreeMap<Resources, usize>,
}

impl Hosts {
    pub(super) fn new(rows: Vec<Host>) -> Self {
        let leaves = rows.len().next_power_of_two().max(1);
        let mut hosts = Self { rounds: vec![Resources::default(); 2 * leaves], ..Self::default() };
        for (ordinal, host) in rows.iter().enumerate() {
            *hosts.totals.entry(host.total).or_default() += 1;
            if host.open {
                hosts.by_room.insert((host.free.vcpu_milli, host.free.memory_mib, ordinal));
                hosts.rounds[leaves + ordinal] = host.free;
            }
        }
        hosts.rows = rows;
        for at in (1..leaves).rev() {
            hosts.rounds[at] = hosts.rounds[2 * at].most(hosts.rounds[2 * at + 1]);
        }
        hosts
    }

    pub(super) fn get(&self, ordinal: usize) -> &Host {
        &self.rows[ordinal]
    }

    pub(super) const fn len(&self) -> usize {
        self.rows.len()
    }

    /// What each host has in all.
    pub(super) fn idle(&self) -> Vec<Resources> {
        self.rows.iter().map(|host| host.total).collect()
    }

    /// What each host has free.
    pub(super) fn free(&self) -> Vec<Resources> {
        self.rows.iter().map(|host| host.free).collect()
    }

    /// A host has so much free from now on.
    pub(super) fn set_free(&mut self, ordinal: usize, free: Resources) {
        let host = &mut self.rows[ordinal];
        let before = std::mem::replace(&mut host.free, free);
        if !host.open || before == free {
            return;
        }
        self.by_room.remove(&(before.vcpu_milli, before.memory_mib, ordinal));
        self.by_room.insert((free.vcpu_milli, free.memory_mib, ordinal));
        let mut at = self.rounds.len() / 2 + ordinal;
        self.rounds[at] = free;
        while at > 1 {
            at /= 2;
            let most = self.rounds[2 * at].most(self.rounds[2 * at + 1]);
            if self.rounds[at] == most {
                break;
            }
            self.rounds[at] = most;
        }
    }

    /// The most that hosts which take work have free, in each dimension.
    pub(super) fn most(&self) -> Resources {
        self.rounds.get(1).copied().unwrap_or_default()
    }

    /// Whether some host that takes work has room for so much.
    pub(super) fn have_room(&self, each: Resources) -> bool {
        self.have_room_below(1, each)
    }

    fn have_room_below(&self, at: usize, each: Resources) -> bool {
        let leaves = self.rounds.len() / 2;
        if !self.rounds[at].fits(each) {
            return false;
        }
        if at >= leaves {
            return self.rows.get(at - leaves).is_some_and(|host| host.open);
        }
        self.have_room_below(2 * at, each) || self.have_room_below(2 * at + 1, each)
    }

    /// The hosts that take work and have room for so much, those with the least processors free first.
    pub(super) fn with_room(&self, each: Resources) -> impl Iterator<Item = usize> {
        let enough = self.by_room.range((each.vcpu_milli, each.memory_mib, 0)..);
        let enough = enough.map(|&(_, _, ordinal)| ordinal);
        enough.filter(move |&ordinal| self.rows[ordinal].free.fits(each))
    }

    /// Whether some host, be it idle, could hold so much.
    pub(super) fn could_hold(&self, each: Resources) -> bool {
        self.totals.keys().any(|total| total.fits(each))
    }

    /// The host that takes work, could hold so much when idle, and lacks least of it now; the first of several.
    pub(super) fn nearest(&self, each: Resources, among: impl Fn(usize) -> bool) -> Option<usize> {
        let mut best: Option<((u64, u64, u64), usize)> = None;
        for &(vcpu_milli, _, ordinal) in self.by_room.iter().rev() {
            // From here on every host lacks as many processors at least.
            let at_least = (0, each.vcpu_milli.saturating_sub(vcpu_milli), 0);
            if best.is_some_and(|(distance, _)| distance < at_least) {
                break;
            }
            let host = &self.rows[ordinal];
            if host.total.fits(each) && among(ordinal) {
                let found = (far(each.minus(host.free)), ordinal);
                best = Some(best.map_or(found, |best| best.min(found)));
            }
        }
        best.map(|(_, ordinal)| ordinal)
    }
}

#[cfg(test)]
mod tests;
