//! The limits that are enforced at the door: how long lists in requests may be, and how many requests a second are taken
//! (`ERR-6`). What limits mean for the state is the engine's to check.

use crate::admission::Admission;
use crate::failure::Failure;
use longshore_types::Limits;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Limits, and what has been used of those that are rates.
#[derive(Debug)]
pub struct Quotas {
    limits: Limits,
    admission: Admission,
    submissions: Bucket,
    service_submissions: Bucket,
}

impl Quotas {
    /// Of a server with these limits.
    pub fn new(limits: Limits) -> Self {
        Self {
            admission: Admission::new(&limits),
            submissions: Bucket::new(limits.submit_rate),
            service_submissions: Bucket::new(limits.submit_service_rate),
            limits,
        }
    }

    /// The limits.
    pub(crate) const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How much is under way.
    pub(crate) const fn admission(&self) -> &Admission {
        &self.admission
    }

    /// Takes a request in, or refuses it.
    pub(crate) fn take(&self, rate: Rate) -> Result<(), Failure> {
        let bucket = match rate {
            Rate::SubmitJob => &self.submissions,
            Rate::SubmitServiceJob => &self.service_submissions,
        };
        bucket.take(Instant::now())
    }
}

/// What is limited to so many requests a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// SubmitJob.
    SubmitJob,
    /// SubmitServiceJob.
    SubmitServiceJob,
}

/// So many requests at once, and as many again over a second.
#[derive(Debug)]
struct Bucket {
    rate: u32,
    state: Mutex<(u64, Option<Instant>)>,
}

/// What one request takes, so that refilling is exact in nanoseconds.
const REQUEST: u64 = 1_000_000_000;

impl Bucket {
    fn new(rate: u32) -> Self {
        Self { rate, state: Mutex::new((u64::from(rate) * REQUEST, None)) }
    }

    fn take(&self, now: Instant) -> Result<(), Failure> {
        if self.rate == u32::MAX {
            return Ok(());
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (left, filled_at) = *state;
        let passed = filled_at.map_or(0, |at| now.saturating_duration_since(at).as_nanos());
        let gained = u64::try_from(passed).unwrap_or(u64::MAX).saturating_mul(u64::from(self.rate));
        let left = left.saturating_add(gained).min(u64::from(self.rate) * REQUEST);
        let taken = left.checked_sub(REQUEST);
        *state = (taken.unwrap_or(left), Some(now));
        taken.map(|_| ()).ok_or(Failure::TooManyRequests)
    }
}

#[cfg(test)]
mod tests;
