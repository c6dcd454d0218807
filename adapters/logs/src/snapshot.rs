//! What is visible of a stream at one moment: where events begin and end, and when they happened.
//!
//! While the attempt lives, only what an index record covers is visible, so that no event is ever shown with a time
//! that a later record would change. Once it has ended the rest is visible, at the time of the end.
//!
//! Lines of more than [`LINE_BYTES`] are cut, at multiples of a fixed distance from the *file's* start: whether and where
//! a line is cut is seen from the bytes around, in either direction, and stays true however long the line grows.

use crate::error::Error;
use crate::event::Event;
use crate::index::Index;
use crate::stream::Stream;
use crate::text::Text;
use crate::token;
use longshore_types::Timestamp;
use std::path::Path;

/// Longer lines are split (`CWL-7`).
pub(crate) const LINE_BYTES: u64 = 256 * 1024;
/// A cut goes back by up to this much, so as not to split a UTF-8 character.
const CUT_BACK: u64 = 3;

/// Sizes that tests make small.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// The longest event.
    pub(crate) line: u64,
    /// How much is read ahead.
    pub(crate) ahead: usize,
    /// The largest page, in bytes of text.
    pub(crate) page: usize,
    /// How much one call of a filter reads before it answers with a token.
    pub(crate) scan: usize,
}

impl Sizes {
    /// The sizes that clients see.
    pub(crate) const REAL: Self = Self { line: LINE_BYTES, ahead: 64 * 1024, page: 1 << 20, scan: 64 << 20 };

    /// How far apart cuts are: a piece is never longer than a line may be.
    const fn stride(&self) -> u64 {
        self.line - CUT_BACK - 1
    }
}

/// An event's place: the text is `start..text_end`, the next event begins at `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u64,
    pub(crate) text_end: u64,
    pub(crate) end: u64,
}

/// One stream as it was when it was opened.
#[derive(Debug)]
pub(crate) struct Snapshot {
    stream_digits: String,
    text: Text,
    index: Index,
    sizes: Sizes,
    /// The time of everything that no record covers; none while the attempt lives.
    final_time: Option<Timestamp>,
    /// The bytes that the last answer about time was for, and the answer.
    time_range: (u64, u64, Timestamp),
}

impl Snapshot {
    /// Opens a stream's files below `root`. The index comes first: what it covers has been written.
    pub(crate) fn open(root: &Path, stream: &Stream, sizes: Sizes) -> Result<Self, Error> {
        let id = stream.attempt.to_string();
        let directory = root.join(&id[..2]);
        let mut index = Index::open(directory.join(format!("{id}.idx")))?;
        let mut text = Text::open(directory.join(format!("{id}.log")), sizes.ahead)?;
        let last = index.last()?;
        let final_time = stream.ended_at.map(|ended| last.map_or(ended, |last| last.time.max(ended)));
        if final_time.is_none() {
            text.cut_off(last.map_or(0, |last| last.offset));
        }
        let stream_digits = token::stream_digits(stream);
        Ok(Self { stream_digits, text, index, sizes, final_time, time_range: (0, 0, Timestamp::default()) })
    }

    /// How many bytes are visible.
    pub(crate) const fn bytes(&self) -> u64 {
        self.text.end()
    }

    /// How far back to step when reading backwards.
    pub(crate) const fn step(&self) -> u64 {
        self.sizes.ahead as u64
    }

    /// Where the last visible event ends.
    pub(crate) fn end(&mut self) -> Result<u64, Error> {
        let end = self.text.end();
        if self.final_time.is_some() { Ok(end) } else { self.boundary(end) }
    }

    /// Where the first event at or after `time` begins; the end when there is none.
    pub(crate) fn seek(&mut self, time: Timestamp) -> Result<u64, Error> {
        let (record, is_last) = self.index.before(time)?;
        if is_last && self.final_time.is_none_or(|last| last < time) {
            return self.end();
        }
        let covered = record.map_or(0, |record| record.offset);
        if covered < self.text.end() { self.boundary(covered) } else { self.end() }
    }

    /// The time of an event that ends at `end`: that of the first record that covers it.
    pub(crate) fn time(&mut self, end: u64) -> Result<Timestamp, Error> {
        let (from, to, time) = self.time_range;
        if from < end && end <= to {
            return Ok(time);
        }
        let covering = self.index.covering(end)?;
        let last = self.final_time.unwrap_or_default();
        let (to, time) = covering.map_or((u64::MAX, last), |record| (record.offset, record.time));
        self.time_range = (end - 1, to, time);
        Ok(time)
    }

    /// The event that begins at `start`, if it is visible as a whole.
    pub(crate) fn event_at(&mut self, start: u64) -> Result<Option<Span>, Error> {
        let end = self.text.end();
        if start >= end {
            return Ok(None);
        }
        let line_start = start == 0 || self.text.byte(start - 1)? == Some(b'\n');
        if line_start {
            let longest = start + self.sizes.line;
            let newline = self.text.newline(start, longest + 1)?;
            if newline.is_some() || end <= longest {
                return self.line(start, newline);
            }
        }
        let stride = self.sizes.stride();
        let multiple = ((start + CUT_BACK) / stride + 1) * stride;
        match self.text.newline(start, multiple + 1)? {
            None if multiple < end => {
                let cut = self.cut(multiple)?;
                Ok(Some(Span { start, text_end: cut, end: cut }))
            }
            newline => self.line(start, newline),
        }
    }

    /// The text of an event.
    pub(crate) fn read(&mut self, span: &Span) -> Result<&[u8], Error> {
        self.text.bytes(span.start, span.text_end)
    }

    /// An event, read.
    pub(crate) fn event(&mut self, span: &Span) -> Result<Event, Error> {
        let timestamp = self.time(span.end)?;
        let message = String::from_utf8_lossy(self.read(span)?).into_owned();
        Ok(Event { timestamp, message, id: token::event_id(timestamp, &self.stream_digits, span.start) })
    }

    /// The greatest start or end of an event that is not after `position`.
    pub(crate) fn boundary(&mut self, position: u64) -> Result<u64, Error> {
        let search_from = position.saturating_sub(self.sizes.line + 1);
        let line_start = match self.text.newline_back(search_from, position)? {
            Some(newline) => Some(newline + 1),
            None if search_from == 0 => Some(0),
            None => None,
        };
        let stride = self.sizes.stride();
        let mut multiple = (position + CUT_BACK) / stride * stride;
        let first = line_start.map_or(0, |start| start + CUT_BACK);
        if let Some(start) = line_start
            && (multiple <= first || !self.is_long(start)?)
        {
            return Ok(start);
        }
        while multiple > first {
            let inside = self.text.byte(multiple)?.is_some_and(|byte| byte != b'\n');
            if inside && self.cut(multiple)? <= position {
                return self.cut(multiple);
            }
            multiple -= stride;
        }
        Ok(line_start.unwrap_or(0))
    }

    /// Whether the line that starts here has to be cut, as far as it is visible.
    fn is_long(&mut self, line_start: u64) -> Result<bool, Error> {
        let longest = line_start + self.sizes.line;
        Ok(self.text.end() > longest && self.text.newline(line_start, longest + 1)?.is_none())
    }

    /// The rest of a line that ends at `newline`, or with the attempt.
    fn line(&mut self, start: u64, newline: Option<u64>) -> Result<Option<Span>, Error> {
        let Some(newline) = newline else {
            let end = self.text.end();
            return Ok(self.final_time.map(|_| Span { start, text_end: end, end }));
        };
        let carriage_return = newline > start && self.text.byte(newline - 1)? == Some(b'\r');
        Ok(Some(Span { start, text_end: newline - u64::from(carriage_return), end: newline + 1 }))
    }

    /// The cut at a multiple of the stride: before the character of which its byte is a part.
    fn cut(&mut self, multiple: u64) -> Result<u64, Error> {
        let bytes = self.text.bytes(multiple - CUT_BACK, multiple + 1)?;
        let back = character_start(bytes);
        Ok(multiple - back)
    }
}

/// How many bytes before the last one the character of the last one starts; zero for what is no character.
fn character_start(bytes: &[u8]) -> u64 {
    let is_continuation = |byte: u8| byte & 0xc0 == 0x80;
    if bytes.last().is_none_or(|&last| !is_continuation(last)) {
        return 0;
    }
    for (back, &byte) in bytes.iter().rev().enumerate().skip(1) {
        let length = match byte {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            0x80..=0xbf => continue,
            _ => return 0,
        };
        return if back < length { back as u64 } else { 0 };
    }
    0
}

#[cfg(test)]
mod tests;
