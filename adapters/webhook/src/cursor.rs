//! How far a target has got, on disk. Written a moment after the deliveries it tells of: after a crash the last few are
//! repeated, none is left out.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How old what is on disk may be while events are delivered.
const WRITE_EVERY: Duration = Duration::from_millis(250);

/// Why the position of a target cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("failed to read how far a webhook has got from {path}; delete the file to begin with what happens next")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It cannot be written.
    #[error("failed to write how far a webhook has got to {path}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

#[derive(Debug, Serialize, Deserialize)]
struct Row {
    url: String,
    after: u64,
}

/// The number of the last event that a target has had.
#[derive(Debug)]
pub(crate) struct Cursor {
    path: PathBuf,
    row: Row,
    written: u64,
    written_at: Instant,
}

impl Cursor {
    /// The cursor of `url` in `directory`; a target that is new begins after `newest`.
    pub(crate) fn open(directory: &Path, url: &str, newest: u64) -> Result<Self, Error> {
        let hash = Sha256::digest(url);
        let name: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let path = directory.join(format!("{name}.json"));
        let known = match fs::read(&path) {
            Ok(bytes) => Some(serde_json::from_slice::<Row>(&bytes).map_err(io::Error::from)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => Some(Err(error)),
        };
        let known = known.transpose().map_err(|source| Error::Read { path: path.clone(), source })?;
        let is_new = known.is_none();
        let row = known.unwrap_or_else(|| Row { url: url.to_owned(), after: newest });
        let mut cursor = Self { path, written: row.after, row, written_at: Instant::now() };
        if is_new {
            cursor.write()?;
        }
        Ok(cursor)
    }

    pub(crate) const fn after(&self) -> u64 {
        self.row.after
    }

    /// Everything up to `seq` has been delivered, or is not wanted.
    pub(crate) fn advance(&mut self, seq: u64) -> Result<(), Error> {
        self.row.after = self.row.after.max(seq);
        if self.written_at.elapsed() >= WRITE_EVERY { self.flush() } else { Ok(()) }
    }

    /// Puts it on disk if it is not there.
    pub(crate) fn flush(&mut self) -> Result<(), Error> {
        if self.written == self.row.after { Ok(()) } else { self.write() }
    }

    fn write(&mut self) -> Result<(), Error> {
        self.replace().map_err(|source| Error::Write { path: self.path.clone(), source })?;
        (self.written, self.written_at) = (self.row.after, Instant::now());
        Ok(())
    }

    /// The old file or the new one, whatever happens in between.
    fn replace(&self) -> io::Result<()> {
        if let Some(directory) = self.path.parent() {
            fs::create_dir_all(directory)?;
        }
        let beside = self.path.with_extension("new");
        let mut file = File::create(&beside)?;
        file.write_all(&serde_json::to_vec(&self.row)?)?;
        file.sync_data()?;
        fs::rename(beside, &self.path)
    }
}
