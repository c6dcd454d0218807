//! How full the disk of the data directory is. Well before it is full the server says so and takes no new work, so that what it
//! has taken can end: a full disk would stop it (`longshore-store`), and jobs' output with it.

use super::data_dir::DataDir;
use super::kept::{Kept, Looker};
use super::outputs::Outputs;
use crate::cli::ServeOptions;
use anyhow::Context;
use longshore_metrics::Paths;
use longshore_s3::Usage;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// Between two looks at the disk, each one system call.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Between two looks at files that say how much is kept, and how many times as long as the look took.
const FILES_EVERY: Duration = Duration::from_secs(5);
const FILES_FACTOR: u32 = 50;
/// The reserve unless it is set: a twentieth of the disk, and no more than this.
const RESERVE_MOST: u64 = 512 << 20;
const RESERVE_PART: u64 = 20;

/// What is known of the disk by now.
#[derive(Debug)]
pub(super) struct Disk {
    data_dir: PathBuf,
    /// As it is set; the default depends on the disk.
    set: Option<u64>,
    full: AtomicBool,
    free: AtomicU64,
    size: AtomicU64,
    kept: Kept,
}

/// Looks until it is dropped.
#[derive(Debug)]
pub(super) struct Looking {
    _stop: Sender<()>,
}

/// Bytes that are kept free on a disk of this size unless something else is set.
pub(crate) fn default_reserve(size: u64) -> u64 {
    (size / RESERVE_PART).min(RESERVE_MOST)
}

/// Bytes free for this user, and the size of the disk that holds `path`.
pub(crate) fn space(path: &Path) -> std::io::Result<(u64, u64)> {
    let disk = rustix::fs::statvfs(path)?;
    Ok((disk.f_bavail.saturating_mul(disk.f_frsize), disk.f_blocks.saturating_mul(disk.f_frsize)))
}

/// Begins to look.
pub(super) fn start(
    options: &ServeOptions,
    data_dir: &DataDir,
    (outputs, objects): (Outputs, Option<Arc<Usage>>),
) -> anyhow::Result<(Arc<Disk>, Looking)> {
    let disk = Arc::new(Disk {
        data_dir: data_dir.path().to_owned(),
        set: options.disk_reserve,
        full: AtomicBool::new(false),
        free: AtomicU64::new(u64::MAX),
        size: AtomicU64::new(0),
        kept: Kept::new(options.bounds, data_dir.path(), (outputs, objects)),
    });
    disk.look();
    let (stop, stopped) = channel();
    let (looking, looker) = (Arc::clone(&disk), Looker::new(options.bounds));
    std::thread::Builder::new()
        .name("disk".into())
        .spawn(move || looking.run(looker, &stopped))
        .context("failed to start a thread")?;
    Ok((disk, Looking { _stop: stop }))
}

impl Disk {
    /// Whether new work may be taken.
    pub(super) fn has_room(&self) -> bool {
        !self.full.load(Ordering::Relaxed)
    }

    /// For metrics.
    pub(super) fn paths(&self) -> Paths {
        let bytes = |name: &str| fs::metadata(self.data_dir.join(name)).ok().map(|file| file.len());
        let size = self.size.load(Ordering::Relaxed);
        Paths {
            database_bytes: bytes("longshore.db"),
            log_bytes: bytes("longshore.db-wal"),
            stores: self.kept.bytes(),
            limits: self.kept.limits(),
            disk_free: (size > 0).then(|| self.free.load(Ordering::Relaxed)),
            disk_size: (size > 0).then_some(size),
            disk_reserve: self.reserve(size),
        }
    }

    fn reserve(&self, size: u64) -> u64 {
        self.set.unwrap_or_else(|| default_reserve(size))
    }

    fn run(&self, mut looker: Looker, stopped: &Receiver<()>) {
        let mut files_at = Instant::now();
        while matches!(stopped.recv_timeout(LOOK_EVERY), Err(RecvTimeoutError::Timeout)) {
            self.look();
            looker.look(&self.kept);
            if Instant::now() >= files_at {
                let begun = Instant::now();
                looker.look_at_files(&self.kept);
                files_at = begun + FILES_EVERY.max(begun.elapsed() * FILES_FACTOR);
            }
        }
    }

    fn look(&self) {
        let Ok((free, size)) = space(&self.data_dir) else { return };
        let reserve = self.reserve(size);
        self.size.store(size, Ordering::Relaxed);
        let before = self.free.swap(free, Ordering::Relaxed);
        let was_full = !self.has_room();
        // Not on and off with every file that comes and goes.
        let full = free < if was_full { reserve.saturating_add(reserve / 4) } else { reserve };
        self.full.store(full, Ordering::Relaxed);
        let early = reserve.saturating_mul(2);
        let path = self.data_dir.display();
        if full && !was_full {
            tracing::error!(
                free,
                reserve,
                "the disk of {path} is nearly full: submissions are refused until there is room"
            );
        } else if was_full && !full {
            tracing::info!(free, "the disk of {path} has room again: submissions are taken");
        } else if free < early && before >= early {
            tracing::warn!(
                free,
                reserve,
                "the disk of {path} is filling up; submissions are refused below the reserve"
            );
        }
    }
}

#[cfg(test)]
mod tests;
