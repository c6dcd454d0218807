//! Attempts that have ended, remembered so that a late duplicate of their Start does not run them twice, and so that a
//! control plane that was set back to an older database can be told again how they ended.
//! Bounded: those acknowledged longest ago are forgotten first.

use longshore_protocol::{AttemptEnd, AttemptEvent};
use longshore_types::{AttemptId, Timestamp};
use std::collections::{BTreeMap, VecDeque};

/// Acknowledged attempts that are remembered. A duplicate can only arrive over a link on which its acknowledgement is
/// recent, so this has to exceed what one link can carry in its buffers.
const REMEMBERED: usize = 16_384;

/// What there was to tell of an attempt.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// When its last essential container started, if all of them did.
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) ended_at: Timestamp,
    pub(crate) end: AttemptEnd,
}

impl Told {
    /// The same, to be told again.
    pub(crate) fn events(&self, attempt: AttemptId) -> Vec<AttemptEvent> {
        let started = self.started_at.map(|at| AttemptEvent::Started { attempt, at });
        let ended = AttemptEvent::Ended { attempt, at: self.ended_at, end: self.end.clone() };
        started.into_iter().chain([ended]).collect()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Finished {
    members: BTreeMap<AttemptId, Told>,
    oldest_first: VecDeque<AttemptId>,
}

impl Finished {
    pub(crate) fn get(&self, attempt: AttemptId) -> Option<&Told> {
        self.members.get(&attempt)
    }

    /// Adds an attempt, forgetting the oldest beyond what is remembered; the last `unacknowledged` are always kept.
    pub(crate) fn insert(&mut self, attempt: AttemptId, told: Told, unacknowledged: usize) {
        let fresh = self.members.insert(attempt, told).is_none();
        assert!(fresh, "attempt {attempt} ended twice");
        self.oldest_first.push_back(attempt);
        while self.oldest_first.len() > REMEMBERED.saturating_add(unacknowledged) {
            if let Some(forgotten) = self.oldest_first.pop_front() {
                self.members.remove(&forgotten);
            }
        }
    }
}
