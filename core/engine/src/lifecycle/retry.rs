//! Whether a failed attempt is followed by another (spec section 5).

use crate::entity::{EvaluateOnExit, FinishedAttempt, RetryAction, RetryStrategy};

/// Whether the strategy allows another attempt after `finished`, of which there have been `attempts` by now (`RTY-1`,
/// `RTY-4`).
pub(super) fn allows_another(strategy: Option<&RetryStrategy>, attempts: usize, finished: &FinishedAttempt) -> bool {
    let Some(strategy) = strategy else { return false };
    if attempts >= strategy.attempts as usize {
        return false;
    }
    let decisive = strategy.evaluate_on_exit.iter().find(|entry| matches(entry, finished));
    decisive.is_none_or(|entry| entry.action == RetryAction::Retry)
}

/// Whether every condition of the entry holds (`RTY-4`, `RTY-6`).
fn matches(entry: &EvaluateOnExit, finished: &FinishedAttempt) -> bool {
    let code = finished.exit_code.map(|code| code.to_string());
    let holds = |pattern: &Option<String>, value: Option<&str>| {
        pattern.as_ref().is_none_or(|pattern| pattern_matches(pattern, value))
    };
    holds(&entry.on_exit_code, code.as_deref())
        && holds(&entry.on_reason, finished.reason.as_deref())
        && holds(&entry.on_status_reason, Some(&finished.status_reason))
}

/// A literal, or a prefix when it ends in `*`; `*` alone matches also what is absent (`RTY-7`, A4).
fn pattern_matches(pattern: &str, value: Option<&str>) -> bool {
    match (pattern.strip_suffix('*'), value) {
        (Some(""), _) => true,
        (Some(prefix), Some(value)) => value.starts_with(prefix),
        (None, Some(value)) => value == pattern,
        (_, None) => false,
    }
}

#[cfg(test)]
mod tests;
