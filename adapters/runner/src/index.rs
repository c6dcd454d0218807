//! When output had grown how far: beside the output of each attempt that runs longer than [`TICK`], a sequence of
//! 16-byte records (offset: `u64`, time in milliseconds since the epoch: `i64`, both little-endian). A record says that
//! the bytes before its offset were written by its time. Offsets increase strictly, times never decrease.
//! The output is never read here.

use crate::output::{index_path, output_path};
use longshore_types::{AttemptId, Timestamp};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often the output of running attempts is looked at, and the age below which an attempt's is not.
pub(crate) const TICK: Duration = Duration::from_millis(200);

const RECORD_BYTES: usize = 16;

/// The attempts whose output is looked at.
#[derive(Debug)]
pub(crate) struct Index {
    data_dir: PathBuf,
    running: Mutex<BTreeMap<AttemptId, Arc<Watch>>>,
}

#[derive(Debug)]
struct Watch {
    attempt: AttemptId,
    started: Instant,
    written: Mutex<Written>,
}

/// The last record, and the file once there is one.
#[derive(Debug, Default)]
struct Written {
    offset: u64,
    at: Timestamp,
    file: Option<File>,
}

impl Index {
    pub(crate) fn new(data_dir: PathBuf) -> Self {
        Self { data_dir, running: Mutex::default() }
    }

    pub(crate) fn started(&self, attempt: AttemptId) {
        let watch = Watch { attempt, started: Instant::now(), written: Mutex::default() };
        self.running().insert(attempt, Arc::new(watch));
    }

    /// Looks a last time at an attempt's output, which nobody writes any more.
    pub(crate) fn ended(&self, attempt: AttemptId, now: Timestamp) {
        let watch = self.running().remove(&attempt);
        if let Some(watch) = watch {
            self.look(&watch, now);
        }
    }

    /// Looks at the output of every attempt.
    pub(crate) fn tick(&self, now: Timestamp) {
        let watches: Vec<Arc<Watch>> = self.running().values().map(Arc::clone).collect();
        for watch in watches {
            self.look(&watch, now);
        }
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<AttemptId, Arc<Watch>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self, watch: &Watch, now: Timestamp) {
        if watch.started.elapsed() >= TICK
            && let Err(error) = watch.record_growth(&self.data_dir, now)
        {
            tracing::warn!(attempt = %watch.attempt, %error, "times of output are missing: the index was not written");
        }
    }
}

impl Watch {
    fn record_growth(&self, data_dir: &Path, now: Timestamp) -> io::Result<()> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let offset = output_path(data_dir, self.attempt).metadata()?.len();
        if offset <= written.offset {
            return Ok(());
        }
        let at = now.max(written.at);
        if written.file.is_none() {
            let path = index_path(data_dir, self.attempt);
            written.file = Some(File::options().append(true).create(true).open(path)?);
        }
        if let Some(file) = &mut written.file {
            file.write_all(&record(offset, at))?;
        }
        (written.offset, written.at) = (offset, at);
        Ok(())
    }
}

fn record(offset: u64, at: Timestamp) -> [u8; RECORD_BYTES] {
    let mut record = [0; RECORD_BYTES];
    record[..8].copy_from_slice(&offset.to_le_bytes());
    record[8..].copy_from_slice(&at.as_millis().to_le_bytes());
    record
}

#[cfg(test)]
mod tests;
