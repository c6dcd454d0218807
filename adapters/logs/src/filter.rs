//! Events of many streams, interleaved by (time, stream, offset) (`CWL-3`): a merge of sorted streams, whose state
//! between pages is one [`Key`]: the least event that may still come.
//!
//! Streams are opened when the merge reaches the time at which they began, and read in small batches; no file stays
//! open between batches. A call reads a bounded amount beyond its first look at each stream and then answers with a
//! token, with however few events it has found.

mod cursor;
mod merge;

use crate::error::Error;
use crate::event::Event;
use crate::get::MAX_EVENTS;
use crate::pattern::Pattern;
use crate::reader::LogReader;
use crate::snapshot::Sizes;
use crate::stream::Stream;
use crate::token;
use longshore_types::Timestamp;
use merge::Merge;

/// Which events of some streams to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Events at or after this time.
    pub start_time: Option<Timestamp>,
    /// Events at or before this time.
    pub end_time: Option<Timestamp>,
    /// What their messages have to match; everything matches an empty pattern.
    pub pattern: String,
    /// The most events, up to 10,000, which is the default. A page is never larger than 1 MiB.
    pub limit: Option<usize>,
    /// The token of the page before.
    pub next_token: Option<String>,
}

/// An event, and where it is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilteredEvent {
    /// The place of its stream among those that were asked about.
    pub stream: usize,
    /// The event.
    pub event: Event,
}

/// Some events, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterPage {
    /// The events: possibly none, which does not mean that this was the last page.
    pub events: Vec<FilteredEvent>,
    /// Asks for the next page; none after the last.
    pub next_token: Option<String>,
}

pub(crate) fn page(reader: &LogReader, streams: &[Stream], filter: &Filter, sizes: Sizes) -> Result<FilterPage, Error> {
    let pattern = Pattern::parse(&filter.pattern)?;
    let from = filter.next_token.as_deref().map(token::read_key).transpose()?;
    let mut merge = Merge::new(reader, streams, (filter, &pattern), sizes);
    merge.begin(from);
    let most = filter.limit.unwrap_or(MAX_EVENTS).clamp(1, MAX_EVENTS);
    let mut events: Vec<FilteredEvent> = Vec::new();
    let mut room = sizes.page;
    while let Some(next) = merge.peek()? {
        let length = next.message.len();
        if events.len() == most || (length > room && !events.is_empty()) {
            break;
        }
        room = room.saturating_sub(length);
        events.extend(merge.pop());
    }
    Ok(FilterPage { events, next_token: merge.position().map(token::write_key) })
}

#[cfg(test)]
mod tests;
