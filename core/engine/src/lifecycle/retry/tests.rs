//! Retry verdicts (`RTY-1` to `RTY-7`).

use super::allows_another;
use crate::entity::{EvaluateOnExit, FinishedAttempt, RetryAction, RetryStrategy};
use longshore_types::{AttemptId, HostId, Timestamp};

fn finished(exit_code: Option<i32>, reason: Option<&str>, status_reason: &str) -> FinishedAttempt {
    FinishedAttempt {
        id: AttemptId::from_random(1),
        host: HostId::from_random(1),
        environment: "ce".parse().unwrap(),
        started_at: None,
        stopped_at: Timestamp::from_millis(0),
        exit_code,
        reason: reason.map(Into::into),
        status_reason: status_reason.into(),
        log_stream: None,
        containers: vec![],
        address: None,
    }
}

fn entry(code: Option<&str>, reason: Option<&str>, status: Option<&str>, action: RetryAction) -> EvaluateOnExit {
    EvaluateOnExit {
        on_exit_code: code.map(Into::into),
        on_reason: reason.map(Into::into),
        on_status_reason: status.map(Into::into),
        action,
        action_text: String::new(),
    }
}

fn check(entries: &[EvaluateOnExit], finished: &FinishedAttempt, retried: bool) {
    let strategy = RetryStrategy { attempts: 3, evaluate_on_exit: entries.to_vec() };
    assert_eq!(allows_another(Some(&strategy), 1, finished), retried, "{entries:?} {finished:?}");
}

#[test]
fn rty_1_attempts_used_up_or_no_strategy_ends_the_job() {
    let strategy = RetryStrategy { attempts: 2, evaluate_on_exit: vec![] };
    assert!(allows_another(Some(&strategy), 1, &finished(Some(1), None, "")));
    assert!(!allows_another(Some(&strategy), 2, &finished(Some(1), None, "")));
    assert!(!allows_another(None, 1, &finished(Some(1), None, "")));
}

#[test]
fn rty_4_first_entry_whose_every_condition_matches_decides() {
    let entries = [
        entry(Some("1"), Some("Out*"), None, RetryAction::Exit),
        entry(Some("1"), None, None, RetryAction::Retry),
        entry(None, Some("*"), None, RetryAction::Exit),
    ];
    check(&entries, &finished(Some(1), Some("OutOfMemoryError: x"), ""), false);
    check(&entries, &finished(Some(1), Some("other"), ""), true);
    check(&entries, &finished(Some(2), None, ""), false);
}

#[test]
fn rty_4_no_matching_entry_retries() {
    check(&[entry(Some("7"), None, None, RetryAction::Exit)], &finished(Some(1), None, ""), true);
}

#[test]
fn rty_7_star_alone_matches_an_absent_value_and_nothing_else_does() {
    check(&[entry(None, Some("*"), None, RetryAction::Exit)], &finished(Some(1), None, ""), false);
    check(&[entry(None, Some("C*"), None, RetryAction::Exit)], &finished(Some(1), None, ""), true);
    check(&[entry(Some("13*"), None, None, RetryAction::Exit)], &finished(Some(137), None, ""), false);
    check(&[entry(None, None, Some("Host EC2*"), RetryAction::Exit)], &finished(None, None, "Host EC2 (x"), false);
    check(&[entry(None, None, Some("host EC2*"), RetryAction::Exit)], &finished(None, None, "Host EC2 (x"), true);
}
