//! Times for people: spans in words, instants in RFC 3339, both from milliseconds.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A time span for people: the two largest units.
pub(crate) fn span(ms: i64) -> String {
    let ms = u64::try_from(ms).unwrap_or(0);
    match ms / 1000 {
        0 => format!("{ms}ms"),
        s @ 1..60 => format!("{s}.{}s", ms % 1000 / 100),
        s @ 60..3600 => format!("{}m {}s", s / 60, s % 60),
        s @ 3600..86_400 => format!("{}h {}m", s / 3600, s % 3600 / 60),
        s => format!("{}d {}h", s / 86_400, s % 86_400 / 3600),
    }
}

/// An instant for people and programs alike, in UTC.
pub(crate) fn instant(ms: i64) -> String {
    let since = Duration::from_millis(u64::try_from(ms).unwrap_or(0));
    humantime::format_rfc3339_millis(UNIX_EPOCH + since).to_string()
}

pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn span_takes_the_two_largest_units() {
        let cases =
            [(5, "5ms"), (1_250, "1.2s"), (61_000, "1m 1s"), (3_660_000, "1h 1m"), (90_000_000, "1d 1h"), (-5, "0ms")];
        for (ms, expected) in cases {
            assert_eq!(span(ms), expected);
        }
    }

    #[test]
    fn instant_is_in_utc_with_milliseconds() {
        assert_eq!(instant(1_440_938_160_007), "2015-08-30T12:36:00.007Z");
    }
}
