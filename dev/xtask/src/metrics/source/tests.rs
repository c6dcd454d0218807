//! Counting, on sources small enough to count by eye.

use super::Source;

const TEXT: &str = "//! Header.

/// Documented.
#[derive(Debug)]
pub struct A;

pub fn one_line() -> u8 { 1 }

impl A {
    /// Documented.
    pub const fn three_lines() {
        let _ = Some(1).unwrap();
    }

    fn declared_over(
        a: u8,
    ) -> u8 {
        a.checked_add(1).expect(\"small\")
    }
}
";

#[test]
fn functions_are_measured_to_their_closing_brace() {
    assert_eq!(Source::read("core/a/src/lib.rs", TEXT).functions, [1, 3, 5]);
}

#[test]
fn public_items_are_counted_with_their_documentation() {
    let source = Source::read("core/a/src/lib.rs", TEXT);
    assert_eq!((source.public_items, source.documented_items), (3, 2));
    assert_eq!((source.unwraps, source.expects, source.has_header), (1, 1, true));
}
