//! Seeds: some of the beginning, and every one that ever failed. `cargo xtask test` runs thousands of them.

use longshore_sim::{Totals, seed};

/// Seeds that are run by plain `cargo test`.
const SEEDS: u64 = 60;

/// Those that failed once: a seed and what it found, line by line.
const PAST: &str = include_str!("../seeds.txt");

#[test]
fn seeds_that_failed_once_keep_every_rule() {
    let lines = PAST.lines().filter(|line| !line.starts_with('#'));
    let seeds = lines.map(|line| line.split(' ').next().and_then(|number| number.parse().ok()).expect("a seed"));
    let mut totals = Totals::default();
    seeds.for_each(|number: u64| totals.count(number, seed(number)));
    assert!(totals.seeds > 0);
    assert_eq!(totals.failures, []);
}

#[test]
fn first_seeds_keep_every_rule() {
    let mut totals = Totals::default();
    (0..SEEDS).for_each(|number| totals.count(number, seed(number)));
    assert_eq!(totals.failures, []);
}
