//! `longshore explain`: why jobs wait: what is short, by how much and where, who is ahead, whose room is reserved.

use serde_json::{Value, json};

use super::Exit;
use super::connection::Connection;
use crate::client::job::Job;
use crate::output;

/// Tell why jobs wait
#[derive(Debug, clap::Args)]
#[command(
    after_help = "What is said is exact: once the jobs ahead are gone and what is lacking is free, the job starts.

Examples:
  longshore explain 6a9f…
  longshore explain 6a9f…:3
  longshore explain --json 6a9f… | jq '.jobs[0].wait.short.hosts'"
)]
pub(crate) struct Args {
    /// Ids of jobs, or of children of arrays (ID:INDEX)
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,

    /// Print JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let client = args.connection.client()?;
    let explained = client.explain(&args.ids)?;
    let known = client.describe_jobs(&args.ids)?;
    let mut exit = Exit::Success;
    let mut jobs = Vec::new();
    for (id, entry) in args.ids.iter().zip(explained) {
        let Some(job) = known.iter().find(|job| job.job_id == *id) else {
            output::warn(format!("no job has the id {id}"));
            exit = Exit::Failure;
            continue;
        };
        if !args.json {
            output::data(line(job, &entry));
        }
        jobs.push(with_status(entry, job));
    }
    if args.json {
        output::json(&json!({ "jobs": jobs }));
    }
    Ok(exit)
}

/// The answer of the server, with the status and the reason that DescribeJobs shows.
fn with_status(mut entry: Value, job: &Job) -> Value {
    entry["status"] = json!(job.status);
    entry["statusReason"] = json!(job.status_reason);
    entry
}

/// One line for people.
fn line(job: &Job, entry: &Value) -> String {
    let sentence = entry["sentence"].as_str().map(str::to_owned);
    let sentence = sentence.or_else(|| job.status_reason.clone().filter(|reason| !reason.is_empty()));
    let told = sentence.unwrap_or_else(|| "does not wait".to_owned());
    format!("{}  {}  {told}", job.job_id, output::status(&job.status))
}
