//! Whoever watches the port: hears of every answer, says how the server is, and knows when its disk is nearly full. What is
//! made of it is not decided here.

use crate::commander::BoxFuture;
use std::time::Duration;

/// A request that was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Whose: `batch`, `logs`, `s3` …
    pub api: &'static str,
    /// Which operation; one of few names.
    pub operation: &'static str,
    /// The status code.
    pub code: u16,
    /// From the head of the request to the head of the answer.
    pub took: Duration,
}

/// Why a request was refused that may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Too many at once, too many bytes, or too many a second (`ERR-6`).
    Overload,
    /// The disk is nearly full.
    Disk,
}

/// Text for Prometheus, and its media type.
pub type Exposition = (&'static str, String);

/// Watches a port.
pub trait Observer: Send + Sync {
    /// A request was answered. Must not block.
    fn answered(&self, answered: Answered);

    /// A request was refused that may be sent again. Must not block.
    fn refused(&self, refusal: Refusal);

    /// Whether there is room on the disk for new jobs and objects. Must not block.
    fn has_room(&self) -> bool;

    /// Whether the server takes work; if not, why.
    fn readiness(&self) -> BoxFuture<'_, Result<(), String>>;

    /// The metrics.
    fn exposition(&self) -> BoxFuture<'_, Exposition>;
}

/// Watches nothing: for a port that nobody looks at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Observer for Unwatched {
    fn answered(&self, _: Answered) {}

    fn refused(&self, _: Refusal) {}

    fn has_room(&self) -> bool {
        true
    }

    fn readiness(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }

    fn exposition(&self) -> BoxFuture<'_, Exposition> {
        Box::pin(async { ("text/plain", String::new()) })
    }
}
