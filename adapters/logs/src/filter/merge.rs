//! The merge: a heap of streams by the least event that each may still have.

use super::cursor::{Cursor, Scope};
use super::{Filter, FilteredEvent};
use crate::error::Error;
use crate::event::Event;
use crate::pattern::Pattern;
use crate::reader::LogReader;
use crate::snapshot::Sizes;
use crate::stream::Stream;
use crate::token::Key;
use longshore_types::Timestamp;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A stream's times in the database and in its index come from different clocks, which may differ by this much.
const SKEW_MS: i64 = 60_000;
/// A batch is at least this large, and at most that.
const BATCH_BYTES: (u64, u64) = (4 * 1024, 1 << 20);
/// What the first batches of all streams may come to.
const FIRST_BATCHES_BYTES: u64 = 8 << 20;

pub(super) struct Merge<'a> {
    streams: &'a [Stream],
    scope: Scope<'a>,
    cursors: Vec<Option<Cursor>>,
    heap: BinaryHeap<Reverse<(Key, usize)>>,
    budget: usize,
    begun_at: Option<Key>,
}

impl<'a> Merge<'a> {
    pub(super) fn new(
        reader: &'a LogReader,
        streams: &'a [Stream],
        (filter, pattern): (&Filter, &'a Pattern),
        sizes: Sizes,
    ) -> Self {
        let least = filter.start_time.unwrap_or(Timestamp::from_millis(i64::MIN));
        let greatest = filter.end_time.unwrap_or(Timestamp::from_millis(i64::MAX));
        let share = FIRST_BATCHES_BYTES / (streams.len().max(1) as u64);
        let batch = share.clamp(BATCH_BYTES.0, BATCH_BYTES.1).min(sizes.scan as u64);
        let scope = Scope { reader, pattern, times: least..=greatest, batch };
        Self { streams, scope, cursors: Vec::new(), heap: BinaryHeap::new(), budget: sizes.scan, begun_at: None }
    }

    /// Takes in every stream that may have events from `from` on.
    pub(super) fn begin(&mut self, from: Option<Key>) {
        self.begun_at = from;
        let keys = self.streams.iter().map(|stream| least_key(stream, from, *self.scope.times.start()));
        self.cursors = keys.map(|key| key.map(Cursor::new)).collect();
        for (place, stream) in self.streams.iter().enumerate() {
            let Some(cursor) = &self.cursors[place] else { continue };
            if is_over(stream, cursor.key.time) || cursor.key.time > *self.scope.times.end() {
                self.cursors[place] = None;
            } else {
                self.heap.push(Reverse((cursor.key, place)));
            }
        }
    }

    /// The next event; none when there is none or when enough has been read for one call.
    pub(super) fn peek(&mut self) -> Result<Option<&Event>, Error> {
        while let Some(&Reverse((key, place))) = self.heap.peek() {
            let Some(cursor) = &mut self.cursors[place] else { break };
            if cursor.front().is_some() {
                break;
            }
            let again = cursor.is_open();
            if again && self.budget == 0 && self.begun_at.is_none_or(|begun_at| key > begun_at) {
                return Ok(None);
            }
            let bytes = cursor.fill(&self.scope, &self.streams[place])?;
            if again {
                self.budget = self.budget.saturating_sub(usize::try_from(bytes).unwrap_or(usize::MAX));
            }
            self.replace_top();
        }
        let top = self.heap.peek().and_then(|Reverse((_, place))| self.cursors[*place].as_ref());
        Ok(top.and_then(Cursor::front))
    }

    /// Takes out the event that was peeked at.
    pub(super) fn pop(&mut self) -> Option<FilteredEvent> {
        let Reverse((_, stream)) = *self.heap.peek()?;
        let event = self.cursors[stream].as_mut()?.pop()?;
        self.replace_top();
        Some(FilteredEvent { stream, event })
    }

    /// The least event that may still come.
    pub(super) fn position(&self) -> Option<Key> {
        self.heap.peek().map(|Reverse((key, _))| *key)
    }

    /// Puts the stream that is first to its new place.
    fn replace_top(&mut self) {
        let Some(Reverse((_, place))) = self.heap.pop() else { return };
        match &self.cursors[place] {
            Some(cursor) if !cursor.is_done() => self.heap.push(Reverse((cursor.key, place))),
            _ => self.cursors[place] = None,
        }
    }
}

/// The least key that an event of this stream may have, if it is to be neither before `from` nor before `least`.
fn least_key(stream: &Stream, from: Option<Key>, least: Timestamp) -> Option<Key> {
    let began = stream.created_at.as_millis().saturating_sub(SKEW_MS);
    let number = stream.number();
    let key = Key { time: least.max(Timestamp::from_millis(began)), stream: number, offset: 0 };
    let Some(from) = from.filter(|&from| from > key) else { return Some(key) };
    let same_time =
        Key { time: from.time, stream: number, offset: if number == from.stream { from.offset } else { 0 } };
    let later = from.time.as_millis().checked_add(1).map(Timestamp::from_millis);
    if same_time >= from { Some(same_time) } else { later.map(|time| Key { time, stream: number, offset: 0 }) }
}

/// Whether a stream ended before `time`.
fn is_over(stream: &Stream, time: Timestamp) -> bool {
    stream.ended_at.is_some_and(|ended| ended.as_millis().saturating_add(SKEW_MS) < time.as_millis())
}
