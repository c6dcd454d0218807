//! What a server that is restored from a backup cannot know: all that happened since. What it has promised since then is gone;
//! attempts that it does not know may have done, and until they are stopped may do, what its own attempts do again. All else
//! holds: nothing on a host beside what it does not know, no output run twice, and every job that it knows ends.

use super::Audit;
use longshore_engine::Rows;
use longshore_types::{AttemptId, JobId, JobRef, JobStatus};
use std::collections::{BTreeMap, BTreeSet};

/// What was remembered when a backup was made.
#[derive(Clone, Debug)]
pub(crate) struct Past {
    ended: BTreeMap<JobRef, JobStatus>,
    acknowledged: BTreeSet<JobId>,
    forgotten: BTreeSet<JobId>,
    told: BTreeMap<JobRef, JobStatus>,
}

impl Audit {
    /// What a backup that is made now has to keep to.
    pub(crate) fn past(&self) -> Past {
        Past {
            ended: self.ended.clone(),
            acknowledged: self.acknowledged.clone(),
            forgotten: self.forgotten.clone(),
            told: self.told.clone(),
        }
    }

    /// The rows are those of a backup again.
    pub(crate) fn set_back(&mut self, past: Past, rows: &Rows) {
        let Past { ended, acknowledged, forgotten, told } = past;
        (self.ended, self.acknowledged, self.forgotten) = (ended, acknowledged, forgotten);
        self.told = told;
        self.forget_limits();
        let runs = rows.jobs.values().map(|job| &job.run).chain(rows.children.values());
        let known: BTreeSet<AttemptId> = runs
            .flat_map(|run| {
                let current = run.current.as_ref().map(|current| current.id);
                run.attempts.iter().map(|attempt| attempt.id).chain(current)
            })
            .collect();
        self.unknown = self.ordered.difference(&known).copied().collect();
    }

    /// Whether an attempt is one that a restored server does not know.
    pub(crate) fn is_unknown(&self, attempt: AttemptId) -> bool {
        self.unknown.contains(&attempt)
    }
}
