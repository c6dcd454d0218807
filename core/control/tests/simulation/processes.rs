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
        if let JobRef::Node(id, _) = start.job {
            let fellow = |other: &&Launch| matches!(other.job, JobRef::Node(..)) && other.job.job() == id;
            let former = self.running.values().filter(fellow).find(|other| number(other) != number(&start));
            assert!(former.is_none(), "{} ran beside a node of another attempt", start.job);
        }
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

/// The number of the attempt within its job.
fn number(launch: &Launch) -> Option<&str> {
    let mut variables = launch.container.environment.iter();
    variables.find(|(name, _)| name == "AWS_BATCH_JOB_ATTEMPT").map(|(_, number)| number.as_str())
}
