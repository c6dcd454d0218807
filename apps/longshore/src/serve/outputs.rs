//! How much what attempts print takes, and making room: when it is more than `--output-limit`, the output of those that ended
//! first goes, until a tenth of the limit is free. That of attempts that run never goes.
//!
//! It is counted as attempts come and go (`count`), not by looking at every file; only a start, and once in a while a
//! round against drift, goes through the directories.

mod count;
mod removal;

pub(super) use removal::remove_output;

use super::bound::Bound;
use super::data_dir::DataDir;
use crate::cli::ServeOptions;
use anyhow::Context;
use count::Count;
use longshore_store::{Reader, Upkeep};
use longshore_types::AttemptId;
use removal::Room;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// Between two looks at the outputs that grow; and how many times as long as the last look took.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const LOOK_FACTOR: u32 = 50;
/// Between two rounds through all directories.
const ROUND_EVERY: Duration = Duration::from_secs(3_600);
const GROWING: &str = "the output of attempts that ended first is removed";

/// What becomes of outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// An attempt, or a container of one, may print.
    Began(AttemptId),
    /// It prints nothing more.
    Ended(AttemptId),
    /// Its output of so many bytes was deleted.
    Removed(AttemptId, u64),
}

/// Where to tell what becomes of outputs. Telling costs nothing and never fails.
#[derive(Clone, Debug)]
pub(super) struct Outputs {
    tell: Sender<Told>,
    bytes: Arc<OnceLock<AtomicU64>>,
}

/// The other end of [`Outputs`], before anybody looks.
#[derive(Debug)]
pub(super) struct Inbox {
    told: Receiver<Told>,
    bytes: Arc<OnceLock<AtomicU64>>,
}

/// Looks until it is dropped.
#[derive(Debug)]
pub(super) struct Looking {
    _stop: Sender<()>,
}

/// To be made before anything is told, so that nothing is missed.
pub(super) fn outputs() -> (Outputs, Inbox) {
    let (tell, told) = channel();
    let bytes = Arc::new(OnceLock::new());
    (Outputs { tell, bytes: Arc::clone(&bytes) }, Inbox { told, bytes })
}

impl Outputs {
    pub(super) fn tell(&self, told: Told) {
        // Nobody counts any more when the server is stopping.
        let _ = self.tell.send(told);
    }

    /// What outputs take; `None` before they have been counted.
    pub(super) fn bytes(&self) -> Option<u64> {
        Some(self.bytes.get()?.load(Ordering::Relaxed))
    }
}

struct Keeper {
    data_dir: PathBuf,
    reader: Reader,
    inbox: Inbox,
    room: Room,
    bound: Bound,
    stopped: Receiver<()>,
}

/// Begins to look.
pub(super) fn start(
    options: &ServeOptions,
    data_dir: &DataDir,
    (reader, upkeep): (&Reader, Upkeep),
    inbox: Inbox,
) -> anyhow::Result<Looking> {
    let (stop, stopped) = channel();
    let data_dir = data_dir.path().to_owned();
    let keeper = Keeper {
        room: Room { data_dir: data_dir.clone(), reader: reader.clone(), upkeep },
        data_dir,
        reader: reader.clone(),
        inbox,
        bound: Bound::new("what jobs have printed", "--output-limit", options.bounds.output),
        stopped,
    };
    std::thread::Builder::new().name("outputs".into()).spawn(|| keeper.run()).context("failed to start a thread")?;
    Ok(Looking { _stop: stop })
}

impl Keeper {
    fn run(mut self) {
        if let Err(error) = self.room.remove_remains() {
            tracing::warn!("outputs that are due to be removed stay for now: {error:#}");
        }
        let running = self.reader.running_outputs().unwrap_or_else(|error| {
            tracing::warn!(%error, "outputs of running attempts are counted when they have ended");
            Vec::new()
        });
        let mut count = Count::new(self.data_dir.clone(), running);
        let mut round_at = Instant::now();
        loop {
            let begun = Instant::now();
            if begun >= round_at {
                count.round(|| self.inbox.told.try_iter().collect());
                round_at = begun + ROUND_EVERY.max(begun.elapsed() * LOOK_FACTOR);
            }
            self.inbox.told.try_iter().for_each(|told| count.take_in(told));
            let bytes = self.keep_within(&mut count);
            self.inbox.bytes.get_or_init(AtomicU64::default).store(bytes, Ordering::Relaxed);
            let pause = LOOK_EVERY.max(begun.elapsed() * LOOK_FACTOR).min(ROUND_EVERY / 60);
            match self.stopped.recv_timeout(pause) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Removes what has to go; what there is then.
    fn keep_within(&mut self, count: &mut Count) -> u64 {
        let bytes = count.bytes();
        self.bound.look(bytes, GROWING);
        let Some(limit) = self.bound.limit.filter(|limit| bytes > *limit) else { return bytes };
        let stopped = &self.stopped;
        let may_go_on = || matches!(stopped.try_recv(), Err(std::sync::mpsc::TryRecvError::Empty));
        if let Err(error) = self.room.make((bytes, limit), count, may_go_on) {
            tracing::warn!("outputs that are due to be removed stay for now: {error:#}");
        }
        count.bytes()
    }
}
