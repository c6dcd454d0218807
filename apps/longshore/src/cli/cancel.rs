//! `longshore cancel`: CancelJob for each id.

use super::Exit;
use super::connection::Connection;
use super::stop::{self, Stop};

/// Cancel jobs that have not started yet; running ones go on
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Running jobs are left alone: use `longshore terminate` for those. Cancelling an array cancels its children.

Example:
  longshore cancel 6a9f… --reason 'wrong input'"
)]
pub(crate) struct Args {
    /// Ids of jobs, or of children of arrays (ID:INDEX)
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,

    /// Why; it becomes the status reason of the jobs
    #[arg(long, default_value = "Cancelled by the user")]
    reason: String,

    /// Print JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let client = args.connection.client()?;
    stop::run(&client, &Stop { operation: "CancelJob", ids: &args.ids, reason: &args.reason, json: args.json })
}
