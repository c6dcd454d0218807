//! What a simulated world may not do: the rules, and a breach of one.

use std::fmt;

/// A rule that holds whatever happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// No host runs more than it has.
    Capacity,
    /// No environment is used beyond its `maxvCpus` (`CE-11`).
    Environments,
    /// No attempt runs twice, and no job under two attempts at once.
    OneAttempt,
    /// Statuses move only along the table (`ST-2`).
    Statuses,
    /// What has ended has ended for ever.
    Terminal,
    /// No acknowledged job is lost.
    Acknowledged,
    /// Nothing runs to success twice, and nothing succeeds that did not run.
    Once,
    /// Counters of arrays equal their children (`ARR-5`).
    Counters,
    /// Nothing starts before what it depends on has succeeded (`DEP-1`, `DEP-6`, `DEP-7`).
    Dependencies,
    /// What is in use of consumable resources is what attempts hold, and no more than there is (`CR-2`).
    Consumables,
    /// What shares use is what their attempts use (`FSS-2`).
    Shares,
    /// The reason that a waiting job is given is true.
    Reasons,
    /// Nothing leaves the server before the commit that carries it.
    Durable,
    /// State after a restart equals the state before it.
    Recovery,
    /// Once all heals, every job ends.
    Liveness,
    /// What processes may have left behind is named by a row for as long as their job is there, so that it goes with it.
    Outputs,
    /// Rows keep the other rules that `longshore doctor` checks.
    Rows,
    /// No assertion of the server or an agent fails.
    Assertion,
    /// The same seed tells the same story.
    Determinism,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 19] = [
        Self::Capacity,
        Self::Environments,
        Self::OneAttempt,
        Self::Statuses,
        Self::Terminal,
        Self::Acknowledged,
        Self::Once,
        Self::Counters,
        Self::Dependencies,
        Self::Consumables,
        Self::Shares,
        Self::Reasons,
        Self::Durable,
        Self::Recovery,
        Self::Liveness,
        Self::Outputs,
        Self::Rows,
        Self::Assertion,
        Self::Determinism,
    ];

    /// Its name, stable for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Capacity => "capacity",
            Self::Environments => "environments",
            Self::OneAttempt => "one-attempt",
            Self::Statuses => "statuses",
            Self::Terminal => "terminal",
            Self::Acknowledged => "acknowledged",
            Self::Once => "once",
            Self::Counters => "counters",
            Self::Dependencies => "dependencies",
            Self::Consumables => "consumables",
            Self::Shares => "shares",
            Self::Reasons => "reasons",
            Self::Durable => "durable",
            Self::Recovery => "recovery",
            Self::Liveness => "liveness",
            Self::Outputs => "outputs",
            Self::Rows => "rows",
            Self::Assertion => "assertion",
            Self::Determinism => "determinism",
        }
    }
}

/// A breach of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule.
    pub rule: Rule,
    /// Who broke it, and how.
    pub text: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.rule.as_str(), self.text)
    }
}

/// Breaks off the story unless the rule holds.
pub(crate) fn require(holds: bool, rule: Rule, text: impl FnOnce() -> String) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation { rule, text: text() }) }
}
