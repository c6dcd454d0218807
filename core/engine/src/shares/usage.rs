//! The arithmetic of past use (`FSS-3`): whole numbers only, and counting in two goes is the same as counting in one, so
//! that a restart, which counts from the last row on, comes to the same.
//!
//! The window is cut into [`PERIODS`] equal periods. What was used in the present one counts in full, in the one before a
//! little less, and so on down to nothing where the window ends.

use crate::entity::Usage;
use longshore_types::Timestamp;

/// Periods of a window: use in the present one counts so many times as much as use in the oldest.
const PERIODS: u64 = 32;

impl Usage {
    /// What one milli-vCPU that is used for a millisecond of the present period counts.
    pub(crate) const OF_A_MS: u128 = PERIODS as u128;

    /// Nothing, to be counted over a window from `now` on.
    pub(crate) const fn new(window_ms: u64, now: Timestamp) -> Self {
        Self { period_ms: period_of(window_ms), until: now, periods: Vec::new() }
    }

    /// Counts that `milli` milli-vCPU have been in use since it was last counted, and forgets what is out of the window.
    pub(crate) fn count(&mut self, now: Timestamp, milli: u64) {
        if now <= self.until {
            return;
        }
        for (number, used) in self.since(now, milli) {
            self.add(number, used);
        }
        let oldest = self.oldest(now);
        self.periods.retain(|(number, _)| *number >= oldest);
        self.until = now;
    }

    /// What was used in the window, with `milli` milli-vCPU in use since it was last counted: milli-vCPU times milliseconds
    /// of the oldest of its periods.
    pub(crate) fn sum(&self, now: Timestamp, milli: u64) -> u128 {
        let present = self.number(now);
        let weight = |number: u64| u128::from(PERIODS.saturating_sub(present.saturating_sub(number)));
        let counted = self.periods.iter().copied().chain(self.since(now, milli));
        counted.map(|(number, used)| u128::from(used) * weight(number)).sum()
    }

    /// What `milli` milli-vCPU have used since it was last counted, by period.
    fn since(&self, now: Timestamp, milli: u64) -> impl Iterator<Item = (u64, u64)> + use<> {
        let (period_ms, now_ms) = (self.period_ms, millis(now));
        let mut at = millis(self.until).max(self.oldest(now) * period_ms);
        std::iter::from_fn(move || {
            if milli == 0 || at >= now_ms {
                return None;
            }
            let number = at / period_ms;
            let end = ((number + 1) * period_ms).min(now_ms);
            let used = milli.saturating_mul(end - at);
            at = end;
            Some((number, used))
        })
    }

    /// The oldest period of the window.
    fn oldest(&self, now: Timestamp) -> u64 {
        self.number(now).saturating_sub(PERIODS - 1)
    }

    /// What one milli-vCPU that is used for all of the present period adds to that.
    pub(crate) fn of_a_period(&self) -> u128 {
        Self::OF_A_MS * u128::from(self.period_ms)
    }

    /// Goes over to another window; what was used stays where it was in time, as nearly as the new periods allow.
    pub(crate) fn set_window(&mut self, window_ms: u64) {
        let before = std::mem::replace(&mut self.period_ms, period_of(window_ms));
        if before == self.period_ms {
            return;
        }
        for (number, used) in std::mem::take(&mut self.periods) {
            self.add((number * before + before / 2) / self.period_ms, used);
        }
    }

    /// Adds to a period that is none of the older ones.
    fn add(&mut self, number: u64, used: u64) {
        match self.periods.last_mut() {
            Some((last, sum)) if *last == number => *sum = sum.saturating_add(used),
            _ => self.periods.push((number, used)),
        }
    }

    /// Until when what is used counts in full, and the rest as much as it does now.
    pub(crate) fn end_of_period(&self, now: Timestamp) -> Timestamp {
        let left = self.period_ms - millis(now) % self.period_ms;
        now.plus_ms(left)
    }

    fn number(&self, at: Timestamp) -> u64 {
        millis(at) / self.period_ms
    }
}

const fn period_of(window_ms: u64) -> u64 {
    let period = window_ms.div_ceil(PERIODS);
    if period == 0 { 1 } else { period }
}

fn millis(at: Timestamp) -> u64 {
    u64::try_from(at.as_millis()).unwrap_or(0)
}

#[cfg(test)]
mod tests;
