//! Stops and timeouts: SIGTERM, grace, SIGKILL; the first cause stays (`STOP-1`, `TMO-1`, `TMO-2`).

use super::builder::*;
use crate::{ExitStatus, Input, STOP_GRACE_MS};
use longshore_protocol::EndCause;

#[test]
fn stop_terminates_and_kills_after_the_grace() {
    let mut host = Host::running(1);
    assert_eq!(host.at(100).feed(stop(1, 30)), [terminate(1)]);
    assert_eq!(host.deadline(), Some(130));
    assert_eq!(host.at(129).feed(Input::Wake), []);
    assert_eq!(host.at(130).feed(Input::Wake), [kill(1)]);
    assert_eq!(host.deadline(), None);
    assert_eq!(host.feed(exited(1, ExitStatus::Signal(9))), [ended(2, 1, end(EndCause::Stopped, 137))]);
}

#[test]
fn stop_that_is_honoured_kills_nothing() {
    let mut host = Host::running(1);
    host.feed(stop(1, 30));
    assert_eq!(host.feed(exited(1, ExitStatus::Signal(15))), [ended(2, 1, end(EndCause::Stopped, 143))]);
    assert_eq!(host.at(i64::MAX).feed(Input::Wake), []);
}

#[test]
fn second_stop_only_hastens_the_kill() {
    let mut host = Host::running(1);
    host.feed(stop(1, 30));
    assert_eq!(host.feed(stop(1, 50)), []);
    assert_eq!(host.deadline(), Some(30));
    assert_eq!(host.feed(stop(1, 10)), []);
    assert_eq!(host.deadline(), Some(10));
}

#[test]
fn stop_of_unknown_attempt_changes_nothing() {
    assert_eq!(Host::linked().feed(stop(1, 30)), []);
}

#[test]
fn stop_before_launch_withdraws_it() {
    let mut host = Host::linked();
    host.feed(start(1));
    assert_eq!(host.feed(stop(1, 30)), [withdraw(1)]);
    assert_eq!(host.feed(launch_failed(1, "withdrawn")), [ended(1, 1, end(EndCause::Stopped, None))]);
}

#[test]
fn stop_that_crosses_the_launch_terminates_it() {
    let mut host = Host::linked();
    host.feed(start(1));
    host.feed(stop(1, 30));
    assert_eq!(host.at(7).feed(launched(1, 6)), [started(1, 1, 6), terminate(1)]);
    assert_eq!(host.deadline(), Some(37));
}

#[test]
fn timeout_counts_from_the_start_and_has_its_own_grace() {
    let mut host = Host::linked();
    host.feed(start_with_timeout(1, 1_000));
    assert_eq!(host.deadline(), None);
    host.at(60).feed(launched(1, 50));
    assert_eq!(host.deadline(), Some(1_050));
    assert_eq!(host.at(1_050).feed(Input::Wake), [terminate(1)]);
    assert_eq!(host.deadline(), Some(1_050 + STOP_GRACE_MS as i64));
    assert_eq!(host.feed(exited(1, ExitStatus::Signal(15))), [ended(2, 1, end(EndCause::TimedOut, 143))]);
}

#[test]
fn timeout_long_past_on_wake_terminates_and_waits_its_grace() {
    let mut host = Host::linked();
    host.feed(start_with_timeout(1, 1_000));
    host.feed(launched(1, 0));
    assert_eq!(host.at(90_000).feed(Input::Wake), [terminate(1)]);
    assert_eq!(host.deadline(), Some(90_000 + STOP_GRACE_MS as i64));
}

#[test]
fn stop_after_the_timeout_keeps_the_first_cause() {
    let mut host = Host::linked();
    host.feed(start_with_timeout(1, 1_000));
    host.feed(launched(1, 0));
    host.at(1_000).feed(Input::Wake);
    assert_eq!(host.feed(stop(1, 10)), []);
    assert_eq!(host.deadline(), Some(1_010));
    assert_eq!(host.feed(exited(1, ExitStatus::Signal(9))), [ended(2, 1, end(EndCause::TimedOut, 137))]);
}

#[test]
fn stop_disarms_the_timeout() {
    let mut host = Host::linked();
    host.feed(start_with_timeout(1, 1_000));
    host.feed(launched(1, 0));
    host.at(999).feed(stop(1, 5_000));
    assert_eq!(host.at(1_000).feed(Input::Wake), []);
    assert_eq!(host.feed(exited(1, ExitStatus::Code(0))), [ended(2, 1, end(EndCause::Stopped, 0))]);
}
