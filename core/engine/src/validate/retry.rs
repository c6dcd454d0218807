//! `retryStrategy` (`RTY-5`, `RTY-7`, `RTY-8`, `SUB-9`).

use super::require;
use crate::command::{EvaluateOnExitInput, RetryStrategyInput};
use crate::entity::{EvaluateOnExit, RetryAction, RetryStrategy};
use crate::error::Error;
use longshore_types::Limits;

/// Longest pattern, in characters.
const PATTERN_CHARS: usize = 512;

/// The strategy, if it is one. `evaluateOnExit` may be empty, `attempts` may not be missing.
pub(crate) fn retry_strategy(input: &RetryStrategyInput, limits: &Limits) -> Result<RetryStrategy, Error> {
    let attempts =
        input.attempts.ok_or_else(|| Error::invalid("RetryAttempts must be provided with retry strategy."))?;
    let attempts = u32::try_from(attempts).ok().filter(|attempts| (1..=limits.attempts).contains(attempts));
    let text = || Error::invalid(format!("RetryAttempts must be between 1 and {}.", limits.attempts));
    let attempts = attempts.ok_or_else(text)?;
    // AWS's text for too many entries is not known (A2).
    let most = limits.evaluate_on_exit;
    require(input.evaluate_on_exit.len() <= most, format!("EvaluateOnExit can have at most {most} entries."))?;
    let evaluate_on_exit = input.evaluate_on_exit.iter().map(entry).collect::<Result<_, _>>()?;
    Ok(RetryStrategy { attempts, evaluate_on_exit })
}

fn entry(input: &EvaluateOnExitInput) -> Result<EvaluateOnExit, Error> {
    let EvaluateOnExitInput { on_status_reason, on_reason, on_exit_code, action } = input;
    require(
        on_status_reason.is_some() || on_reason.is_some() || on_exit_code.is_some(),
        "EvaluateOnExit should contain at least one of onExitCode, onReason or onStatusReason",
    )?;
    let in_text =
        |character: char| character.is_ascii_alphanumeric() || character.is_whitespace() || ".:".contains(character);
    for text in [on_status_reason, on_reason].into_iter().flatten() {
        pattern(text, in_text)?;
    }
    if let Some(code) = on_exit_code {
        pattern(code, |character| character.is_ascii_digit())?;
    }
    Ok(EvaluateOnExit {
        on_status_reason: on_status_reason.clone(),
        on_reason: on_reason.clone(),
        on_exit_code: on_exit_code.clone(),
        action: self::action(action)?,
        action_text: action.clone(),
    })
}

/// A literal of allowed characters with at most one `*`, at the end.
fn pattern(text: &str, allowed: impl Fn(char) -> bool) -> Result<(), Error> {
    require(text.chars().count() <= PATTERN_CHARS, "Evaluate on exit condition cannot exceed 512 characters.")?;
    let literal = text.strip_suffix('*').unwrap_or(text);
    require(literal.chars().all(allowed), "Evaluate on exit condition contains restricted characters.")
}

/// In any case (`WIRE-9`).
fn action(text: &str) -> Result<RetryAction, Error> {
    if text.eq_ignore_ascii_case("RETRY") {
        Ok(RetryAction::Retry)
    } else if text.eq_ignore_ascii_case("EXIT") {
        Ok(RetryAction::Exit)
    } else {
        Err(Error::invalid(format!("EvaluateOnExit action {text} is not valid. Valid actions: [RETRY, EXIT]")))
    }
}

#[cfg(test)]
mod tests;
