//! What must be true of the rows whatever has happened (ARCHITECTURE.md, invariants): checked after every step of random
//! lives, and of a data directory by `longshore doctor`. It looks at rows alone, and changes nothing.

mod jobs;
mod resources;

use crate::rows::Rows;
use longshore_types::JobId;
use std::collections::BTreeSet;

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
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn require(&mut self, holds: bool, invariant: Invariant, told: impl FnOnce() -> (String, String)) {
        if !holds {
            let (subject, problem) = told();
            self.0.push(Finding { invariant, subject, problem });
        }
    }
}

/// Every row that breaks a rule. Of jobs that are `leaving`, whose rows are removed piece by piece, only the pieces may be
/// left.
pub fn audit(rows: &Rows, leaving: &BTreeSet<JobId>) -> Vec<Finding> {
    let mut findings = Findings::default();
    jobs::audit(rows, leaving, &mut findings);
    resources::audit(rows, leaving, &mut findings);
    findings.0
}

#[cfg(test)]
mod tests;
