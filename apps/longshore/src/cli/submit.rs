//! `longshore submit`: one SubmitJob made from arguments; the job's id is the data.

mod request;
#[cfg(test)]
mod tests;

use std::time::Duration;

use super::connection::Connection;
use super::values::{self, DependsOn};
use super::{Exit, logs, wait};
use crate::client::Client;
use crate::output;

/// Submit a job
#[derive(Debug, clap::Args)]
#[command(after_help = "The job's id goes to stdout, everything else to stderr.

Examples:
  longshore submit -- echo hello
  longshore submit --follow -- sh -c 'echo $AWS_BATCH_JOB_ID'
  longshore submit --name sweep --array 100 --vcpus 2 --memory 4096 -- ./simulate
  id=$(longshore submit -- ./prepare) && longshore submit --depends-on $id -- ./compute")]
pub(crate) struct Args {
    /// The job's name [default: made from the command]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// The job queue
    #[arg(long, default_value = "default", value_name = "QUEUE")]
    queue: String,

    /// The job definition: NAME, NAME:REVISION or ARN
    #[arg(long, default_value = "host", value_name = "DEFINITION")]
    definition: String,

    /// vCPUs that the job needs [default: the definition's]
    #[arg(long, value_name = "N")]
    vcpus: Option<String>,

    /// Memory that the job needs, in MiB [default: the definition's]
    #[arg(long, value_name = "MIB")]
    memory: Option<u64>,

    /// An environment variable of the job
    #[arg(long, value_name = "KEY=VALUE", value_parser = values::key_value)]
    env: Vec<(String, String)>,

    /// A parameter, for Ref::KEY in the definition's command
    #[arg(long, value_name = "KEY=VALUE", value_parser = values::key_value)]
    param: Vec<(String, String)>,

    /// Submit an array job of this many children
    #[arg(long, value_name = "SIZE", value_parser = clap::value_parser!(i64).range(2..))]
    array: Option<i64>,

    /// A job that must succeed first: ID, ID:N_TO_N (child by child), or SEQUENTIAL (one child after the other)
    #[arg(long, value_name = "ID[:TYPE]", value_parser = values::depends_on)]
    depends_on: Vec<DependsOn>,

    /// How often to try, 1 to 10
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=10))]
    attempts: Option<i64>,

    /// How long an attempt may run, at least 60s
    #[arg(long, value_name = "DURATION", value_parser = values::duration)]
    timeout: Option<Duration>,

    /// A tag
    #[arg(long, value_name = "KEY=VALUE", value_parser = values::key_value)]
    tag: Vec<(String, String)>,

    /// Wait until the job has ended; exit 1 if it failed
    #[arg(long)]
    wait: bool,

    /// Show the job's output while it runs; implies --wait
    #[arg(long)]
    follow: bool,

    /// Print the answer of SubmitJob as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: Connection,

    /// The command [default: the definition's]
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

pub(super) fn run(args: Args) -> anyhow::Result<Exit> {
    let client = args.connection.client()?;
    let answer = client.batch("SubmitJob", &serde_json::to_value(args.request())?)?;
    let id = answer["jobId"].as_str().unwrap_or_default().to_owned();
    if args.json {
        output::json(&answer);
    } else if !args.follow {
        output::data(&id);
    } else {
        output::say(format!("submitted {id}"));
    }
    if args.follow {
        follow(&client, id)
    } else if args.wait {
        wait::wait_for(&client, &[id], None)
    } else {
        Ok(Exit::Success)
    }
}

/// Output on stdout until the job has ended, then its result.
fn follow(client: &Client, id: String) -> anyhow::Result<Exit> {
    logs::show(client, &logs::Show { id: &id, follow: true, timestamps: false, attempt: None })?;
    let jobs = client.describe_jobs(&[id])?;
    Ok(wait::report(&jobs))
}
