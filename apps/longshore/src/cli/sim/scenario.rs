//! Scenario files, one after another.

use super::{Args, hush};
use crate::cli::{Exit, UsageError};
use crate::output;
use anyhow::Context;
use longshore_sim::{Outcome, Scenario, told};
use serde_json::{Value, json};
use std::path::Path;

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    hush();
    let mut results = Vec::new();
    let mut exit = Exit::Success;
    for file in &args.files {
        let text = std::fs::read_to_string(file).with_context(|| format!("failed to read {}", file.display()))?;
        let scenario = Scenario::parse(&text).map_err(|error| UsageError(format!("{}: {error}", file.display())))?;
        let outcome = scenario.run(args.trace);
        if args.record {
            std::fs::write(file, scenario.record(&outcome))
                .with_context(|| format!("failed to write {}", file.display()))?;
        }
        let as_recorded = args.record || scenario.is_as_recorded(&outcome);
        if !as_recorded || outcome.violation.is_some() {
            exit = Exit::Failure;
        }
        if args.json {
            results.push(as_json(file, &outcome, as_recorded));
        } else {
            show(file, &scenario, &outcome, as_recorded);
        }
    }
    if args.json {
        output::json(&json!({ "scenarios": results }));
    }
    Ok(exit)
}

fn as_json(file: &Path, outcome: &Outcome, as_recorded: bool) -> Value {
    json!({
        "file": file.display().to_string(),
        "asRecorded": as_recorded,
        "outcome": outcome.seen,
        "broken": outcome.violation.as_ref().map(|broken| json!({ "rule": broken.rule.as_str(), "how": broken.text })),
        "story": outcome.story,
    })
}

fn show(file: &Path, scenario: &Scenario, outcome: &Outcome, as_recorded: bool) {
    outcome.story.iter().for_each(output::data);
    output::data(told(outcome).trim_end());
    match (as_recorded, &scenario.recorded) {
        (true, _) => output::say(format!("{}: as recorded", file.display())),
        (false, None) => output::say(format!("{}: nothing is recorded; --record does it", file.display())),
        (false, Some(recorded)) => {
            output::say(format!("{}: not as recorded, which is", file.display()));
            output::say(recorded.trim_end());
        }
    }
}
