//! Past use: what counts, how much, and for how long.

use crate::entity::Usage;
use longshore_types::Timestamp;
use proptest::prelude::*;

const WINDOW_MS: u64 = 640_000;

fn at(ms: u64) -> Timestamp {
    Timestamp::from_millis(i64::try_from(ms).unwrap())
}

/// `milli` in use from the first moment to the second, looked at in the third.
fn sum(milli: u64, from: u64, to: u64, now: u64) -> u128 {
    let mut usage = Usage::new(WINDOW_MS, at(from));
    usage.count(at(to), milli);
    usage.count(at(now), 0);
    usage.sum(at(now), 0)
}

#[test]
fn fss_3_steady_use_counts_for_each_period_of_the_window() {
    let whole = |milli| sum(milli, 0, 10 * WINDOW_MS, 10 * WINDOW_MS);
    let weights = (1..32).sum::<u128>() * 20_000;
    assert_eq!((whole(1_000), whole(4_000)), (1_000 * weights, 4_000 * weights), "the present period has just begun");
}

#[test]
fn fss_3_recent_use_weighs_more_and_nothing_counts_after_the_window() {
    let used_a_minute_and_then = |later: u64| sum(1_000, WINDOW_MS, WINDOW_MS + 60_000, WINDOW_MS + 60_000 + later);
    let sums: Vec<u128> = (0..11).map(|step| used_a_minute_and_then(step * 64_000)).collect();
    assert!(sums.windows(2).all(|pair| pair[0] > pair[1]), "{sums:?}");
    assert!(sums[9] > 0);
    assert_eq!(sums[10], 0);
}

#[test]
fn clock_that_goes_back_counts_nothing_twice() {
    let mut usage = Usage::new(WINDOW_MS, at(0));
    usage.count(at(50_000), 1_000);
    let before = usage.clone();
    usage.count(at(20_000), 1_000);
    assert_eq!(usage, before);
}

#[test]
fn fss_3_window_that_changes_keeps_what_was_used_where_it_was() {
    let mut usage = Usage::new(WINDOW_MS, at(0));
    usage.count(at(300_000), 1_000);
    let total = |usage: &Usage| usage.periods.iter().map(|(_, used)| used).sum::<u64>();
    usage.set_window(2 * WINDOW_MS);
    assert_eq!((usage.period_ms, total(&usage)), (40_000, 300_000_000));
    usage.set_window(WINDOW_MS / 2);
    assert_eq!((usage.period_ms, total(&usage)), (10_000, 300_000_000));
    assert!(usage.periods.windows(2).all(|pair| pair[0].0 < pair[1].0), "{usage:?}");
    usage.count(at(300_000 + WINDOW_MS / 2), 0);
    assert_eq!(total(&usage), 0);
}

proptest! {
    /// What is counted in several goes, or from a row on after a restart, is what is counted in one.
    #[test]
    fn counting_in_several_goes_is_counting_in_one(
        start in 0u64..2_000_000,
        gaps in prop::collection::vec((0u64..300_000, 0usize..3), 1..20),
    ) {
        let running = 3_000;
        let mut several = Usage::new(WINDOW_MS, at(start));
        let mut now = start;
        for (gap, looks) in gaps {
            for look in 0..looks as u64 {
                several.count(at(now + gap * look / 3), running);
            }
            now += gap;
        }
        several.count(at(now), running);
        let mut one = Usage::new(WINDOW_MS, at(start));
        one.count(at(now), running);
        prop_assert_eq!(several.sum(at(now), 0), one.sum(at(now), 0));
        prop_assert_eq!(several, one);
    }
}
