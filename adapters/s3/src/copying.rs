//! What those need who copy or examine an object store beside the server that has it open: which content files belong to
//! it, and a way to have none of them removed meanwhile. Nothing here opens the store.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::{Error, content, object};

/// The object database below the root of a store.
pub const DATABASE: &str = "objects.sqlite3";

/// The content directory below the root of a store.
pub const CONTENT: &str = "content";

/// What a store holds, as its database says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// How many objects.
    pub objects: u64,
    /// The files that hold what is not in the database itself, below the root.
    pub files: Vec<PathBuf>,
}

/// What the object database at `path` says that its store holds.
///
/// # Errors
/// [`Error::Database`] when it cannot be read.
pub fn contents(path: &Path) -> Result<Contents, Error> {
    let read = || -> rusqlite::Result<Contents> {
        let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let db = db.unchecked_transaction()?;
        let objects: i64 = db.query_row("SELECT count(*) FROM objects", [], |row| row.get(0))?;
        let files = object::committed_files(&db)?;
        let files = files.into_iter().map(|id| content::path_of(Path::new(CONTENT), id)).collect();
        Ok(Contents { objects: u64::try_from(objects).unwrap_or(0), files })
    };
    read().map_err(|source| Error::Database { path: path.to_owned(), source })
}

/// While it lives, no content file of the store is removed, by whatever process. It ends with its process.
#[derive(Debug)]
pub struct Hold {
    _lock: File,
}

/// Holds back removal in the store under `root`, which is there. Waits for a removal that is under way.
///
/// # Errors
/// When the lock's file cannot be made.
pub fn hold(root: &Path) -> io::Result<Hold> {
    let lock = lock_file(root)?;
    lock.lock()?;
    Ok(Hold { _lock: lock })
}

/// Whoever removes holds this: it excludes [`Hold`], not other removals.
#[derive(Debug)]
pub(crate) struct Removal {
    _lock: File,
}

impl Removal {
    /// Once nobody holds removal back. Blocks.
    pub(crate) fn wait(root: &Path) -> io::Result<Self> {
        let lock = lock_file(root)?;
        lock.lock_shared()?;
        Ok(Self { _lock: lock })
    }

    /// `None` while somebody holds removal back.
    pub(crate) fn now(root: &Path) -> io::Result<Option<Self>> {
        let lock = lock_file(root)?;
        match lock.try_lock_shared() {
            Ok(()) => Ok(Some(Self { _lock: lock })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

fn lock_file(root: &Path) -> io::Result<File> {
    File::options().create(true).truncate(false).write(true).open(root.join("copying"))
}
