//! Hostile scripts and scenario files: they are read or refused, with the line that is wrong.

use longshore_hostile::Hostile;
use longshore_sim::{Scenario, Script};
use std::fs;

const INPUTS: usize = 8_000;

#[test]
fn hostile_scripts_are_read_or_refused() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    let mut paths: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let examples: Vec<String> = paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let mut read = 0;
    for text in Hostile::new(1, examples).texts().take(INPUTS) {
        read += usize::from(text.parse::<Script>().is_ok());
        let _read_or_refused = Scenario::parse(&text);
    }
    assert!(read > INPUTS / 50, "only {read} were read");
}
