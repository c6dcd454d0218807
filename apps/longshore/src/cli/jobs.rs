//! `longshore jobs`: a table of the jobs of a queue or of the children of an array, newest first.

use serde_json::json;

use super::connection::Connection;
use super::{Exit, values};
use crate::client::batch::JobsOf;
use crate::client::job::{Job, STATUSES};
use crate::output::time::{now_ms, span};
use crate::output::{self, Table};

/// What `jobs` shows unless told otherwise: all that have not ended.
const ACTIVE: [&str; 5] = ["SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING"];

/// List jobs, newest first; those that have not ended unless told otherwise
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  longshore jobs
  longshore jobs --all
  longshore jobs --status failed --status running
  longshore jobs --array 6a9f… --status failed")]
pub(crate) struct Args {
    /// The job queue
    #[arg(long, default_value = "default", value_name = "QUEUE", conflicts_with = "array")]
    queue: String,

    /// The children of this array job instead; all of them unless --status is given
    #[arg(long, value_name = "ID")]
    array: Option<String>,

    /// Only jobs with this status; may be repeated
    #[arg(long, value_name = "STATUS", value_parser = values::status)]
    status: Vec<String>,

    /// Finished jobs too
    #[arg(long, conflicts_with = "status")]
    all: bool,

    /// Print JSON: the summaries of ListJobs
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: Connection,
}

impl Args {
    fn statuses(&self) -> Vec<&str> {
        match (self.status.is_empty(), self.all || self.array.is_some()) {
            (false, _) => self.status.iter().map(String::as_str).collect(),
            (true, true) => STATUSES.to_vec(),
            (true, false) => ACTIVE.to_vec(),
        }
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let client = args.connection.client()?;
    let of = args.array.as_deref().map_or(JobsOf::Queue(&args.queue), JobsOf::Array);
    let mut jobs = client.list_jobs_raw(of, &args.statuses())?;
    if args.json {
        jobs.sort_by_key(|job| std::cmp::Reverse(job["createdAt"].as_i64()));
        output::json(&json!({ "jobSummaryList": jobs }));
        return Ok(Exit::Success);
    }
    let mut jobs = jobs.into_iter().map(|job| client.job("ListJobs", job)).collect::<Result<Vec<_>, _>>()?;
    sort(&mut jobs);
    if jobs.is_empty() {
        let hint = if args.all || !args.status.is_empty() { "" } else { "; --all shows finished ones too" };
        output::say(format!("no such jobs{hint}"));
    } else {
        output::data(table(&jobs, now_ms()).render());
    }
    Ok(Exit::Success)
}

/// Newest first; the children of an array by index.
fn sort(jobs: &mut [Job]) {
    jobs.sort_by_key(|job| (job.array_index(), std::cmp::Reverse(job.created_at)));
}

fn table(jobs: &[Job], now_ms: i64) -> Table {
    let mut table = Table::new(&["ID", "NAME", "STATUS", "AGE", "RAN", "ARRAY", "REASON"]);
    for job in jobs {
        let exit = job.exit_code().filter(|code| *code != 0).map(|code| format!("exit code {code}"));
        let reason = job.reason().filter(|_| !job.has_succeeded()).map(str::to_owned);
        table.row(vec![
            job.job_id.clone(),
            job.job_name.clone(),
            output::status(&job.status),
            job.created_at.map_or("-".to_owned(), |created| span(now_ms - created)),
            job.started_at.map_or("-".to_owned(), |started| span(job.stopped_at.unwrap_or(now_ms) - started)),
            job.array_size().map_or("-".to_owned(), |size| size.to_string()),
            exit.into_iter().chain(reason).collect::<Vec<_>>().join(", "),
        ]);
    }
    table
}

#[cfg(test)]
mod tests;
