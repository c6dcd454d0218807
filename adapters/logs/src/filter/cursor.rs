//! One stream in a merge: the events that have been read of it, and where to go on reading.

use crate::error::Error;
use crate::event::Event;
use crate::pattern::Pattern;
use crate::reader::LogReader;
use crate::stream::Stream;
use crate::token::Key;
use longshore_types::Timestamp;
use std::collections::VecDeque;
use std::ops::RangeInclusive;

/// Where a stream's reading stands.
#[derive(Debug, PartialEq, Eq)]
enum Rest {
    /// It has not been looked at: read from this time, and in that no offset before this.
    Unopened { time: Timestamp, offset: u64 },
    /// Read on from this offset, which is an event's start.
    From(u64),
    /// There is nothing more in the time that is asked for.
    Nothing,
}

/// What bounds the reading.
pub(super) struct Scope<'a> {
    pub(super) reader: &'a LogReader,
    pub(super) pattern: &'a Pattern,
    pub(super) times: RangeInclusive<Timestamp>,
    /// How many bytes to read at a time.
    pub(super) batch: u64,
}

/// One stream's part in a merge.
#[derive(Debug)]
pub(super) struct Cursor {
    /// No event of this stream that is still to come is before this.
    pub(super) key: Key,
    read: VecDeque<(Key, Event)>,
    rest: Rest,
}

impl Cursor {
    /// A stream that is to be read from `key` on.
    pub(super) const fn new(key: Key) -> Self {
        Self { key, read: VecDeque::new(), rest: Rest::Unopened { time: key.time, offset: key.offset } }
    }

    /// The next event, if it has been read.
    pub(super) fn front(&self) -> Option<&Event> {
        self.read.front().map(|(_, event)| event)
    }

    /// Takes the next event out.
    pub(super) fn pop(&mut self) -> Option<Event> {
        let (key, event) = self.read.pop_front()?;
        // What follows is at another offset of the same stream, so at a greater key.
        self.key = self.read.front().map_or(Key { offset: key.offset + 1, ..key }, |(key, _)| *key);
        Some(event)
    }

    /// Whether nothing is left.
    pub(super) fn is_done(&self) -> bool {
        self.read.is_empty() && self.rest == Rest::Nothing
    }

    /// Whether the stream has been looked at.
    pub(super) fn is_open(&self) -> bool {
        !matches!(self.rest, Rest::Unopened { .. })
    }

    /// Reads the next batch, and says how many bytes it was.
    pub(super) fn fill(&mut self, scope: &Scope<'_>, stream: &Stream) -> Result<u64, Error> {
        let mut snapshot = scope.reader.open(stream)?;
        let first = match self.rest {
            Rest::Nothing => return Ok(0),
            Rest::From(offset) => offset,
            Rest::Unopened { time, offset } => {
                let at_time = snapshot.seek(time)?;
                if at_time < offset { snapshot.boundary(offset.min(snapshot.bytes()))?.max(at_time) } else { at_time }
            }
        };
        let mut next = first;
        loop {
            let span = snapshot.event_at(next)?;
            let Some(span) = span else { break };
            let time = snapshot.time(span.end)?;
            let key = Key { time, offset: span.start, ..self.key };
            if time > *scope.times.end() {
                break;
            }
            if next - first >= scope.batch {
                self.rest = Rest::From(next);
                self.key = self.read.front().map_or(key, |(key, _)| *key);
                return Ok(next - first);
            }
            if key >= self.key && scope.pattern.matches(&String::from_utf8_lossy(snapshot.read(&span)?)) {
                self.read.push_back((key, snapshot.event(&span)?));
            }
            next = span.end;
        }
        self.rest = Rest::Nothing;
        self.key = self.read.front().map_or(self.key, |(key, _)| *key);
        Ok(next - first)
    }
}
