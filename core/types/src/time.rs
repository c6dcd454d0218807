//! Time as the API writes it: milliseconds since the Unix epoch (`WIRE-7`). Never reads a clock.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The end of time.
    pub const MAX: Self = Self(i64::MAX);

    /// The time `milliseconds` after the Unix epoch.
    pub const fn from_millis(milliseconds: i64) -> Self {
        Self(milliseconds)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This time plus `duration_ms`, saturating.
    #[must_use]
    pub const fn plus_ms(self, duration_ms: u64) -> Self {
        let duration = if duration_ms > i64::MAX as u64 { i64::MAX } else { duration_ms as i64 };
        Self(self.0.saturating_add(duration))
    }

    /// Milliseconds from `earlier` to this time, zero when `earlier` is later.
    pub const fn since_ms(self, earlier: Self) -> u64 {
        let difference = self.0.saturating_sub(earlier.0);
        if difference < 0 { 0 } else { difference as u64 }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
