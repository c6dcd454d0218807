//! How long things are kept that have ended: `--retention` and its like.

use crate::cli::values;
use serde::Deserialize;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// How long something is kept: for a time, or for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Keep(pub(crate) Option<Duration>);

impl Keep {
    pub(crate) const FOR_EVER: Self = Self(None);

    const fn days(days: u32) -> Self {
        Self(Some(DAY.saturating_mul(days)))
    }
}

impl<'de> Deserialize<'de> for Keep {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        keep(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// `7d`, `12h`, `90` (seconds) or `forever`.
pub(super) fn keep(text: &str) -> Result<Keep, String> {
    if text == "forever" {
        return Ok(Keep::FOR_EVER);
    }
    values::duration(text).map(|time| Keep(Some(time))).map_err(|error| format!("{error}, or forever"))
}

/// What is kept, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct History {
    /// Jobs that have ended, with their children, log streams and output (`ST-6`).
    pub(crate) jobs: Keep,
    /// Definitions since they were deregistered (`JD-3`).
    pub(crate) definitions: Keep,
    /// Events.
    pub(crate) events: Keep,
    /// The highest number of events.
    pub(crate) events_kept: u64,
}

impl History {
    /// What is kept unless told otherwise; under `--aws-limits` as long as AWS does (spec section 25).
    pub(super) const fn default_of(aws_limits: bool) -> Self {
        let (jobs, definitions) =
            if aws_limits { (Keep::days(7), Keep::days(180)) } else { (Keep::FOR_EVER, Keep::FOR_EVER) };
        Self { jobs, definitions, events: Keep::days(7), events_kept: 1_000_000 }
    }
}
