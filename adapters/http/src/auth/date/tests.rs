//! Dates go both ways.

use super::{format, parse};

#[test]
fn date_known_parses_and_prints_back() {
    for (text, seconds) in [
        ("19700101T000000Z", 0),
        ("20150830T123600Z", 1_440_938_160),
        ("20240229T235959Z", 1_709_251_199),
        ("20000301T000000Z", 951_868_800),
    ] {
        assert_eq!(parse(text), Some(seconds), "{text}");
        assert_eq!(format(seconds), text);
    }
}

#[test]
fn date_malformed_is_refused() {
    for text in
        ["", "2015-08-30T12:36:00Z", "20150830T123600", "20151330T123600Z", "20150830T243600Z", "2015083éT12360Z"]
    {
        assert_eq!(parse(text), None, "{text}");
    }
}
