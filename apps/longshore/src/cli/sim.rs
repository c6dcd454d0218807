//! `longshore sim`: the server and its agents in a simulated world. It runs what `longshore-sim` decides, on as many
//! threads as there are processors, and shows what came of it.

mod fuzz;
mod scenario;

use super::{Exit, UsageError};
use std::path::PathBuf;

/// Simulate the server and its agents: random lives with faults, or scenario files
///
/// Nothing is started and nothing is written: time, network, disks, hosts and processes are simulated.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  longshore sim fuzz --seeds 2000
  longshore sim fuzz --seed 42 --trace
  longshore sim sim/scenarios/dependencies.sim"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,

    /// Scenario files to run and compare with what is recorded in them
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Tell the story in words
    #[arg(long)]
    trace: bool,

    /// Write what came of each file into it
    #[arg(long)]
    record: bool,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    Fuzz(fuzz::Args),
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    if let Some(Verb::Fuzz(args)) = &args.verb {
        return fuzz::run(args);
    }
    if args.files.is_empty() {
        return Err(UsageError("name a scenario file, or say `longshore sim fuzz`".into()).into());
    }
    scenario::run(args)
}

/// A panic of what is simulated is a finding, and told as one.
fn hush() {
    std::panic::set_hook(Box::new(|_| {}));
}
