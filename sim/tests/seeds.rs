//! Seeds: some of the beginning, and every one that ever failed. `cargo xtask test` runs thousands of them.

use longshore_sim::{Totals, seed};

/// Seeds that are run by plain `cargo test`.
const SEEDS: u64 = 60;

#[test]
fn first_seeds_keep_every_rule() {
    let mut totals = Totals::default();
    (0..SEEDS).for_each(|number| totals.count(number, seed(number)));
    assert_eq!(totals.failures, []);
}
