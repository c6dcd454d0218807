//! Telling about failures while a run goes on: which job or child, its exit code and reason, and how its output ends.
//! Bounded, because a broken array may fail ten thousand times for one reason.

use std::collections::{BTreeSet, VecDeque};

use super::progress::Progress;
use crate::client::batch::JobsOf;
use crate::client::logs::LogCursor;
use crate::client::{Client, Error, job::Job};

/// Failures that are told with their output; later ones are only counted.
const TOLD_MAX: usize = 5;
const LINES_MAX: usize = 20;

pub(super) struct Failures<'a> {
    client: &'a Client,
    told: BTreeSet<String>,
    counted: BTreeSet<String>,
    announced_more: bool,
}

impl<'a> Failures<'a> {
    pub(super) fn new(client: &'a Client) -> Self {
        Self { client, told: BTreeSet::new(), counted: BTreeSet::new(), announced_more: false }
    }

    /// Tells what has failed since the last look.
    pub(super) fn tell_new(&mut self, jobs: &[Job], progress: &Progress) {
        for job in jobs {
            let told = match job.array_size() {
                Some(_) => self.tell_children(job, progress),
                None if job.status == "FAILED" => self.tell(job, progress),
                None => Ok(()),
            };
            // Talk about failures is a courtesy; the summary has them all.
            if let Err(error) = told {
                tracing::debug!(%error, job = job.job_id, "cannot tell why a job failed");
            }
        }
    }

    fn tell_children(&mut self, parent: &Job, progress: &Progress) -> Result<(), Error> {
        let known = self.told.iter().chain(&self.counted).filter(|id| is_child(id, &parent.job_id)).count();
        if parent.children("FAILED") <= known as u64 || self.announced_more {
            return Ok(());
        }
        let failed = self.client.list_jobs(JobsOf::Array(&parent.job_id), &["FAILED"])?;
        let new: Vec<String> = failed
            .into_iter()
            .map(|child| child.job_id)
            .filter(|id| !self.told.contains(id) && !self.counted.contains(id))
            .take(TOLD_MAX + 1)
            .collect();
        for child in self.client.describe_jobs(&new)? {
            self.tell(&child, progress)?;
        }
        Ok(())
    }

    fn tell(&mut self, job: &Job, progress: &Progress) -> Result<(), Error> {
        if self.told.contains(&job.job_id) || self.counted.contains(&job.job_id) {
            return Ok(());
        }
        if self.told.len() >= TOLD_MAX {
            self.counted.insert(job.job_id.clone());
            if !self.announced_more {
                self.announced_more = true;
                progress.talk("more failures follow; they are in the logs and in the summary");
            }
            return Ok(());
        }
        self.told.insert(job.job_id.clone());
        progress.talk(&headline(job));
        for (container, stream) in job.log_streams(None) {
            for line in self.last_lines(stream)? {
                let of = container.map(|name| format!("[{name}] ")).unwrap_or_default();
                progress.talk(&format!("  | {of}{line}"));
            }
        }
        Ok(())
    }

    fn last_lines(&self, stream: &str) -> Result<VecDeque<String>, Error> {
        let mut lines = VecDeque::new();
        let mut cursor = LogCursor::new(stream);
        crate::cli::drain_logs(self.client, &mut cursor, |event| {
            if lines.len() == LINES_MAX {
                lines.pop_front();
            }
            lines.push_back(event.message.trim_end_matches('\n').to_owned());
        })?;
        Ok(lines)
    }
}

fn is_child(id: &str, parent: &str) -> bool {
    id.strip_prefix(parent).is_some_and(|rest| rest.starts_with(':'))
}

fn headline(job: &Job) -> String {
    let mut text = format!("{} {} {}", job.job_name, job.job_id, crate::output::status("FAILED"));
    if let Some(code) = job.exit_code() {
        text.push_str(&format!(", exit code {code}"));
    }
    if let Some(reason) = job.reason() {
        text.push_str(&format!(": {reason}"));
    }
    text
}
