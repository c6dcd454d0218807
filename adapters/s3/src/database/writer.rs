//! The one thread that changes the database. Changes that wait while a commit is under way share the next one, so that
//! many small writes cost one sync.
//!
//! Each change runs in its own savepoint: a refused one leaves no trace and does not disturb its neighbours. No reply
//! leaves before the commit that carries its change.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use rusqlite::{Connection, ErrorCode};
use tokio::sync::oneshot;

use crate::content::{Content, Released};
use crate::failure::{Error, Result};
use crate::ingest::Held;

/// Bounds the latency of the first change of a group.
const GROUP_MAX: usize = 512;

/// What a change sees: the database inside a transaction, and the content that it stops naming.
pub(crate) struct Change<'a> {
    pub(crate) db: &'a Connection,
    pub(crate) released: Released,
}

type Reply = Box<dyn FnOnce(std::result::Result<(), Arc<rusqlite::Error>>)>;
/// Gets no connection when the group's transaction is not open: it could not begin, or a full disk ended it.
type Job = Box<dyn FnOnce(Option<&Connection>) -> Reply + Send>;

#[derive(Debug)]
pub(crate) struct Writer {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    content: Arc<Content>,
}

impl Writer {
    pub(crate) fn start(db: Connection, content: Arc<Content>) -> io::Result<Self> {
        let (jobs, queue) = channel();
        let thread = thread::Builder::new().name("s3-writer".into()).spawn(move || commit_groups(db, &queue))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), content })
    }

    /// Runs `change` and returns what it returned once it is durable. `held` is the content that it names: kept if it
    /// commits, removed if it is refused. It runs to its end even if the caller goes away.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        held: Option<Held>,
        change: impl FnOnce(&mut Change<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let content = Arc::clone(&self.content);
        let job: Job = Box::new(move |db| {
            let outcome = db.map(|db| in_savepoint(db, change));
            Box::new(move |commit| {
                // A caller that went away misses its answer and nothing else.
                let _ = reply.send(settle(outcome, commit, held, &content));
            })
        });
        self.jobs.as_ref().ok_or(Error::Stopped)?.send(job).map_err(|_| Error::Stopped)?;
        answer.await.map_err(|_| Error::Stopped)?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the object store's writer thread had panicked");
        }
    }
}

fn settle<T>(
    outcome: Option<Result<(T, Released)>>,
    commit: std::result::Result<(), Arc<rusqlite::Error>>,
    held: Option<Held>,
    content: &Content,
) -> Result<T> {
    let is_rolled_back = commit.as_ref().err().is_some_and(|e| e.sqlite_error_code() == Some(ErrorCode::DiskFull));
    let done = outcome.transpose()?;
    if let Some(held) = held.filter(|_| done.is_some() && !is_rolled_back) {
        held.keep();
    }
    commit.map_err(Error::Commit)?;
    let (value, released) = done.ok_or(Error::Stopped)?;
    content.release(released);
    Ok(value)
}

fn in_savepoint<T>(db: &Connection, change: impl FnOnce(&mut Change<'_>) -> Result<T>) -> Result<(T, Released)> {
    db.prepare_cached("SAVEPOINT change")?.execute([])?;
    let mut scope = Change { db, released: Released::default() };
    match change(&mut scope) {
        Ok(value) => {
            db.prepare_cached("RELEASE change")?.execute([])?;
            Ok((value, scope.released))
        }
        Err(error) => {
            db.execute_batch("ROLLBACK TO change; RELEASE change")?;
            Err(error)
        }
    }
}

fn commit_groups(db: Connection, queue: &Receiver<Job>) {
    while let Ok(first) = queue.recv() {
        let group = std::iter::once(first).chain(queue.try_iter().take(GROUP_MAX - 1));
        let (replies, result) = commit_group(&db, group);
        let result = result.map_err(Arc::new);
        for reply in replies {
            reply(result.clone());
        }
        if let Err(error) = result
            && is_fatal(&error)
        {
            tracing::error!(%error, "the disk failed under the object database: no more writes until a restart");
            return;
        }
    }
}

/// After a failed sync nobody knows what is on disk, and later commits would rest on it.
fn is_fatal(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(code, Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

fn commit_group(db: &Connection, group: impl Iterator<Item = Job>) -> (Vec<Reply>, rusqlite::Result<()>) {
    let begun = db.prepare_cached("BEGIN IMMEDIATE").and_then(|mut begin| begin.execute([]));
    let replies = group.map(|job| job((!db.is_autocommit()).then_some(db))).collect();
    let result = begun.and_then(|_| db.prepare_cached("COMMIT")?.execute([]).map(drop));
    if result.is_err() && !db.is_autocommit() {
        // SQLite has kept the transaction open; what it holds was never acknowledged.
        if let Err(error) = db.execute_batch("ROLLBACK") {
            tracing::error!(%error, "the object database does not roll back");
        }
    }
    (replies, result)
}

#[cfg(test)]
mod tests;
