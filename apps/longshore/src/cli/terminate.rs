//! `longshore terminate`: TerminateJob for each id.

use super::Exit;
use super::connection::Connection;
use super::stop::{self, Stop};

/// End jobs, whether they run or not
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A running job gets SIGTERM and, 30 seconds later, SIGKILL. Terminating an array ends its children.

Example:
  longshore terminate 6a9f… --reason 'no longer needed'"
)]
pub(crate) struct Args {
    /// Ids of jobs, or of children of arrays (ID:INDEX)
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,

    /// Why; it becomes the status reason of the jobs
    #[arg(long, default_value = "Terminated by the user")]
    reason: String,

    /// Print JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let client = args.connection.client()?;
    stop::run(&client, &Stop { operation: "TerminateJob", ids: &args.ids, reason: &args.reason, json: args.json })
}
