//! The processes of the simulated host, and what they have done.

use longshore_agent::Launch;
use longshore_types::{AttemptId, JobRef};
use std::collections::{BTreeMap, BTreeSet};

/// Processes that run now, and the side effects of those that have ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Processes {
    pub(crate) running: BTreeMap<AttemptId, JobRef>,
    /// Jobs and children, with the attempts of them that exited with 0.
    pub(crate) succeeded: BTreeMap<JobRef, BTreeSet<AttemptId>>,
    ever: BTreeSet<AttemptId>,
}

impl Processes {
    pub(crate) fn start(&mut self, start: &Launch) {
        assert!(self.ever.insert(start.attempt), "attempt {} ran twice", start.attempt);
        let other = self.running.values().find(|job| **job == start.job);
        assert!(other.is_none(), "{} ran under two attempts at once", start.job);
        self.running.insert(start.attempt, start.job);
    }

    /// The process ends; an exit with 0 has its effect.
    pub(crate) fn end(&mut self, attempt: AttemptId, exit_code: i32) {
        let Some(job) = self.running.remove(&attempt) else { return };
        if exit_code == 0 {
            self.succeeded.entry(job).or_default().insert(attempt);
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.ever.len()
    }
}
