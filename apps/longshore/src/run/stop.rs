//! Ending what a run has started: every job that has not ended is terminated and waited for.

use std::time::Duration;

use serde_json::json;

use crate::client::{Client, job::Job};
use crate::interrupt::Interrupt;
use crate::output;
use crate::watch::{Ended, Watch};

/// Longer than a job has between SIGTERM and SIGKILL.
const WAIT_MAX: Duration = Duration::from_secs(40);

/// Terminates the jobs and waits; a second interrupt ends the waiting. Gives the jobs as they are then.
pub(super) fn terminate_all(client: &Client, ids: &[String], interrupt: &Interrupt) -> Vec<Job> {
    // Last submitted first, so that no dependent job starts in between.
    for id in ids.iter().rev() {
        let request = json!({ "jobId": id, "reason": "longshore run was interrupted" });
        if let Err(error) = client.batch("TerminateJob", &request) {
            output::warn(format!("cannot terminate {id}: {error}"));
            return Vec::new();
        }
    }
    let watch = Watch { client, ids, timeout: Some(WAIT_MAX), interrupt };
    match watch.until_done(|_| {}) {
        Ok(Ended::Done(jobs) | Ended::TimedOut(jobs)) => jobs,
        Ok(Ended::Interrupted) => client.describe_jobs(ids).unwrap_or_default(),
        Err(error) => {
            output::warn(format!("lost sight of the jobs: {error}"));
            Vec::new()
        }
    }
}
