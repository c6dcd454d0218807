//! What must be true of the rows whatever has happened (ARCHITECTURE.md, invariants): checked after every step of random
//! lives, and of a data directory by `longshore doctor`, which shows the rows one by one. It looks at rows alone, and changes
//! nothing.

mod auditor;
mod jobs;
mod resources;

pub use auditor::{Audited, Auditor, ExaminedJob, Others, attempts_of, repeated};

use crate::entity::Run;
use crate::rows::Rows;
use longshore_types::{AttemptId, JobId, JobRef};
use std::collections::{BTreeMap, BTreeSet};

/// A rule that the rows keep to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// What a row names is there.
    References,
    /// The counters of an array equal its children (`ARR-5`).
    ArrayCounters,
    /// A status and the times, attempts and places beside it agree (`ST-1`).
    Lives,
    /// No attempt belongs to two jobs, children or nodes.
    Attempts,
    /// What waits has something to wait for (`DEP-1`).
    Dependencies,
    /// What is in use of consumable resources is what attempts hold (`CR-2`).
    Consumables,
    /// Log streams belong to jobs, and end with them (`LOG-1`).
    LogStreams,
    /// Numbers of events have no gaps (`EV-1`).
    Events,
}

impl Invariant {
    /// Every rule.
    pub const ALL: [Self; 8] = [
        Self::References,
        Self::ArrayCounters,
        Self::Lives,
        Self::Attempts,
        Self::Dependencies,
        Self::Consumables,
        Self::LogStreams,
        Self::Events,
    ];

    /// Its name, stable for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::References => "references",
            Self::ArrayCounters => "array-counters",
            Self::Lives => "lives",
            Self::Attempts => "attempts",
            Self::Dependencies => "dependencies",
            Self::Consumables => "consumables",
            Self::LogStreams => "log-streams",
            Self::Events => "events",
        }
    }
}

/// A row that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub invariant: Invariant,
    /// What breaks it: a job, a queue, a stream, by name or id.
    pub subject: String,
    /// How.
    pub problem: String,
}

/// What the checks gather.
#[derive(Debug, Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn require(&mut self, holds: bool, invariant: Invariant, told: impl FnOnce() -> (String, String)) {
        if !holds {
            let (subject, problem) = told();
            self.0.push(Finding { invariant, subject, problem });
        }
    }
}

/// Every row that breaks a rule, of rows that are in memory. Of jobs that are `leaving`, whose rows are removed piece by
/// piece, only the pieces may be left.
pub fn audit(rows: &Rows, leaving: &BTreeSet<JobId>) -> Vec<Finding> {
    let mut auditor = Auditor::new(rows, leaving);
    for job in rows.jobs.values() {
        let own = rows.children.range((job.id, 0)..=(job.id, u32::MAX));
        let mut examined = auditor.job(job, rows);
        own.for_each(|((_, index), run)| examined.child(*index, run));
        examined.finish();
    }
    let orphans = rows.children.keys().filter(|(job, _)| !rows.jobs.contains_key(job));
    orphans.for_each(|(job, index)| auditor.orphan(*job, *index));
    rows.log_streams.values().for_each(|stream| auditor.log_stream(stream, rows));
    rows.events.values().for_each(|event| auditor.event(event.first(), event.seq));
    let mut audited = auditor.finish();
    for (attempt, owners) in owners_of(&audited.repeated, rows) {
        audited.findings.push(repeated(attempt, &owners));
    }
    audited.findings
}

fn owners_of(repeated: &BTreeSet<AttemptId>, rows: &Rows) -> BTreeMap<AttemptId, Vec<JobRef>> {
    let mut owners: BTreeMap<AttemptId, Vec<JobRef>> = BTreeMap::new();
    let mut add = |reference: JobRef, run: &Run| {
        for id in attempts_of(run).filter(|id| repeated.contains(id)) {
            owners.entry(id).or_default().push(reference);
        }
    };
    if !repeated.is_empty() {
        let whole = rows.jobs.values().filter(|job| job.gang.is_none());
        whole.for_each(|job| add(JobRef::Job(job.id), &job.run));
        let parts = rows.children.iter().filter(|((job, _), _)| rows.jobs.contains_key(job));
        parts.for_each(|((job, index), run)| add(JobRef::Child(*job, *index), run));
    }
    owners
}

#[cfg(test)]
mod tests;
