//! The processes of the simulated host, and what they have done.

use longshore_agent::Launch;
use longshore_types::{AttemptId, JobRef};
use std::collections::{BTreeMap, BTreeSet};

/// Processes that run now, and the side effects of those that have ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Processes {
    /// By what names their output.
    pub(crate) running: BTreeMap<AttemptId, Launch>,
    /// Jobs and children, with the attempts of them whose essential container exited with 0.
    pub(crate) succeeded: BTreeMap<JobRef, BTreeSet<AttemptId>>,
    ever: BTreeSet<AttemptId>,
}

impl Processes {
    pub(crate) fn start(&mut self, start: Launch) {
        let output = start.container.output;
        assert!(self.ever.insert(output), "{output} of attempt {} ran twice", start.attempt);
        let other = self.running.values().find(|other| other.job == start.job && other.attempt != start.attempt);
        assert!(other.is_none(), "{} ran under two attempts at once", start.job);
        self.running.insert(output, start);
    }

    /// The process ends; an exit with 0 has its effect.
    pub(crate) fn end(&mut self, output: AttemptId, exit_code: i32) {
        let Some(Launch { job, attempt, container, .. }) = self.running.remove(&output) else { return };
        if exit_code == 0 && container.essential {
            self.succeeded.entry(job).or_default().insert(attempt);
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.ever.len()
    }
}
