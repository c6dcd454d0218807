//! Watching jobs until all have ended, through restarts of the server: jobs outlive it, so should those who wait.

use std::time::{Duration, Instant};

use crate::client::job::Job;
use crate::client::{Client, Error};
use crate::interrupt::{Interrupt, Interrupted};

/// How often to ask at first and later on.
const PAUSE_FIRST: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_millis(1000);
/// How long a server that has answered before may be away.
const AWAY_MAX: Duration = Duration::from_secs(60);

/// How watching ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// Every job is SUCCEEDED or FAILED.
    Done(Vec<Job>),
    /// The time was up first.
    TimedOut(Vec<Job>),
    Interrupted,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum WatchError {
    #[error(transparent)]
    Client(#[from] Error),
    #[error("no job has the id {id}\nhelp: `longshore jobs --all` lists those of a queue")]
    Unknown { id: String },
}

/// What to watch and for how long.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    pub(crate) client: &'a Client,
    pub(crate) ids: &'a [String],
    pub(crate) timeout: Option<Duration>,
    pub(crate) interrupt: &'a Interrupt,
}

impl Watch<'_> {
    /// Asks again and again and shows every answer to `on_look`, in the order of the ids.
    pub(crate) fn until_done(&self, mut on_look: impl FnMut(&[Job])) -> Result<Ended, WatchError> {
        let start = Instant::now();
        let mut pause = PAUSE_FIRST;
        let mut seen = Seen { jobs: Vec::new(), last_answer: None };
        loop {
            let alive = self.look(&mut seen)?;
            on_look(&seen.jobs);
            let all_ended = seen.jobs.iter().all(Job::is_terminal) && seen.jobs.len() == self.ids.len();
            if alive && all_ended {
                return Ok(Ended::Done(seen.jobs));
            }
            let left = self.timeout.map(|timeout| timeout.saturating_sub(start.elapsed()));
            if left == Some(Duration::ZERO) {
                return Ok(Ended::TimedOut(seen.jobs));
            }
            if let Err(Interrupted) = self.interrupt.pause(left.map_or(pause, |left| left.min(pause))) {
                return Ok(Ended::Interrupted);
            }
            pause = (pause * 5 / 4).min(PAUSE_MAX);
        }
    }

    /// One look at all jobs that have not ended; false while the server is away.
    fn look(&self, seen: &mut Seen) -> Result<bool, WatchError> {
        let open: Vec<String> = self.ids.iter().filter(|id| !seen.has_ended(id)).cloned().collect();
        match self.client.describe_jobs(&open) {
            Ok(found) => {
                seen.last_answer = Some(Instant::now());
                self.merge(seen, found)?;
                Ok(true)
            }
            Err(error @ Error::Unreachable { .. }) => match seen.last_answer {
                Some(last) if last.elapsed() < AWAY_MAX => Ok(false),
                _ => Err(error.into()),
            },
            Err(error) => Err(error.into()),
        }
    }

    fn merge(&self, seen: &mut Seen, mut found: Vec<Job>) -> Result<(), WatchError> {
        let before = std::mem::take(&mut seen.jobs);
        for id in self.ids {
            let new = found.iter().position(|job| job.job_id == *id).map(|at| found.swap_remove(at));
            let job = new.or_else(|| before.iter().find(|job| job.job_id == *id).cloned());
            seen.jobs.push(job.ok_or_else(|| WatchError::Unknown { id: id.clone() })?);
        }
        Ok(())
    }
}

struct Seen {
    jobs: Vec<Job>,
    last_answer: Option<Instant>,
}

impl Seen {
    fn has_ended(&self, id: &str) -> bool {
        self.jobs.iter().any(|job| job.job_id == id && job.is_terminal())
    }
}
