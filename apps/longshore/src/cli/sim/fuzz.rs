//! Many seeds on all processors, their totals, and of the first that fails a reduced story.

use super::hush;
use crate::cli::Exit;
use crate::output::{self, Table};
use longshore_sim::{Coverage, Outcome, Totals, Violation};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// A run of at least so many seeds has to meet every kind of fault.
const MANY: u64 = 1_000;

/// Random lives: each seed is a workload with faults, then everything heals and every job has to end
///
/// Exits with 1 if a seed breaks a rule, or if a run of 1,000 seeds or more never meets some kind of fault.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  longshore sim fuzz --seeds 2000
  longshore sim fuzz --seed 42 --trace")]
pub(super) struct Args {
    /// How many seeds; 1,000 unless --seed says which one
    #[arg(long, value_name = "N")]
    seeds: Option<u64>,

    /// The first seed
    #[arg(long, value_name = "S")]
    seed: Option<u64>,

    /// Tell the story of each seed in words, and the script that it comes from
    #[arg(long)]
    trace: bool,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    hush();
    let first = args.seed.unwrap_or(0);
    let count = args.seeds.unwrap_or(if args.seed.is_some() { 1 } else { MANY });
    let begun = Instant::now();
    let totals = if args.trace { traced(first, count) } else { on_all_processors(first, count) };
    let per_minute = (totals.seeds as f64 * 60.0 / begun.elapsed().as_secs_f64().max(0.001)) as u64;
    let missing = if count >= MANY { totals.coverage.missing() } else { Vec::new() };
    if args.json {
        output::json(&as_json(&totals, &missing, per_minute));
    } else {
        show(&totals, &missing);
    }
    let line = format!(
        "{} seeds, {} steps, {} jobs, {per_minute} seeds/minute, {} failed",
        totals.seeds,
        totals.steps,
        totals.jobs,
        totals.failures.len()
    );
    if args.json {
        output::say(line)
    } else {
        output::data(line)
    }
    let clean = totals.failures.is_empty() && missing.is_empty();
    Ok(if clean { Exit::Success } else { Exit::Failure })
}

fn traced(first: u64, count: u64) -> Totals {
    let mut totals = Totals::default();
    for seed in first..first.saturating_add(count) {
        let script = longshore_sim::script(seed);
        output::data(script.to_string());
        let outcome = longshore_sim::run(&script, true);
        outcome.story.iter().for_each(output::data);
        totals.count(seed, outcome);
    }
    totals
}

fn on_all_processors(first: u64, count: u64) -> Totals {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicU64::new(0);
    let work = || {
        let mut totals = Totals::default();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return totals;
            }
            let seed = first.wrapping_add(number);
            totals.count(seed, longshore_sim::seed(seed));
        }
    };
    let mut totals = Totals::default();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            match worker.join() {
                Ok(of_worker) => totals.add(of_worker),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    totals
}

fn as_json(totals: &Totals, missing: &[&str], per_minute: u64) -> Value {
    let Coverage { faults, commands, checks } = &totals.coverage;
    let failure = |(seed, broken): &(u64, Violation)| json!({ "seed": seed, "rule": broken.rule.as_str(), "how": broken.text, "command": command_of(*seed) });
    json!({
        "seeds": totals.seeds,
        "steps": totals.steps,
        "jobs": totals.jobs,
        "seedsPerMinute": per_minute,
        "faults": faults,
        "faultsNeverMet": missing,
        "commands": commands,
        "checks": checks,
        "failures": totals.failures.iter().map(failure).collect::<Vec<_>>(),
    })
}

fn show(totals: &Totals, missing: &[&str]) {
    let Coverage { faults, commands, checks } = &totals.coverage;
    let mut table = Table::new(&["FAULT", "MET"]);
    faults.iter().for_each(|(kind, count)| table.row(vec![(*kind).to_owned(), count.to_string()]));
    missing.iter().for_each(|kind| table.row(vec![(*kind).to_owned(), "never".to_owned()]));
    output::data(table.render());
    let mut table = Table::new(&["COMMAND", "ACCEPTED", "REFUSED"]);
    for (verb, (accepted, refused)) in commands {
        table.row(vec![verb.clone(), accepted.to_string(), refused.to_string()]);
    }
    output::data(table.render());
    let mut table = Table::new(&["CHECKED", "TIMES"]);
    checks.iter().for_each(|(what, count)| table.row(vec![(*what).to_owned(), count.to_string()]));
    output::data(table.render());
    for (seed, broken) in &totals.failures {
        output::data(format!("seed {seed}: {broken}"));
        output::data(format!("  {}", command_of(*seed)));
    }
    if let Some((seed, broken)) = totals.failures.first() {
        reduce(*seed, broken);
    }
}

fn command_of(seed: u64) -> String {
    format!("longshore sim fuzz --seed {seed} --trace")
}

/// The smallest script found that fails as the seed's does, with its story.
fn reduce(seed: u64, broken: &Violation) {
    output::say(format!("reducing seed {seed} …"));
    let script = longshore_sim::shrink(&longshore_sim::script(seed), broken.rule);
    let Outcome { story, violation, .. } = longshore_sim::run(&script, true);
    output::data(format!("seed {seed}, reduced:\n{script}"));
    story.iter().for_each(output::data);
    violation.iter().for_each(|broken| output::data(broken.to_string()));
}
