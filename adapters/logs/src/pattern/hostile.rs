//! Hostile filter patterns and messages: each pattern is read or refused, and what was read is matched with anything.

use super::Pattern;
use longshore_hostile::Hostile;

const PATTERNS: usize = 4_000;

const EXAMPLES: &[&str] = &[
    "ERROR \"a phrase\" -not ?either ?or",
    "%[0-9]{1,3}ab*%",
    "{ ($.a.b[0] = \"x*\" || $.n >= 1.5e3) && ($.m NOT EXISTS) && $.k IS TRUE }",
    "{ $.list[2].name != 7 && $.x IS NULL }",
];
const MESSAGES: &[&str] =
    &[r#"{"a":{"b":["xyz"]},"n":1500,"k":true,"list":[1,2,{"name":7}],"x":null}"#, "ERROR a phrase 127ab"];

#[test]
fn hostile_patterns_are_read_or_refused() {
    let mut messages = Hostile::new(2, MESSAGES.iter().copied()).texts();
    let mut read = 0;
    for text in Hostile::new(1, EXAMPLES.iter().copied()).texts().take(PATTERNS) {
        let Ok(pattern) = Pattern::parse(&text) else { continue };
        read += 1;
        let _either = pattern.matches(&messages.next().unwrap());
    }
    assert!(read > PATTERNS / 10, "only {read} were read");
}
