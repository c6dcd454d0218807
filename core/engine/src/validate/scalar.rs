//! Single numbers that definitions and submissions share.

use super::require;
use crate::error::Error;

/// `timeout.attemptDurationSeconds`; `timeout: {}` is no timeout (`TMO-1`).
pub(crate) fn timeout(timeout_s: Option<i64>) -> Result<Option<u64>, Error> {
    let Some(seconds) = timeout_s else { return Ok(None) };
    require(seconds >= 60, "AttemptDurationSeconds in Timeout must be at least 60 seconds.")?;
    Ok(u64::try_from(seconds).ok())
}

/// `schedulingPriority` and its override (`JD-6`, A19).
pub(crate) fn scheduling_priority(priority: Option<i64>) -> Result<Option<i64>, Error> {
    let in_range = priority.is_none_or(|priority| (0..=9_999).contains(&priority));
    require(in_range, "Scheduling priority must be between 0 and 9999.")?;
    Ok(priority)
}

#[cfg(test)]
mod tests;
