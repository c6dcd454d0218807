//! Attempts that have ended, remembered so that a late duplicate of their Start does not run them twice.
//! Bounded: those acknowledged longest ago are forgotten first.

use longshore_types::AttemptId;
use std::collections::{BTreeSet, VecDeque};

/// Acknowledged attempts that are remembered. A duplicate can only arrive over a link on which its acknowledgement is
/// recent, so this has to exceed what one link can carry in its buffers.
const REMEMBERED: usize = 16_384;

#[derive(Debug, Default)]
pub(crate) struct Finished {
    members: BTreeSet<AttemptId>,
    oldest_first: VecDeque<AttemptId>,
}

impl Finished {
    pub(crate) fn contains(&self, attempt: AttemptId) -> bool {
        self.members.contains(&attempt)
    }

    /// Adds an attempt, forgetting the oldest beyond what is remembered; the last `unacknowledged` are always kept.
    pub(crate) fn insert(&mut self, attempt: AttemptId, unacknowledged: usize) {
        assert!(self.members.insert(attempt), "attempt {attempt} ended twice");
        self.oldest_first.push_back(attempt);
        while self.oldest_first.len() > REMEMBERED.saturating_add(unacknowledged) {
            if let Some(forgotten) = self.oldest_first.pop_front() {
                self.members.remove(&forgotten);
            }
        }
    }
}
