//! One script, run: what came of it. A panic of the production code is a breach of a rule like any other.

use crate::coverage::Coverage;
use crate::planted::Planted;
use crate::script::Script;
use crate::violation::{Rule, Violation};
use crate::world::World;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What came of a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The rule that was broken, if one was.
    pub violation: Option<Violation>,
    /// Two runs of the same script have the same.
    pub fingerprint: u64,
    /// Events.
    pub steps: u64,
    /// Jobs, arrays and multi-node jobs as one.
    pub jobs: u64,
    /// What happened.
    pub coverage: Coverage,
    /// The story in words, if it was asked for.
    pub story: Vec<String>,
    /// What the script wanted to see, and how its jobs ended.
    pub seen: Vec<String>,
}

/// Runs a script; `told` asks for the story in words.
pub fn run(script: &Script, told: bool) -> Outcome {
    run_planted(script, None, told)
}

pub(crate) fn run_planted(script: &Script, planted: Option<Planted>, told: bool) -> Outcome {
    let mut world = match World::new(script.clone(), planted, told) {
        Ok(world) => world,
        Err(violation) => return Outcome { violation: Some(violation), ..Outcome::default() },
    };
    let result = catch_unwind(AssertUnwindSafe(|| world.run()));
    let violation = match result {
        Ok(result) => result.err(),
        Err(panic) => Some(Violation { rule: Rule::Assertion, text: message(panic.as_ref()) }),
    };
    for job in world.rows.jobs.values() {
        let _ = write!(world.fingerprint, "{job:?}");
    }
    let mut seen = std::mem::take(&mut world.seen);
    seen.extend(world.outcomes());
    Outcome {
        violation,
        fingerprint: world.fingerprint.0,
        steps: world.happened,
        jobs: world.rows.jobs.len() as u64,
        coverage: world.coverage,
        story: world.story.into_lines(),
        seen,
    }
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without words").to_owned()
}
