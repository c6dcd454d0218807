//! When SQLite's write-ahead log is folded into the database file.
//!
//! A thread of its own does it while commits go on. SQLite starts the log anew once all of it is folded in and nobody
//! reads it, which under a steady load never happens by itself; so past a bound the writer waits for the thread's pass
//! and folds in the rest, which bounds the log.

use crate::error::Error;
use crate::schema;
use rusqlite::Connection;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

/// Rows written between two passes of the thread.
const ROWS_PER_PASS: usize = 2_000;

/// The log's length in pages (4 KiB) at which the writer itself folds it in.
const LOG_PAGES_MAX: i64 = 16_384;

#[derive(Debug)]
pub(crate) struct Checkpoints {
    ask: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    log: Arc<Log>,
    rows: usize,
}

/// What the thread and the writer know of the log. SQLite lets one at a time fold it in; the other would be turned away.
#[derive(Debug, Default)]
struct Log {
    turn: Mutex<()>,
    pages: AtomicI64,
}

impl Log {
    /// A pass beside the writer. The log goes on growing meanwhile, so it is not started anew.
    fn fold_beside(&self, db: &Connection) {
        let turn = self.turn();
        if let Some((pages, _)) = passive(db) {
            self.pages.store(pages, Ordering::Relaxed);
        }
        drop(turn);
    }

    /// A pass by the writer itself, after which its next commit starts the log anew, unless somebody reads in it.
    fn fold_all(&self, db: &Connection) {
        let turn = self.turn();
        if let Some((pages, folded)) = passive(db) {
            self.pages.store(if pages == folded { 0 } else { pages }, Ordering::Relaxed);
        }
        drop(turn);
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Checkpoints {
    /// Starts the thread. Dropping this value waits for its end: nobody else has the files open then.
    pub(crate) fn start(path: &Path) -> Result<Self, Error> {
        let db = schema::open_beside(path).map_err(|source| Error::opening(path, source))?;
        let log = Arc::new(Log::default());
        let (ask, asked) = sync_channel(1);
        let shared = Arc::clone(&log);
        let work = move || serve(&db, &asked, &shared);
        let thread = thread::Builder::new().name("store-checkpoint".into()).spawn(work).map_err(Error::Thread)?;
        Ok(Self { ask: Some(ask), thread: Some(thread), log, rows: 0 })
    }

    /// To be called after every commit, with the number of rows in it.
    pub(crate) fn on_commit(&mut self, db: &Connection, rows: usize) {
        self.rows += rows;
        if self.log.pages.load(Ordering::Relaxed) > LOG_PAGES_MAX {
            self.rows = 0;
            self.log.fold_all(db);
        } else if self.rows >= ROWS_PER_PASS {
            self.pass();
        }
    }

    /// To be called when there is nothing to commit.
    pub(crate) fn on_idle(&mut self) {
        if self.rows > 0 {
            self.pass();
        }
    }

    fn pass(&mut self) {
        self.rows = 0;
        if let Some(ask) = &self.ask {
            // Full means that a pass is due already.
            let _ = ask.try_send(());
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.ask = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the store's checkpoint thread had panicked");
        }
    }
}

fn serve(db: &Connection, asked: &Receiver<()>, log: &Log) {
    while asked.recv().is_ok() {
        log.fold_beside(db);
    }
}

/// Folds in what can be without waiting for readers; the log's pages, and how many of them are in the database now.
fn passive(db: &Connection) -> Option<(i64, i64)> {
    let pages = db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| Ok((row.get(1)?, row.get(2)?)));
    match pages {
        // Negative when another process folds.
        Ok((pages, folded)) => (pages >= 0).then_some((pages, folded)),
        Err(error) => {
            // Commits are as durable without it; the log only grows.
            tracing::warn!(%error, "failed to fold the write-ahead log into the database");
            None
        }
    }
}

#[cfg(test)]
mod tests;
