//! `longshore wait`: until jobs have ended, with a line of counts on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::connection::Connection;
use super::{Exit, values};
use crate::client::Client;
use crate::client::job::{Job, STATUSES};
use crate::interrupt::Interrupt;
use crate::output;
use crate::watch::{Ended, Watch};

/// Wait until jobs have ended
#[derive(Debug, clap::Args)]
#[command(after_help = "Exits 0 only if every job succeeded. Ctrl-C ends the waiting, not the jobs.

Examples:
  longshore wait 6a9f…
  longshore wait --timeout 1h 6a9f… 77b0…")]
pub(crate) struct Args {
    /// Ids of jobs, or of children of arrays (ID:INDEX)
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,

    /// Give up after this time
    #[arg(long, value_name = "DURATION", value_parser = values::duration)]
    timeout: Option<Duration>,

    /// Print the results as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let client = args.connection.client()?;
    let exit = wait_for(&client, &args.ids, args.timeout)?;
    if args.json {
        output::json(&json!({ "jobs": client.describe_jobs_raw(&args.ids)? }));
    }
    Ok(exit)
}

/// Waits, showing progress, and reports how the jobs ended.
pub(super) fn wait_for(client: &Client, ids: &[String], timeout: Option<Duration>) -> anyhow::Result<Exit> {
    let interrupt = Interrupt::install()?;
    let bar = output::talk_is_terminal().then(|| {
        let style = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}");
        ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
    });
    let ended = Watch { client, ids, timeout, interrupt: &interrupt }.until_done(|jobs| {
        if let Some(bar) = &bar {
            bar.set_message(counts(jobs));
            bar.tick();
        }
    });
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    match ended? {
        Ended::Done(jobs) => Ok(report(&jobs)),
        Ended::TimedOut(jobs) => {
            let open = jobs.iter().filter(|job| !job.is_terminal()).count();
            output::say(format!("gave up waiting: {open} of {} jobs have not ended ({})", jobs.len(), counts(&jobs)));
            Ok(Exit::Failure)
        }
        Ended::Interrupted => {
            output::say("no longer waiting; the jobs go on (`longshore terminate ID` ends one)");
            Ok(Exit::Interrupted)
        }
    }
}

/// Tells how each job ended, and gives the exit code for all of them.
pub(super) fn report(jobs: &[Job]) -> Exit {
    for job in jobs {
        output::say(ending(job));
    }
    if jobs.iter().all(Job::has_succeeded) { Exit::Success } else { Exit::Failure }
}

fn ending(job: &Job) -> String {
    let mut text = format!("{} {} {}", job.job_id, job.job_name, output::status(&job.status));
    if job.array_size().is_some() {
        text.push_str(&format!(" ({})", counts(std::slice::from_ref(job))));
    }
    if let (Some(code), false) = (job.exit_code(), job.has_succeeded()) {
        text.push_str(&format!(", exit code {code}"));
    }
    if let (Some(reason), false) = (job.reason(), job.has_succeeded()) {
        text.push_str(&format!(": {reason}"));
    }
    text
}

/// How many jobs are in each status; an array counts with its children.
pub(crate) fn counts(jobs: &[Job]) -> String {
    let count = |status: &str| -> u64 {
        let of =
            |job: &Job| if job.array_size().is_some() { job.children(status) } else { u64::from(job.status == status) };
        jobs.iter().map(of).sum()
    };
    let parts: Vec<String> = STATUSES
        .iter()
        .map(|status| (status, count(status)))
        .filter(|(_, count)| *count > 0)
        .map(|(status, count)| format!("{count} {status}"))
        .collect();
    if parts.is_empty() { "0 jobs".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests;
