//! What is RUNNABLE in one queue, in dispatch order (`SCH-1`): retried jobs first (`RTY-2`), then by submission.

use crate::entity::Run;
use longshore_types::{JobId, JobRef};
use std::collections::BTreeMap;

/// The place of an entry in its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// 0 for a retry, 1 for a first attempt.
    pub(crate) rank: u8,
    /// The job's order of submission.
    pub(crate) seq: u64,
    /// 0 for a job or an array's fresh children, else the child's index + 1.
    pub(crate) part: u64,
}

impl Place {
    /// Of a job or child with a life of its own: retries go first (`RTY-2`).
    pub(crate) fn of(run: &Run, seq: u64, index: Option<u32>) -> Self {
        let rank = u8::from(run.attempts.is_empty());
        Self { rank, seq, part: index.map_or(0, |index| u64::from(index) + 1) }
    }

    /// Of an array's fresh children.
    pub(crate) const fn fresh(seq: u64) -> Self {
        Self { rank: 1, seq, part: 0 }
    }
}

/// An entry of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ready {
    /// One job or child.
    One(JobRef),
    /// Every RUNNABLE child of the array that has no row of its own, in index order.
    Fresh(JobId),
}

/// The RUNNABLE part of one queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ReadyQueue {
    /// Entries that placement looks at, in order.
    pub(crate) order: BTreeMap<Place, Ready>,
    /// Entries that no host could hold even if it were empty: they block nobody and wait for the fleet to change.
    pub(crate) impossible: BTreeMap<Place, Ready>,
}

impl ReadyQueue {
    /// Adds an entry.
    pub(crate) fn insert(&mut self, place: Place, ready: Ready) {
        self.order.insert(place, ready);
    }

    /// Removes an entry, wherever it is.
    pub(crate) fn remove(&mut self, place: Place) {
        self.order.remove(&place);
        self.impossible.remove(&place);
    }

    /// Sets an entry aside until the fleet changes.
    pub(crate) fn set_aside(&mut self, place: Place) {
        if let Some(ready) = self.order.remove(&place) {
            self.impossible.insert(place, ready);
        }
    }

    /// Gives every entry that was set aside another chance.
    pub(crate) fn unblock(&mut self) {
        self.order.append(&mut self.impossible);
    }
}
