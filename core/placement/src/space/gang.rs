//! Gangs: parts of different sizes that are placed all at once or not at all (`SCH-5`, `MNP-4`).
//!
//! Packing parts onto hosts is a hard problem; the rule here is greedy, largest part first. The same rule decides what is
//! impossible, so a gang that waits can always be placed once its hosts are idle.

use super::{Space, copies, times};
use crate::problem::{Assignment, Member};
use longshore_types::Resources;

impl Space {
    /// Takes the whole gang in the first pool that holds it, or nothing.
    pub(super) fn place_gang(&mut self, members: &[Member], pools: &[usize]) -> Vec<Assignment> {
        for &pool in pools {
            let mut free = self.hosts.free();
            let fits_cap = self.cap_missing(pool, members, self.pools[pool].used) == 0;
            let open: Vec<usize> = self.open_hosts(pool).collect();
            if let Some(assignments) = pack(pool, members, &open, &mut free).filter(|_| fits_cap) {
                self.take_all(members, &assignments);
                return assignments;
            }
        }
        Vec::new()
    }

    /// The hosts of a pool that take work.
    pub(super) fn open_hosts(&self, pool: usize) -> impl Iterator<Item = usize> {
        self.pools[pool].hosts.iter().copied().filter(|&host| self.hosts.get(host).open)
    }

    pub(super) fn take_all(&mut self, members: &[Member], assignments: &[Assignment]) {
        for assignment in assignments {
            let amount = times(members[assignment.member].each, assignment.count);
            self.take(assignment.pool, assignment.host, amount);
        }
    }

    /// Milli-vCPU that a pool's cap lacks for all members, with so much of it used.
    pub(super) fn cap_missing(&self, pool: usize, members: &[Member], used: u64) -> u64 {
        let wanted = |member: &Member| times(member.each, member.count).vcpu_milli;
        let all = members.iter().map(wanted).fold(0, u64::saturating_add);
        self.pools[pool].cap.map_or(0, |cap| all.saturating_sub(cap.saturating_sub(used)))
    }
}

/// Members by size, largest first.
pub(super) fn by_size(members: &[Member]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..members.len()).collect();
    let size = |member: &Member| (member.each.gpus, member.each.vcpu_milli, member.each.memory_mib);
    order.sort_by_key(|&member| (std::cmp::Reverse(size(&members[member])), member));
    order
}

/// Packs every part onto the fullest host that holds it; takes it from `free`.
pub(super) fn pack(
    pool: usize,
    members: &[Member],
    hosts: &[usize],
    free: &mut [Resources],
) -> Option<Vec<Assignment>> {
    let mut assignments = Vec::new();
    for member in by_size(members) {
        let Member { each, count } = members[member];
        let mut left = count;
        while left > 0 {
            let holds_one = hosts.iter().copied().filter(|&host| free[host].fits(each));
            let host = holds_one.min_by_key(|&host| (free[host].vcpu_milli, free[host].memory_mib, host))?;
            let count = left.min(u32::try_from(copies(free[host], each)).unwrap_or(u32::MAX));
            free[host] = free[host].minus(times(each, count));
            assignments.push(Assignment { pool, host, member, count });
            left -= count;
        }
    }
    Some(assignments)
}
