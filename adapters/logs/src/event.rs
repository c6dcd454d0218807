//! A log event and its id.

use longshore_types::Timestamp;

/// One line of output, or a piece of a very long one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When the line was complete, as far as the index tells. Never changes once shown.
    pub timestamp: Timestamp,
    /// The line without its end. Bytes that are not UTF-8 are shown as U+FFFD.
    pub message: String,
    /// 56 digits, unique, the same in every answer; ids sort by time, then stream, then place in the stream.
    pub id: String,
}
