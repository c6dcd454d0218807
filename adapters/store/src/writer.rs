//! The one thread that writes. Each commit is one transaction, on disk before it is reported.
//!
//! After a failed commit nothing is written any more: later commits rest on the failed one.

use crate::apply::{apply, put_log_groups};
use crate::checkpoint::Checkpoints;
use crate::error::Error;
use crate::upkeep::Upkeep;
use longshore_engine::Change;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Without a commit for so long, the log is folded into the database.
const IDLE: Duration = Duration::from_millis(100);

/// What upkeep counts for when it is decided whether to fold the log.
const UPKEEP_ROWS: usize = 64;

pub(crate) type OnCommitted = Box<dyn Fn(Result<u64, Error>) + Send>;

/// Who hears how long commits took.
#[derive(Default)]
pub(crate) struct Observer(Option<Box<dyn Fn(usize, Duration) + Send>>);

impl Observer {
    pub(crate) fn of(observe: impl Fn(usize, Duration) + Send + 'static) -> Self {
        Self(Some(Box::new(observe)))
    }

    fn hear(&self, rows: usize, begun: Instant) {
        if let Some(observe) = &self.0 {
            observe(rows, begun.elapsed());
        }
    }
}

impl std::fmt::Debug for Observer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Observer").field(&self.0.is_some()).finish()
    }
}

/// What the thread does, in the order in which it was asked.
pub(crate) enum Work {
    /// Writes a commit.
    Commit(u64, Vec<Change>),
    /// Removes old rows.
    Upkeep(Box<dyn FnOnce(&Connection) + Send>),
    /// Ends.
    Stop,
}

/// Takes commits and writes them in order. Dropping it waits until all that it has taken is written.
#[derive(Debug)]
pub struct Writer {
    work: Sender<Work>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(path: PathBuf, db: Connection, told: (Observer, OnCommitted)) -> Result<Self, Error> {
        let checkpoints = Checkpoints::start(&path)?;
        let (work, queue) = channel();
        let run = move || write_all(&path, &db, (&queue, checkpoints), &told);
        let thread = thread::Builder::new().name("store-writer".into()).spawn(run).map_err(Error::Thread)?;
        Ok(Self { work, thread: Some(thread) })
    }

    /// Queues a commit; never blocks. Its outcome goes to the callback. Refused after a failed commit.
    pub fn commit(&self, number: u64, changes: Vec<Change>) -> Result<(), Error> {
        self.work.send(Work::Commit(number, changes)).map_err(|_| Error::Stopped)
    }

    /// A way to have old rows removed between commits.
    pub fn upkeep(&self) -> Upkeep {
        Upkeep::new(self.work.clone())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // A thread that has ended already needs no telling.
        let _ = self.work.send(Work::Stop);
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the store's writer thread had panicked");
        }
    }
}

fn write_all(
    path: &Path,
    db: &Connection,
    (queue, mut checkpoints): (&Receiver<Work>, Checkpoints),
    (observer, on_committed): &(Observer, OnCommitted),
) {
    loop {
        let (number, changes) = match queue.recv_timeout(IDLE) {
            Ok(Work::Commit(number, changes)) => (number, changes),
            Ok(Work::Upkeep(work)) => {
                work(db);
                checkpoints.on_commit(db, UPKEEP_ROWS);
                continue;
            }
            Ok(Work::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                checkpoints.on_idle();
                continue;
            }
        };
        let begun = Instant::now();
        if let Err(error) = write(db, &changes) {
            on_committed(Err(Error::committing(path, error)));
            return;
        }
        observer.hear(changes.len(), begun);
        on_committed(Ok(number));
        checkpoints.on_commit(db, changes.len());
    }
}

/// Carries out a commit: all of it on disk, or nothing.
pub(crate) fn write(db: &Connection, changes: &[Change]) -> Result<(), Error> {
    let transaction = db.unchecked_transaction()?;
    for change in changes {
        apply(&transaction, change)?;
    }
    put_log_groups(&transaction, changes)?;
    transaction.commit()?;
    Ok(())
}
