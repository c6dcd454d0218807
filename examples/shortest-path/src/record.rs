//! What is kept of one origin: enough to aggregate exactly. It must not depend on how the distances were found.

use crate::mix::mix;

/// All sums are over the destinations that can be reached, the origin itself excepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) origin: u32,
    pub(crate) reachable: u32,
    /// In the network's units.
    pub(crate) sum: u128,
    /// The largest distance and its destination (the smallest, if several); `None` when nothing can be reached.
    pub(crate) farthest: Option<(u64, u32)>,
    /// Σ (distance + 1) × `multiplier(destination)`, modulo 2^64.
    pub(crate) checksum: u64,
}

/// Ties a distance to its destination in the checksum.
pub(crate) fn multiplier(destination: u32) -> u64 {
    mix(u64::from(destination))
}

impl Record {
    pub(crate) fn new(origin: u32) -> Self {
        Self { origin, reachable: 0, sum: 0, farthest: None, checksum: 0 }
    }

    /// Adds a destination; the order of calls does not matter.
    pub(crate) fn add(&mut self, destination: u32, distance: u64) {
        self.reachable += 1;
        self.sum += u128::from(distance);
        let farther = |(most, node)| distance > most || (distance == most && destination < node);
        if self.farthest.is_none_or(farther) {
            self.farthest = Some((distance, destination));
        }
        self.checksum = self.checksum.wrapping_add((distance + 1).wrapping_mul(multiplier(destination)));
    }

    /// This origin's part of the checksum of all pairs; the parts are added modulo 2^64.
    pub(crate) fn signature(&self) -> u64 {
        mix(mix(u64::from(self.origin)) ^ self.checksum)
    }
}
