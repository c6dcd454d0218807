//! The object store as one value: the database, the content directory and the lock that keeps a second server out.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::Connection;
use tokio::task::spawn_blocking;

use crate::content::Content;
use crate::database::writer::{Change, Writer};
use crate::database::{self, Readers};
use crate::failure::{self, Result};
use crate::ingest::Held;
use crate::object;
use crate::usage::Usage;

/// Why the store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("open the object store at {path}: check that the directory is writable and its disk is not full")]
    Files { path: PathBuf, source: io::Error },
    #[error("open the object store at {path}: another server uses it; stop that one or choose another data directory")]
    InUse { path: PathBuf },
    #[error("open the object database {path}")]
    Database { path: PathBuf, source: rusqlite::Error },
}

/// A handle to the object store; clones share it. The store closes with its last clone.
#[derive(Debug, Clone)]
pub struct Backend {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    content: Arc<Content>,
    readers: Arc<Readers>,
    // Dropped before the lock: its last commits still belong to this server.
    writer: Writer,
    _lock: File,
}

impl Backend {
    /// Opens the store under `root`, creating it if it is missing. Content that a crash left without an object is
    /// removed; every acknowledged object is there.
    pub fn open(root: &Path) -> std::result::Result<Self, Error> {
        Self::open_limited(root, None)
    }

    /// The same, of a store that takes no more than `limit` bytes of content. What it holds beyond them stays.
    pub fn open_limited(root: &Path, limit: Option<u64>) -> std::result::Result<Self, Error> {
        let files = |source| Error::Files { path: root.to_owned(), source };
        let content_root = root.join("content");
        fs::create_dir_all(&content_root).map_err(files)?;
        let lock = lock(root)?;

        let path = root.join("objects.sqlite3");
        let in_database = |source| Error::Database { path: path.clone(), source };
        let db = database::open_for_writing(&path).map_err(in_database)?;
        let committed = object::committed_files(&db).map_err(in_database)?;
        let usage = Usage::new(object::committed_bytes(&db).map_err(in_database)?, limit);
        let content = Arc::new(Content::open(&content_root, &committed, usage).map_err(files)?);
        sync_directories(root).map_err(files)?;

        let writer = Writer::start(db, Arc::clone(&content)).map_err(files)?;
        let readers = Arc::new(Readers::new(path));
        Ok(Self { inner: Arc::new(Inner { content, readers, writer, _lock: lock }) })
    }

    /// How much it holds.
    pub fn usage(&self) -> Arc<Usage> {
        Arc::clone(self.inner.content.usage())
    }

    pub(crate) fn content(&self) -> &Arc<Content> {
        &self.inner.content
    }

    /// Runs `query` over one snapshot of the database, on the blocking pool.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let readers = Arc::clone(&self.inner.readers);
        spawn_blocking(move || readers.read(query)).await.map_err(|_| failure::Error::Stopped)?
    }

    /// Applies `change` durably; see [`Writer::write`].
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        held: Option<Held>,
        change: impl FnOnce(&mut Change<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.inner.writer.write(held, change).await
    }
}

/// Makes the directory and its own entry durable.
fn sync_directories(root: &Path) -> io::Result<()> {
    File::open(root)?.sync_all()?;
    let parent = root.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent)?.sync_all()
}

fn lock(root: &Path) -> std::result::Result<File, Error> {
    let path = root.join("lock");
    let in_files = |source| Error::Files { path: path.clone(), source };
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(in_files)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse { path: root.to_owned() }),
        Err(TryLockError::Error(source)) => Err(in_files(source)),
    }
}

/// Milliseconds since 1970: the times of objects, buckets and uploads.
pub(crate) fn now_ms() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}
