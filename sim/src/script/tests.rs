//! Scripts read and write the same text, and say what is wrong with others.

use super::{Error, Script};

const TEXT: &str = "# A title\n#\nseed 5\nset hosts 2\n0s submit a does=ok:5s size=3\n250ms cut h1\nuntil 60s\n";

#[test]
fn script_is_written_as_it_was_read() {
    let script: Script = TEXT.parse().unwrap();
    assert_eq!((script.seed, script.until_ms, script.lines.len()), (5, Some(60_000), 2));
    assert_eq!(script.to_string(), TEXT);
}

#[test]
fn comment_ends_a_line_and_a_node_does_not() {
    let script: Script = "0s cancel a#1 # the main node".parse().unwrap();
    assert_eq!(script.lines[0].object, "a#1");
}

#[test]
fn line_that_is_not_understood_is_refused_with_its_number() {
    let read = |text: &str| text.parse::<Script>().unwrap_err();
    assert_eq!(read("0s dance"), Error::Verb { line: 1, verb: "dance".into() });
    assert!(matches!(read("seed 1\n0s cancel"), Error::Object { line: 2, .. }));
    assert!(matches!(read("0s cancel a why=b"), Error::Option { line: 1, .. }));
    assert!(matches!(read("soon cancel a"), Error::Value { line: 1, .. }));
    assert!(matches!(read("set colour red"), Error::Value { line: 1, .. }));
    assert_eq!(read("2s cancel a\n1s cancel a"), Error::Order { line: 2 });
}
