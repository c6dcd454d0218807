//! Timeouts and priorities at their bounds.

use super::{scheduling_priority, timeout};
use crate::validate::check_refused;

#[test]
fn tmo_1_timeout_below_a_minute_is_refused() {
    assert_eq!(timeout(None), Ok(None));
    assert_eq!(timeout(Some(60)), Ok(Some(60)));
    for seconds in [59, 0, -60] {
        check_refused(timeout(Some(seconds)), "AttemptDurationSeconds in Timeout must be at least 60 seconds.");
    }
}

#[test]
fn jd_6_priority_outside_0_to_9999_is_refused() {
    for priority in [None, Some(0), Some(9_999)] {
        assert_eq!(scheduling_priority(priority), Ok(priority));
    }
    for priority in [-1, 10_000] {
        check_refused(scheduling_priority(Some(priority)), "Scheduling priority must be between 0 and 9999.");
    }
}
