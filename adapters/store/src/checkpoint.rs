//! When SQLite's write-ahead log is folded into the database file.
//!
//! A thread of its own does it while commits go on, so that a commit waits for a checkpoint only when the log has grown
//! past a bound, and then only for what came since the thread's last pass. SQLite starts the log anew once all of it is
//! folded in and nobody reads it.

use crate::error::Error;
use crate::schema;
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// Rows written between two passes of the thread.
const ROWS_PER_PASS: usize = 2_000;

/// The log's length in pages (4 KiB) at which the writer itself folds it in.
const LOG_PAGES_MAX: i64 = 32_768;

#[derive(Debug)]
pub(crate) struct Checkpoints {
    ask: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    log_pages: Arc<AtomicI64>,
    rows: usize,
}

impl Checkpoints {
    /// Starts the thread. Dropping this value waits for its end: nobody else has the files open then.
    pub(crate) fn start(path: &Path) -> Result<Self, Error> {
        let db = schema::open_beside(path).map_err(|source| Error::opening(path, source))?;
        let log_pages = Arc::new(AtomicI64::new(0));
        let (ask, asked) = sync_channel(1);
        let seen = Arc::clone(&log_pages);
        let work = move || serve(&db, &asked, &seen);
        let thread = thread::Builder::new().name("store-checkpoint".into()).spawn(work).map_err(Error::Thread)?;
        Ok(Self { ask: Some(ask), thread: Some(thread), log_pages, rows: 0 })
    }

    /// To be called after every commit, with the number of rows in it.
    pub(crate) fn on_commit(&mut self, db: &Connection, rows: usize) {
        self.rows += rows;
        if self.log_pages.load(Ordering::Relaxed) > LOG_PAGES_MAX {
            self.log_pages.store(passive(db), Ordering::Relaxed);
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

fn serve(db: &Connection, asked: &Receiver<()>, log_pages: &AtomicI64) {
    while asked.recv().is_ok() {
        log_pages.store(passive(db), Ordering::Relaxed);
    }
}

/// Folds in what can be without waiting for anybody; says how many pages of the log are still needed.
fn passive(db: &Connection) -> i64 {
    let pages = db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
        let (log, done): (i64, i64) = (row.get(1)?, row.get(2)?);
        Ok(if log == done { 0 } else { log })
    });
    pages.unwrap_or_else(|error| {
        // Commits are as durable without it; the log only grows.
        tracing::warn!(%error, "failed to fold the write-ahead log into the database");
        0
    })
}
