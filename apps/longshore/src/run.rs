//! `longshore run`: a workload from its file to its results, on a server of its own or on one that exists. The order
//! of things is here; each of them has a file below `run/`.

mod failures;
mod files;
mod private_server;
mod progress;
mod stop;
mod submission;
mod summary;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::client::{Client, job::Job};
use crate::interrupt::{Interrupt, Interrupted};
use crate::output;
use crate::watch::{Ended, Watch};
use crate::workload::Workload;

use failures::Failures;
use progress::Progress;
use submission::Submitted;

pub(crate) use private_server::{PrivateServer, Settings as PrivateSettings};
pub(crate) use summary::Summary;

/// What a run needs.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    pub(crate) workload: &'a Workload,
    pub(crate) client: &'a Client,
    pub(crate) interrupt: &'a Interrupt,
    /// Where the private server keeps everything, if there is one.
    pub(crate) data_dir: Option<PathBuf>,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    Finished(Summary),
    Interrupted(Summary),
}

impl Run<'_> {
    /// Everything from the first bucket to the last download.
    pub(crate) fn go(&self) -> anyhow::Result<Outcome> {
        let start = Instant::now();
        files::upload(self.client, self.workload)?;
        submission::prepare(self.client, self.workload)?;
        let mut submitted = Submitted::default();
        match self.submit_and_watch(&mut submitted) {
            Ok(Some(jobs)) => {
                let summary = self.summary(jobs, &submitted, start.elapsed());
                if summary.succeeded() {
                    files::download(self.client, self.workload)?;
                }
                Ok(Outcome::Finished(summary))
            }
            Ok(None) => {
                let jobs = stop::terminate_all(self.client, &submitted.ids(), self.interrupt);
                Ok(Outcome::Interrupted(self.summary(jobs, &submitted, start.elapsed())))
            }
            Err(error) => {
                stop::terminate_all(self.client, &submitted.ids(), self.interrupt);
                Err(error)
            }
        }
    }

    /// The jobs as they ended; nothing when the user interrupted.
    fn submit_and_watch(&self, submitted: &mut Submitted) -> anyhow::Result<Option<Vec<Job>>> {
        for job in &self.workload.jobs {
            submitted.submit(self.client, job)?;
            if let Err(Interrupted) = self.interrupt.pause(Duration::ZERO) {
                return Ok(None);
            }
        }
        let ids = submitted.ids();
        let mut progress = Progress::new(self.workload);
        let mut failures = Failures::new(self.client);
        let watch = Watch { client: self.client, ids: &ids, timeout: None, interrupt: self.interrupt };
        let ended = watch.until_done(|jobs| {
            progress.show(jobs);
            failures.tell_new(jobs, &progress);
        });
        progress.finish();
        match ended? {
            Ended::Done(jobs) | Ended::TimedOut(jobs) => Ok(Some(jobs)),
            Ended::Interrupted => {
                output::say("interrupted: ending the jobs, which have 30 s to stop by themselves");
                Ok(None)
            }
        }
    }

    fn summary(&self, jobs: Vec<Job>, submitted: &Submitted, wall: Duration) -> Summary {
        Summary::new(self.workload, jobs, submitted, wall).with_data_dir(self.data_dir.clone())
    }
}
