//! Event ids and page tokens: fixed-width decimal numbers made of a time, a stream and an offset.
//!
//! ```text
//! tttttttttttttt ssssssssssssssssssssss oooooooooooooooooooo
//! 14: time in ms 22: stream             20: offset in the file
//! ```
//! Nothing is remembered on the server: a token says by itself where to go on.

use crate::error::Error;
use crate::stream::Stream;
use longshore_types::Timestamp;

const STREAM_DIGITS: u32 = 22;
const TOKEN_DIGITS: usize = 56;

/// Where a page of one stream goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// With the events from this offset on.
    Forward(u64),
    /// With the events before this offset.
    Backward(u64),
}

/// Where a page over many streams goes on: the least event, in this order, that it may still show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) time: Timestamp,
    pub(crate) stream: u128,
    pub(crate) offset: u64,
}

/// The id of the event at `offset` of the stream with these digits.
pub(crate) fn event_id(time: Timestamp, stream_digits: &str, offset: u64) -> String {
    let time = time.as_millis().max(0);
    format!("{time:014}{stream_digits}{offset:020}")
}

/// `f/<56 digits>/s` or `b/<56 digits>/s` (`CWL-2`).
pub(crate) fn write_place(stream: &Stream, place: Place) -> String {
    let (letter, offset) = match place {
        Place::Forward(offset) => ('f', offset),
        Place::Backward(offset) => ('b', offset),
    };
    let created = stream.created_at.as_millis().max(0);
    format!("{letter}/{created:014}{}{offset:020}/s", stream_digits(stream))
}

/// Reads what [`write_place`] wrote for the same stream.
pub(crate) fn read_place(stream: &Stream, token: &str) -> Result<Place, Error> {
    let place = parse_place(token).ok_or(Error::InvalidNextToken)?;
    if write_place(stream, place) == token { Ok(place) } else { Err(Error::InvalidNextToken) }
}

fn parse_place(token: &str) -> Option<Place> {
    let (letter, rest) = token.split_once('/')?;
    let digits = rest.strip_suffix("/s").filter(|digits| digits.len() == TOKEN_DIGITS)?;
    let offset = digits.get(TOKEN_DIGITS - 20..)?.parse().ok()?;
    match letter {
        "f" => Some(Place::Forward(offset)),
        "b" => Some(Place::Backward(offset)),
        _ => None,
    }
}

/// A token of a page over many streams: 64 hex digits.
pub(crate) fn write_key(key: Key) -> String {
    format!("{:016x}{:032x}{:016x}", key.time.as_millis(), key.stream, key.offset)
}

/// Reads what [`write_key`] wrote.
pub(crate) fn read_key(token: &str) -> Result<Key, Error> {
    parse_key(token).filter(|&key| write_key(key) == token).ok_or(Error::InvalidNextToken)
}

fn parse_key(token: &str) -> Option<Key> {
    let time = u64::from_str_radix(token.get(..16)?, 16).ok()?;
    let stream = u128::from_str_radix(token.get(16..48)?, 16).ok()?;
    let offset = u64::from_str_radix(token.get(48..)?, 16).ok()?;
    Some(Key { time: Timestamp::from_millis(time.cast_signed()), stream, offset })
}

/// The stream in 22 digits. Attempt ids are random: two of them do not share these.
pub(crate) fn stream_digits(stream: &Stream) -> String {
    format!("{:022}", stream.number() % 10_u128.pow(STREAM_DIGITS))
}

#[cfg(test)]
mod tests;
