//! Pages of one stream (`CWL-2`): a range of offsets, read from either end. Reads as much as it shows and little more.

use crate::error::Error;
use crate::event::Event;
use crate::snapshot::{Sizes, Snapshot, Span};
use crate::stream::Stream;
use crate::token::{self, Place};
use longshore_types::Timestamp;
use std::ops::Range;

/// The most events on a page.
pub(crate) const MAX_EVENTS: usize = 10_000;

/// What to show of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GetEvents {
    /// Events at or after this time.
    pub start_time: Option<Timestamp>,
    /// Events before this time.
    pub end_time: Option<Timestamp>,
    /// The most events, up to 10,000, which is the default. A page is never larger than 1 MiB.
    pub limit: Option<usize>,
    /// Without a token: the oldest page and not the newest.
    pub start_from_head: bool,
    /// A token of an earlier page of the same stream.
    pub next_token: Option<String>,
}

/// Some consecutive events, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The events.
    pub events: Vec<Event>,
    /// Asks for what follows them; the token that was given when nothing does.
    pub next_forward_token: String,
    /// Asks for what precedes them; the token that was given when nothing does.
    pub next_backward_token: String,
}

/// The most that a page may hold.
struct Room {
    events: usize,
    bytes: usize,
}

impl Room {
    /// Takes an event in, if it fits; the first always does.
    fn take(&mut self, taken: usize, span: &Span) -> bool {
        let bytes = usize::try_from(span.text_end - span.start).unwrap_or(usize::MAX);
        let fits = taken == 0 || (taken < self.events && bytes <= self.bytes);
        self.bytes = self.bytes.saturating_sub(bytes);
        fits
    }
}

pub(crate) fn page(snapshot: &mut Snapshot, stream: &Stream, query: &GetEvents, sizes: Sizes) -> Result<Page, Error> {
    let low = query.start_time.map_or(Ok(0), |time| snapshot.seek(time))?;
    let high = match query.end_time {
        Some(time) => snapshot.seek(time)?,
        None => snapshot.end()?,
    };
    let room = Room { events: query.limit.unwrap_or(MAX_EVENTS).clamp(1, MAX_EVENTS), bytes: sizes.page };
    let (range, spans) = match query.next_token.as_deref().map(|token| token::read_place(stream, token)).transpose()? {
        Some(Place::Forward(from)) => ahead(snapshot, from.max(low)..high, room).map(|page| keep_place(page, from))?,
        Some(Place::Backward(to)) => behind(snapshot, low..to.min(high), room).map(|page| keep_place(page, to))?,
        None if query.start_from_head => ahead(snapshot, low..high, room)?,
        None => behind(snapshot, low..high, room)?,
    };
    Ok(Page {
        events: spans.iter().map(|span| snapshot.event(span)).collect::<Result<_, _>>()?,
        next_forward_token: token::write_place(stream, Place::Forward(range.end)),
        next_backward_token: token::write_place(stream, Place::Backward(range.start)),
    })
}

type Spans = (Range<u64>, Vec<Span>);

/// An empty page stays where its token was.
fn keep_place((range, spans): Spans, place: u64) -> Spans {
    if spans.is_empty() { (place..place, spans) } else { (range, spans) }
}

/// The first events of a range.
fn ahead(snapshot: &mut Snapshot, range: Range<u64>, mut room: Room) -> Result<Spans, Error> {
    let mut spans = Vec::new();
    let mut end = range.start;
    while end < range.end {
        let Some(span) = snapshot.event_at(end)?.filter(|span| room.take(spans.len(), span)) else { break };
        end = span.end;
        spans.push(span);
    }
    Ok((range.start..end, spans))
}

/// The last events of a range, found by stepping back through it.
fn behind(snapshot: &mut Snapshot, range: Range<u64>, mut room: Room) -> Result<Spans, Error> {
    let mut newest_first = Vec::new();
    let mut start = range.end;
    'full: while start > range.start {
        let step = start.saturating_sub(snapshot.step());
        let from = snapshot.boundary(step)?.max(range.start);
        let (_, spans) = ahead(snapshot, from..start, Room { events: usize::MAX, bytes: usize::MAX })?;
        if spans.is_empty() {
            break;
        }
        for span in spans.into_iter().rev() {
            if !room.take(newest_first.len(), &span) {
                break 'full;
            }
            start = span.start;
            newest_first.push(span);
        }
    }
    newest_first.reverse();
    Ok((start..range.end, newest_first))
}

#[cfg(test)]
mod tests;
