//! What has ended long enough ago is removed: events, jobs with all that belongs to them, definitions. In small steps with
//! pauses, so that nothing else waits; whatever is left when the server stops goes when it is back.

use super::commander::LoopHandle;
use super::data_dir::DataDir;
use super::now;
use super::outputs::{Outputs, Told, remove_output};
use crate::backup::Removal;
use crate::cli::{History, Keep, ServeOptions};
use anyhow::Context;
use longshore_engine::{Command, Response};
use longshore_http::Commander;
use longshore_store::{Reader, Upkeep};
use longshore_types::{JobId, Timestamp};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

/// Between two looks for what is due; less where things are kept for a shorter time than that.
const PASS_EVERY: Duration = Duration::from_secs(60);
const PASS_EVERY_LEAST: Duration = Duration::from_millis(500);
/// Jobs that are hidden at once.
const JOBS_AT_ONCE: usize = 64;
/// Between two looks whether a backup is still being made.
const BACKUP_LOOK: Duration = Duration::from_millis(500);
/// After a step as long as the step took, times this: at most a fifth of the time goes into removing.
const PAUSE_FACTOR: u32 = 4;

/// Removes what is due, until it is dropped.
#[derive(Debug)]
pub(super) struct Retention {
    _stop: Sender<()>,
}

/// What it works with.
struct Keeper {
    history: History,
    data_dir: PathBuf,
    reader: Reader,
    upkeep: Upkeep,
    outputs: Outputs,
    control: LoopHandle,
    runtime: Handle,
    stopped: Receiver<()>,
}

/// The server is stopping.
#[derive(Debug, thiserror::Error)]
#[error("the server is stopping")]
struct Stopped;

pub(super) fn start(
    options: &ServeOptions,
    data_dir: &DataDir,
    (reader, upkeep, outputs): (&Reader, Upkeep, Outputs),
    (control, runtime): (&LoopHandle, &Handle),
) -> anyhow::Result<Retention> {
    let (stop, stopped) = channel();
    let keeper = Keeper {
        history: options.history,
        data_dir: data_dir.path().to_owned(),
        reader: reader.clone(),
        upkeep,
        outputs,
        control: control.clone(),
        runtime: runtime.clone(),
        stopped,
    };
    std::thread::Builder::new()
        .name("retention".into())
        .spawn(move || keeper.run())
        .context("failed to start a thread")?;
    Ok(Retention { _stop: stop })
}

impl Keeper {
    fn run(&self) {
        loop {
            match self.pass() {
                Ok(()) => {}
                Err(error) if error.is::<Stopped>() => return,
                Err(error) => tracing::warn!("what is due to be removed stays for now: {error:#}"),
            }
            if self.pause(self.interval()).is_err() {
                return;
            }
        }
    }

    fn interval(&self) -> Duration {
        let kept =
            [self.history.jobs, self.history.definitions, self.history.events].into_iter().filter_map(|keep| keep.0);
        kept.min().map_or(PASS_EVERY, |shortest| (shortest / 10).clamp(PASS_EVERY_LEAST, PASS_EVERY))
    }

    fn pass(&self) -> anyhow::Result<()> {
        self.remove_remains()?;
        let jobs_before = before(self.history.jobs);
        let events_before = [jobs_before, before(self.history.events)].into_iter().flatten().max();
        let events_before = events_before.unwrap_or(Timestamp::from_millis(i64::MIN));
        while self.step(|| Ok(self.upkeep.forget_events(events_before, self.history.events_kept)?))? {}
        if let Some(before) = before(self.history.definitions) {
            let forget = || self.command(Command::ForgetDefinitions(before));
            while self.step(forget)? == (Response::Forgotten { more: true }) {}
        }
        match jobs_before {
            Some(before) => self.remove_jobs(before),
            None => Ok(()),
        }
    }

    /// Hides and removes the jobs that had ended before `before` and that no job needs that has not.
    fn remove_jobs(&self, before: Timestamp) -> anyhow::Result<()> {
        let mut after = Some(0);
        while let Some(from) = after {
            let page = self.step(|| Ok(self.reader.jobs_ended_before(before, from)?))?;
            for jobs in page.jobs.chunks(JOBS_AT_ONCE) {
                let Response::Unneeded(unneeded) = self.command(Command::FindUnneeded(jobs.to_vec()))? else {
                    anyhow::bail!("the control plane did not say which jobs are needed");
                };
                self.expire(unneeded)?;
            }
            after = page.next;
        }
        Ok(())
    }

    fn expire(&self, jobs: Vec<JobId>) -> anyhow::Result<()> {
        if !jobs.is_empty() {
            self.step(|| Ok(self.upkeep.expire(jobs)?))?;
        }
        self.remove_remains()
    }

    /// Outputs first and rows after them: whoever dies in between, the rows still say what is to be removed.
    fn remove_remains(&self) -> anyhow::Result<()> {
        while let Some(remains) = self.step(|| Ok(self.upkeep.remains()?))? {
            for attempts in remains.attempts.iter().collect::<Vec<_>>().chunks(JOBS_AT_ONCE) {
                let removal = self.removal()?;
                self.step(|| {
                    attempts.iter().try_for_each(|attempt| {
                        let bytes = remove_output(&self.data_dir, **attempt)?;
                        self.outputs.tell(Told::Removed(**attempt, bytes));
                        Ok(())
                    })
                })?;
                drop(removal);
            }
            self.step(|| Ok(self.upkeep.forget(remains)?))?;
        }
        Ok(())
    }

    /// Files may be removed while this lives. Waits for the end of a backup that is being made.
    fn removal(&self) -> anyhow::Result<Removal> {
        loop {
            if let Some(removal) = Removal::now(&self.data_dir).context("failed to see whether a backup is made")? {
                return Ok(removal);
            }
            self.pause(BACKUP_LOOK)?;
        }
    }

    fn command(&self, command: Command) -> anyhow::Result<Response> {
        Ok(self.runtime.block_on(self.control.command(command)).map_err(|_| Stopped)?)
    }

    /// Does a step, and leaves the machine to others for a multiple of its time.
    fn step<T>(&self, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
        let begun = Instant::now();
        let done = work()?;
        self.pause(begun.elapsed() * PAUSE_FACTOR)?;
        Ok(done)
    }

    fn pause(&self, time: Duration) -> Result<(), Stopped> {
        match self.stopped.recv_timeout(time) {
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Ok(()) | Err(RecvTimeoutError::Disconnected) => Err(Stopped),
        }
    }
}

/// What ended before this is due.
fn before(keep: Keep) -> Option<Timestamp> {
    let kept_ms = i64::try_from(keep.0?.as_millis()).unwrap_or(i64::MAX);
    Some(Timestamp::from_millis(now().as_millis().saturating_sub(kept_ms)))
}
