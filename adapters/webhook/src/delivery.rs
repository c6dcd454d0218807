//! The thread of one target: read, send until it is taken, go on.

use crate::backoff::Backoff;
use crate::cursor::{self, Cursor};
use crate::post::Poster;
use crate::{Source, Target};
use serde_json::Value;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// How often a target that has everything is looked after.
const IDLE: Duration = Duration::from_millis(100);
/// Events read at once.
const PAGE: usize = 256;
/// This far behind, the operator is told; and again each time that it has doubled.
const FAR_BEHIND: u64 = 10_000;

/// Why a target cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its position cannot be kept.
    #[error(transparent)]
    Cursor(#[from] cursor::Error),
    /// Its thread cannot be started.
    #[error("failed to start a thread for the webhook {url}")]
    Thread {
        /// The target.
        url: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// A target that is being served, until this value is dropped.
#[derive(Debug)]
pub struct Delivery {
    _stop: Sender<()>,
}

impl Delivery {
    /// Serves a target with events of `source`, beginning where it was before, as `directory` knows; a new target begins
    /// after `newest`.
    ///
    /// # Errors
    /// [`Error`] when that cannot be found out, or no thread can be had.
    pub fn start(target: Target, source: Box<dyn Source>, directory: &Path, newest: u64) -> Result<Self, Error> {
        let cursor = Cursor::open(directory, &target.url, newest)?;
        let (stop, stopped) = channel();
        let url = target.url.clone();
        let poster = Poster::new(&target.url);
        let mut worker = Worker { target, source, cursor, poster, stopped, told_behind: FAR_BEHIND };
        let spawned = thread::Builder::new().name("webhook".into()).spawn(move || worker.run());
        spawned.map_err(|source| Error::Thread { url, source })?;
        Ok(Self { _stop: stop })
    }
}

struct Worker {
    target: Target,
    source: Box<dyn Source>,
    cursor: Cursor,
    poster: Poster,
    stopped: Receiver<()>,
    /// The distance at which the operator is told next.
    told_behind: u64,
}

/// The delivery is to end.
struct Stopped;

impl Worker {
    fn run(&mut self) {
        while self.turn().is_ok() {}
        if let Err(error) = self.cursor.flush() {
            tracing::warn!(url = self.target.url, %error, "some events will be delivered again");
        }
    }

    fn turn(&mut self) -> Result<(), Stopped> {
        let page = match self.source.read(self.cursor.after(), PAGE) {
            Ok(page) => page,
            Err(error) => {
                tracing::warn!(url = self.target.url, %error, "no events for a webhook");
                return self.pause(Duration::from_secs(1));
            }
        };
        self.watch_distance(page.last);
        for (seq, event) in &page.events {
            if self.target.wants(event) {
                self.deliver(*seq, event)?;
            }
            self.advance(*seq);
        }
        let idle = page.next == self.cursor.after() && page.events.is_empty();
        self.advance(page.next);
        if !idle {
            return Ok(());
        }
        if let Err(error) = self.cursor.flush() {
            tracing::warn!(url = self.target.url, %error, "after a restart events will be delivered again");
        }
        self.pause(IDLE)
    }

    fn advance(&mut self, seq: u64) {
        if let Err(error) = self.cursor.advance(seq) {
            tracing::warn!(url = self.target.url, %error, "after a restart events will be delivered again");
        }
    }

    /// Sends an event until the target has taken it.
    fn deliver(&mut self, seq: u64, event: &Value) -> Result<(), Stopped> {
        let mut backoff = Backoff::new();
        let mut failures = 0_u32;
        while let Err(error) = self.poster.post(seq, event) {
            failures += 1;
            // The first failure is told, and then fewer and fewer.
            if failures.is_power_of_two() {
                let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
                tracing::warn!(url = self.target.url, seq, failures, %error, cause, "a webhook does not take an event");
            }
            self.pause(backoff.wait())?;
        }
        if failures > 0 {
            tracing::info!(url = self.target.url, seq, failures, "the webhook takes events again");
        }
        Ok(())
    }

    fn watch_distance(&mut self, last: u64) {
        let behind = last.saturating_sub(self.cursor.after());
        if behind >= self.told_behind {
            tracing::warn!(
                url = self.target.url,
                behind,
                "a webhook is far behind; what is not kept any more it will miss"
            );
            self.told_behind = behind.saturating_mul(2);
        } else if behind < FAR_BEHIND / 2 {
            self.told_behind = FAR_BEHIND;
        }
    }

    fn pause(&self, time: Duration) -> Result<(), Stopped> {
        match self.stopped.recv_timeout(time) {
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Ok(()) | Err(RecvTimeoutError::Disconnected) => Err(Stopped),
        }
    }
}
