//! The end of a run: a table for people, JSON for programs.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::submission::Submitted;
use crate::client::job::Job;
use crate::output::{self, Table, time};
use crate::workload::Workload;

/// How every job of a run ended, and where to look.
#[derive(Debug)]
pub(crate) struct Summary {
    name: String,
    jobs: Vec<Job>,
    /// Jobs of the workload that never got as far as the server.
    unsubmitted: Vec<String>,
    results: Vec<String>,
    data_dir: Option<PathBuf>,
    wall: Duration,
    /// The number of jobs in the workload.
    total: usize,
}

impl Summary {
    pub(super) fn new(workload: &Workload, jobs: Vec<Job>, submitted: &Submitted, wall: Duration) -> Self {
        let count = submitted.ids().len();
        let unsubmitted = workload.jobs.iter().skip(count).map(|job| job.name.clone()).collect();
        let fetched = workload.downloads.iter().map(|download| download.to.display().to_string());
        let stored = workload.buckets.iter().map(|bucket| format!("s3://{bucket}/"));
        let results = if workload.downloads.is_empty() { stored.collect() } else { fetched.collect() };
        Self {
            name: workload.name.clone(),
            jobs,
            unsubmitted,
            results,
            data_dir: None,
            wall,
            total: workload.jobs.len(),
        }
    }

    pub(super) fn with_data_dir(mut self, data_dir: Option<PathBuf>) -> Self {
        self.data_dir = data_dir;
        self
    }

    /// Whether every job of the workload has succeeded.
    pub(crate) fn succeeded(&self) -> bool {
        self.jobs.len() == self.total && self.jobs.iter().all(Job::has_succeeded)
    }

    /// The data directory is gone, so nothing should point there.
    pub(crate) fn forget_data_dir(&mut self) {
        self.data_dir = None;
    }

    /// Tells it all on stderr.
    pub(crate) fn tell(&self) {
        output::say(self.render());
    }

    fn render(&self) -> String {
        let mut table = Table::new(&["JOB", "STATUS", "CHILDREN", "RAN", "ID", "REASON"]);
        for job in &self.jobs {
            let ran = job.started_at.zip(job.stopped_at).map(|(start, stop)| time::span(stop - start));
            let children = job.array_size().map(|size| format!("{}/{size} succeeded", job.children("SUCCEEDED")));
            table.row(vec![
                job.job_name.clone(),
                output::status(&job.status),
                children.unwrap_or_else(|| "-".to_owned()),
                ran.unwrap_or_else(|| "-".to_owned()),
                job.job_id.clone(),
                job.reason().filter(|_| !job.has_succeeded()).unwrap_or_default().to_owned(),
            ]);
        }
        for name in &self.unsubmitted {
            let dash = || "-".to_owned();
            table.row(vec![name.clone(), "not submitted".to_owned(), dash(), dash(), dash(), String::new()]);
        }
        let mut lines = vec![String::new(), table.render(), String::new(), self.verdict()];
        if !self.results.is_empty() && self.succeeded() {
            lines.push(format!("Results: {}", self.results.join(", ")));
        }
        if let Some(data_dir) = &self.data_dir {
            lines.push(format!("Logs and data: {}", data_dir.display()));
            lines.push(format!("To look at them again: longshore serve --data-dir {}", data_dir.display()));
        }
        lines.join("\n")
    }

    fn verdict(&self) -> String {
        let good = self.jobs.iter().filter(|job| job.has_succeeded()).count();
        let wall = time::span(i64::try_from(self.wall.as_millis()).unwrap_or(i64::MAX));
        format!("{}: {good} of {} jobs succeeded in {wall}", self.name, self.total)
    }

    /// The same for programs; stable.
    pub(crate) fn to_json(&self) -> Value {
        let jobs = self.jobs.iter().map(|job| {
            json!({
                "jobName": job.job_name,
                "jobId": job.job_id,
                "status": job.status,
                "statusReason": job.reason(),
                "exitCode": job.exit_code(),
                "startedAt": job.started_at,
                "stoppedAt": job.stopped_at,
                "arraySize": job.array_size(),
                "childrenSucceeded": job.array_size().map(|_| job.children("SUCCEEDED")),
                "childrenFailed": job.array_size().map(|_| job.children("FAILED")),
                "logStreamName": job.log_stream(),
            })
        });
        json!({
            "name": self.name,
            "succeeded": self.succeeded(),
            "jobs": jobs.collect::<Vec<_>>(),
            "notSubmitted": self.unsubmitted,
            "results": self.results,
            "dataDir": self.data_dir,
            "wallMs": u64::try_from(self.wall.as_millis()).unwrap_or(u64::MAX),
        })
    }
}

#[cfg(test)]
mod tests;
