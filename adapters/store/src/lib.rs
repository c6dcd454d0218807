//! The durable state of Longshore in one SQLite file: the engine's rows, written commit by commit, read back at start-up
//! and by whoever lists or describes.
//!
//! Rows are the engine's entities as JSON documents, with columns for what is searched, so that `sqlite3` shows an
//! operator everything. Nothing here decides about jobs.

mod apply;
mod checkpoint;
mod copy;
mod error;
mod load;
mod reader;
mod schema;
mod specs;
mod upgrade;
mod upkeep;
mod writer;

pub use copy::copy;
pub use error::Error;
pub use reader::{
    ActiveJobs, ChildQuery, ConsumableJobQuery, ConsumableQuery, Cursor, DatabaseAudit, DefinitionPattern,
    DefinitionQuery, EndedOutput, EndedPage, EventPage, EventQuery, EventView, JobQuery, JobView, NodeQuery, Page,
    Pattern, Reader, RowCounts, Select, StreamCursor, StreamQuery,
};
pub use upgrade::{Keep, Upgraded};
pub use upkeep::{Remains, Upkeep};
pub use writer::Writer;

use longshore_engine::Snapshot;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The latest layout of the database, which this version reads and writes.
pub fn layout() -> i64 {
    schema::known()
}

/// An open database. One process opens it for writing at a time.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    db: rusqlite::Connection,
    observer: writer::Observer,
    upgraded: Option<Upgraded>,
}

impl Store {
    /// Opens the database at `path`, makes it if it is not there, and brings an older one to the current layout.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::open_keeping(path, Keep::Nothing)
    }

    /// The same; says what is kept of a database that is brought to the current layout.
    pub fn open_keeping(path: impl AsRef<Path>, keep: Keep) -> Result<Self, Error> {
        let path = path.as_ref().to_path_buf();
        let (db, upgraded) = schema::open_for_writing(&path, keep)?;
        Ok(Self { path, db, observer: writer::Observer::default(), upgraded })
    }

    /// Which layout the database had, if opening has brought it to the current one.
    pub const fn upgraded(&self) -> Option<&Upgraded> {
        self.upgraded.as_ref()
    }

    /// What the engine needs at start-up.
    pub fn load(&self) -> Result<Snapshot, Error> {
        load::load(&self.db)
    }

    /// Has `observe` called with the rows and the time of every commit, from its first row until it is on disk; on the
    /// writer's thread, which waits for it.
    #[must_use]
    pub fn observed_by(mut self, observe: impl Fn(usize, Duration) + Send + 'static) -> Self {
        self.observer = writer::Observer::of(observe);
        self
    }

    /// Starts the one thread that writes. `on_committed` is called on it after every commit, with the commit's number
    /// once it is on disk, or with the error after which nothing is written any more.
    pub fn writer(self, on_committed: impl Fn(Result<u64, Error>) + Send + 'static) -> Result<Writer, Error> {
        Writer::start(self.path, self.db, (self.observer, Box::new(on_committed)))
    }

    /// A way to read what is committed. Its calls block.
    pub fn reader(&self) -> Reader {
        Reader::new(self.path.clone())
    }
}

#[cfg(test)]
mod tests;
