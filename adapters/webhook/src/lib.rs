//! Events sent to webhooks: each target gets every event that it wants, in order, at least once, by a POST of its own.
//!
//! A target has a thread and a cursor on disk, and reads the events by itself: one that is slow or gone waits for nobody and
//! nobody waits for it. What events are and how they look is not this crate's business.

mod backoff;
mod cursor;
mod delivery;
mod post;
mod target;
#[cfg(test)]
mod tests;

pub use cursor::Error as CursorError;
pub use delivery::{Delivery, Error};
pub use target::Target;

use serde_json::Value;

/// Where events come from. Its calls block.
pub trait Source: Send {
    /// Events with numbers above `after`, at most `limit` of them.
    ///
    /// # Errors
    /// Whatever keeps events from being read; asked again later.
    fn read(&self, after: u64, limit: usize) -> Result<Page, BoxError>;
}

/// An error of a [`Source`].
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Some events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The number and the document of each, by number.
    pub events: Vec<(u64, Value)>,
    /// The number to read on from.
    pub next: u64,
    /// The number of the newest event there is.
    pub last: u64,
}
