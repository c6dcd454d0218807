//! Removal of replaced content, put off until no reader that may have seen it is left (epoch-based reclamation).
//!
//! A reader opens a session before it looks up an object and holds it while it streams. A release waits for the sessions
//! that began before it. The files are unlinked on one thread of their own, so that neither writer nor reader waits.

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::copying::Removal;

#[derive(Debug)]
pub(crate) struct Reclaim {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    epochs: Mutex<Epochs>,
    unlink: Sender<Vec<u64>>,
}

impl Reclaim {
    /// For the store under `store`.
    pub(crate) fn start(store: PathBuf, path_of: impl Fn(u64) -> PathBuf + Send + 'static) -> io::Result<Self> {
        let (unlink, released) = channel();
        thread::Builder::new().name("s3-reclaim".into()).spawn(move || unlink_all(&released, &store, path_of))?;
        Ok(Self { shared: Arc::new(Shared { epochs: Mutex::default(), unlink }) })
    }

    pub(crate) fn session(&self) -> Session {
        Session { number: self.shared.epochs().begin(), shared: Arc::clone(&self.shared) }
    }

    pub(crate) fn release(&self, ids: Vec<u64>) {
        if !ids.is_empty() {
            let free = self.shared.epochs().release(ids);
            self.shared.unlink(free);
        }
    }
}

impl Shared {
    fn epochs(&self) -> MutexGuard<'_, Epochs> {
        self.epochs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unlink(&self, ids: Vec<u64>) {
        // A send fails only when the thread is gone; the next start removes what is left.
        if !ids.is_empty() && self.unlink.send(ids).is_err() {
            tracing::warn!("replaced content stays until the next start");
        }
    }
}

/// Waits while the store is being copied.
fn unlink_all(released: &Receiver<Vec<u64>>, store: &Path, path_of: impl Fn(u64) -> PathBuf) {
    for ids in released {
        let removed = Removal::wait(store).map(|removal| {
            ids.iter().for_each(|id| unlink(*id, &path_of(*id)));
            drop(removal);
        });
        if let Err(error) = removed {
            tracing::warn!(%error, "replaced content stays until the next start");
        }
    }
}

fn unlink(id: u64, path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        tracing::warn!(id, %error, "replaced content stays until the next start");
    }
}

/// Holds back the removal of content that was current when it began.
#[derive(Debug)]
pub(crate) struct Session {
    number: u64,
    shared: Arc<Shared>,
}

impl Drop for Session {
    fn drop(&mut self) {
        let free = self.shared.epochs().end(self.number);
        self.shared.unlink(free);
    }
}

/// The pure part: which releases may proceed.
#[derive(Debug, Default)]
struct Epochs {
    next: u64,
    active: BTreeSet<u64>,
    /// (first session that cannot have seen the content, ids), ascending.
    pending: VecDeque<(u64, Vec<u64>)>,
}

impl Epochs {
    fn begin(&mut self) -> u64 {
        let number = self.next;
        self.next += 1;
        self.active.insert(number);
        number
    }

    fn end(&mut self, number: u64) -> Vec<u64> {
        self.active.remove(&number);
        self.free()
    }

    fn release(&mut self, ids: Vec<u64>) -> Vec<u64> {
        self.pending.push_back((self.next, ids));
        self.free()
    }

    fn free(&mut self) -> Vec<u64> {
        let oldest = self.active.first().copied().unwrap_or(u64::MAX);
        let mut free = Vec::new();
        while self.pending.front().is_some_and(|(horizon, _)| *horizon <= oldest) {
            free.extend(self.pending.pop_front().into_iter().flat_map(|(_, ids)| ids));
        }
        free
    }
}

#[cfg(test)]
mod tests;
