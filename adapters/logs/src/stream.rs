//! What a log stream is: the output of one attempt (`LOG-3`).

use longshore_types::{AttemptId, Timestamp};

/// A log stream, as the caller finds it in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// The log group's name.
    pub group: String,
    /// The stream's name.
    pub name: String,
    /// The attempt whose output it is.
    pub attempt: AttemptId,
    /// When the attempt began.
    pub created_at: Timestamp,
    /// When it ended: nothing is written after that.
    pub ended_at: Option<Timestamp>,
}

impl Stream {
    /// The attempt id as a number, by which streams are ordered among events of the same time.
    pub(crate) fn number(&self) -> u128 {
        let digits = self.attempt.to_string();
        digits.bytes().fold(0, |number, byte| number << 4 | u128::from(hex_value(byte)))
    }
}

const fn hex_value(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => digit - b'a' + 10,
    }
}
