//! The one thread that writes. Each commit is one transaction, on disk before it is reported.
//!
//! After a failed commit nothing is written any more: later commits rest on the failed one.

use crate::apply::apply;
use crate::checkpoint::Checkpoints;
use crate::error::Error;
use longshore_engine::Change;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Without a commit for so long, the log is folded into the database.
const IDLE: Duration = Duration::from_millis(100);

pub(crate) type OnCommitted = Box<dyn Fn(Result<u64, Error>) + Send>;

/// Takes commits and writes them in order. Dropping it waits until all that it has taken is written.
#[derive(Debug)]
pub struct Writer {
    commits: Option<Sender<(u64, Vec<Change>)>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(path: PathBuf, db: Connection, on_committed: OnCommitted) -> Result<Self, Error> {
        let checkpoints = Checkpoints::start(&path)?;
        let (commits, queue) = channel();
        let work = move || write_all(&path, &db, (&queue, checkpoints), &on_committed);
        let thread = thread::Builder::new().name("store-writer".into()).spawn(work).map_err(Error::Thread)?;
        Ok(Self { commits: Some(commits), thread: Some(thread) })
    }

    /// Queues a commit; never blocks. Its outcome goes to the callback. Refused after a failed commit.
    pub fn commit(&self, number: u64, changes: Vec<Change>) -> Result<(), Error> {
        let commits = self.commits.as_ref().ok_or(Error::Stopped)?;
        commits.send((number, changes)).map_err(|_| Error::Stopped)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.commits = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the store's writer thread had panicked");
        }
    }
}

fn write_all(
    path: &Path,
    db: &Connection,
    (queue, mut checkpoints): (&Receiver<(u64, Vec<Change>)>, Checkpoints),
    on_committed: &OnCommitted,
) {
    loop {
        let (number, changes) = match queue.recv_timeout(IDLE) {
            Ok(commit) => commit,
            Err(RecvTimeoutError::Timeout) => {
                checkpoints.on_idle();
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        };
        if let Err(error) = write(db, &changes) {
            on_committed(Err(Error::committing(path, error)));
            return;
        }
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
    transaction.commit()?;
    Ok(())
}
