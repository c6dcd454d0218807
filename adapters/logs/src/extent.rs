//! When the first and last event of a stream happened, for lists of streams (`CWL-4`).

use crate::error::Error;
use crate::snapshot::Snapshot;
use longshore_types::Timestamp;

/// What a list of streams says of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// The time of the first event.
    pub first_event: Option<Timestamp>,
    /// The time of the last event.
    pub last_event: Option<Timestamp>,
    /// When the last event became visible, which is its time.
    pub last_ingestion: Option<Timestamp>,
    /// How many bytes are visible.
    pub stored_bytes: u64,
}

pub(crate) fn extent(snapshot: &mut Snapshot) -> Result<Extent, Error> {
    let stored_bytes = snapshot.bytes();
    let end = snapshot.end()?;
    let first = snapshot.event_at(0)?;
    let first_event = first.map(|span| snapshot.time(span.end)).transpose()?;
    let last_event = first.map(|_| snapshot.time(end)).transpose()?;
    Ok(Extent { first_event, last_event, last_ingestion: last_event, stored_bytes })
}
