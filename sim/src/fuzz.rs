//! Many seeds: each is run twice, judged, and counted.

use crate::coverage::Coverage;
use crate::generate;
use crate::outcome::{self, Outcome};
use crate::planted::Planted;
use crate::violation::{Rule, Violation};

/// What came of many seeds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many.
    pub seeds: u64,
    /// Events, each run counted once.
    pub steps: u64,
    /// Jobs.
    pub jobs: u64,
    /// What happened.
    pub coverage: Coverage,
    /// Seeds that broke a rule, and which, ascending.
    pub failures: Vec<(u64, Violation)>,
}

impl Totals {
    /// Counts a seed in.
    pub fn count(&mut self, seed: u64, outcome: Outcome) {
        self.seeds += 1;
        self.steps += outcome.steps;
        self.jobs += outcome.jobs;
        self.coverage.add(&outcome.coverage);
        self.failures.extend(outcome.violation.map(|violation| (seed, violation)));
    }

    /// Adds what came of other seeds.
    pub fn add(&mut self, other: Self) {
        self.seeds += other.seeds;
        self.steps += other.steps;
        self.jobs += other.jobs;
        self.coverage.add(&other.coverage);
        self.failures.extend(other.failures);
        self.failures.sort_by_key(|(seed, _)| *seed);
    }
}

/// Runs a seed twice: the same seed has to tell the same story.
pub fn seed(seed: u64) -> Outcome {
    seed_planted(seed, None)
}

pub(crate) fn seed_planted(seed: u64, planted: Option<Planted>) -> Outcome {
    let script = generate::script(seed);
    let mut first = outcome::run_planted(&script, planted, false);
    let again = outcome::run_planted(&script, planted, false);
    if first.fingerprint != again.fingerprint && first.violation.is_none() {
        let text = format!("seed {seed} tells two stories: {:x} and {:x}", first.fingerprint, again.fingerprint);
        first.violation = Some(Violation { rule: Rule::Determinism, text });
    }
    first
}
