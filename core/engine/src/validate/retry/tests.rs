//! Retry strategies are accepted as written or refused in AWS's words.

use super::retry_strategy;
use crate::command::{EvaluateOnExitInput, RetryStrategyInput};
use crate::entity::RetryAction;
use crate::validate::check_refused;
use longshore_types::Limits;

fn strategy(attempts: i64, evaluate_on_exit: Vec<EvaluateOnExitInput>) -> RetryStrategyInput {
    RetryStrategyInput { attempts: Some(attempts), evaluate_on_exit }
}

fn on_reason(pattern: &str) -> EvaluateOnExitInput {
    EvaluateOnExitInput { on_reason: Some(pattern.into()), action: "RETRY".into(), ..EvaluateOnExitInput::default() }
}

fn on_exit_code(pattern: &str) -> EvaluateOnExitInput {
    EvaluateOnExitInput { on_exit_code: Some(pattern.into()), action: "exit".into(), ..EvaluateOnExitInput::default() }
}

#[test]
fn rty_7_patterns_in_the_wild_are_accepted() {
    let patterns = ["Host EC2*", "Task failed to start", "CannotPullContainerError:*", "DockerTimeoutError*", "*", ""];
    for pattern in patterns {
        assert!(retry_strategy(&strategy(3, vec![on_reason(pattern)]), &Limits::aws()).is_ok(), "{pattern}");
    }
    assert!(retry_strategy(&strategy(10, vec![on_exit_code("13*"), on_exit_code("137")]), &Limits::aws()).is_ok());
}

#[test]
fn wire_9_action_in_any_case_is_understood_and_echoed() {
    let accepted = retry_strategy(&strategy(1, vec![on_exit_code("1")]), &Limits::aws()).unwrap();
    assert_eq!(accepted.evaluate_on_exit[0].action, RetryAction::Exit);
    assert_eq!(accepted.evaluate_on_exit[0].action_text, "exit");
}

#[test]
fn rty_5_rty_8_refusals_have_aws_texts() {
    let restricted = "Evaluate on exit condition contains restricted characters.";
    let bad_action = EvaluateOnExitInput { action: "STAY".into(), ..on_reason("x") };
    let no_condition = EvaluateOnExitInput { action: "EXIT".into(), ..EvaluateOnExitInput::default() };
    for (input, text) in [
        (RetryStrategyInput::default(), "RetryAttempts must be provided with retry strategy."),
        (strategy(0, vec![]), "RetryAttempts must be between 1 and 10."),
        (strategy(11, vec![]), "RetryAttempts must be between 1 and 10."),
        (strategy(-1, vec![]), "RetryAttempts must be between 1 and 10."),
        (strategy(1, vec![on_reason("*x")]), restricted),
        (strategy(1, vec![on_reason("a*b")]), restricted),
        (strategy(1, vec![on_reason("(x)")]), restricted),
        (strategy(1, vec![on_exit_code("1x")]), restricted),
        (strategy(1, vec![on_reason(&"x".repeat(513))]), "Evaluate on exit condition cannot exceed 512 characters."),
        (strategy(1, vec![on_reason("x"); 7]), "EvaluateOnExit can have at most 6 entries."),
        (strategy(1, vec![bad_action]), "EvaluateOnExit action STAY is not valid. Valid actions: [RETRY, EXIT]"),
        (
            strategy(1, vec![no_condition]),
            "EvaluateOnExit should contain at least one of onExitCode, onReason or onStatusReason",
        ),
    ] {
        check_refused(retry_strategy(&input, &Limits::aws()), text);
    }
}
