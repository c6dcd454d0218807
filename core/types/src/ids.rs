//! Identifiers. Jobs print as UUIDs (`ID-1`), attempts as ECS task ids (`DSC-6`), hosts as EC2 instance ids.
//! Nothing here makes an id: ids come from the engine's seeded generator.

mod text;

use crate::parsed::parsed;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use text::Text;

/// Text that is not an identifier of the kind asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind} id: {text:?}")]
pub struct ParseIdError {
    /// What was expected: `job`, `attempt` or `host`.
    pub kind: &'static str,
    /// What was given.
    pub text: Box<str>,
}

impl ParseIdError {
    fn new(kind: &'static str, text: &str) -> Self {
        Self { kind, text: text.into() }
    }
}

/// A job: `xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx`, lower case (`ID-1`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(u128);

impl JobId {
    /// A job id from 128 random bits; version and variant bits are set as in a version 4 UUID.
    pub const fn from_random(bits: u128) -> Self {
        let version = (bits & !(0xf << 76)) | (4 << 76);
        Self((version & !(0x3 << 62)) | (0x2 << 62))
    }

    fn text(self) -> Text {
        Text::of_uuid(self.0)
    }

    /// The leading 64 bits; ids are ordered by them first.
    pub const fn leading(self) -> u64 {
        (self.0 >> 64) as u64
    }
}

impl FromStr for JobId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let error = || ParseIdError::new("job", text);
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 36 && DASHES.iter().all(|&dash| bytes[dash] == b'-');
        if !shaped {
            return Err(error());
        }
        let digits = bytes.iter().enumerate().filter(|(position, _)| !DASHES.contains(position));
        digits.map(|(_, byte)| *byte).try_fold(0, with_digit).map(Self).ok_or_else(error)
    }
}

/// What can be run, cancelled or depended on: a job, one child of an array job, or one node of a multi-node job.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JobRef {
    /// A whole job: `id`.
    Job(JobId),
    /// A child of an array job: `id:index`.
    Child(JobId, u32),
    /// A node of a multi-node parallel job: `id#index`.
    Node(JobId, u32),
}

impl JobRef {
    /// The job that this is, or is a part of.
    pub const fn job(self) -> JobId {
        match self {
            Self::Job(job) | Self::Child(job, _) | Self::Node(job, _) => job,
        }
    }

    /// The index of the child or node, if this is one.
    pub const fn index(self) -> Option<u32> {
        match self {
            Self::Job(_) => None,
            Self::Child(_, index) | Self::Node(_, index) => Some(index),
        }
    }

    fn text(self) -> Text {
        match self {
            Self::Job(job) => job.text(),
            Self::Child(job, index) => job.text().with_index(b':', index),
            Self::Node(job, index) => job.text().with_index(b'#', index),
        }
    }
}

impl FromStr for JobRef {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let index = |digits: &str| {
            let canonical = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            let leading_zero = digits.len() > 1 && digits.starts_with('0');
            if canonical && !leading_zero { digits.parse::<u32>().ok() } else { None }
        };
        let bad = || ParseIdError::new("job", text);
        if let Some((job, digits)) = text.split_once(':') {
            return Ok(Self::Child(job.parse()?, index(digits).ok_or_else(bad)?));
        }
        if let Some((job, digits)) = text.split_once('#') {
            return Ok(Self::Node(job.parse()?, index(digits).ok_or_else(bad)?));
        }
        text.parse().map(Self::Job)
    }
}

/// One attempt at running a job, child or node: 32 hex digits, what AWS calls the ECS task id (`DSC-6`, `LOG-1`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptId(u128);

impl AttemptId {
    /// An attempt id from 128 random bits.
    pub const fn from_random(bits: u128) -> Self {
        Self(bits)
    }

    fn text(self) -> Text {
        Text::of_digits(self.0)
    }

    /// The leading 64 bits; ids are ordered by them first.
    pub const fn leading(self) -> u64 {
        (self.0 >> 64) as u64
    }
}

impl FromStr for AttemptId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        parse_hex(text, 32).map(Self).ok_or_else(|| ParseIdError::new("attempt", text))
    }
}

/// A host: 32 hex digits; shown to users as the EC2 instance `i-` and the last 17 of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostId(u128);

impl HostId {
    /// A host id from 128 random bits.
    pub const fn from_random(bits: u128) -> Self {
        Self(bits)
    }

    fn text(self) -> Text {
        Text::of_digits(self.0)
    }

    /// The host as an EC2 instance id, the form in `Host EC2 (instance i-…) terminated.` (spec table 4.1).
    pub fn instance_id(self) -> String {
        format!("i-{:017x}", self.0 & ((1 << 68) - 1))
    }
}

impl FromStr for HostId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        parse_hex(text, 32).map(Self).ok_or_else(|| ParseIdError::new("host", text))
    }
}

/// Where a UUID has its dashes.
const DASHES: [usize; 4] = [8, 13, 18, 23];

fn parse_hex(text: &str, digits: usize) -> Option<u128> {
    if text.len() == digits { text.bytes().try_fold(0, with_digit) } else { None }
}

/// The bits, and behind them those of a lower-case hex digit.
fn with_digit(bits: u128, digit: u8) -> Option<u128> {
    let value = match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => return None,
    };
    Some(bits << 4 | u128::from(value))
}

macro_rules! text_serde {
    ($($id:ty),*) => {$(
        impl fmt::Display for $id {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.text().as_str())
            }
        }

        impl fmt::Debug for $id {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, formatter)
            }
        }

        impl Serialize for $id {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.text().as_str())
            }
        }

        impl<'de> Deserialize<'de> for $id {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                parsed(deserializer)
            }
        }
    )*};
}

text_serde!(JobId, JobRef, AttemptId, HostId);

#[cfg(test)]
mod tests;
