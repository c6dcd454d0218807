//! Attempts given ahead: each starts when the one before it at its seat has ended, waits no longer than it may, and never
//! starts once it was stopped or given back.

use super::builder::*;
use crate::{ExitStatus, GATHER_MS, Input};
use longshore_protocol::EndCause;

const PATIENCE: u64 = 200;

#[test]
fn attempt_given_ahead_starts_when_its_seat_is_free() {
    let mut host = Host::running(1);
    assert_eq!(host.feed(start_after(2, 1, PATIENCE)), []);
    assert_eq!(host.feed(exited(1, ExitStatus::Code(0))), [launch(2), ended(2, 1, end(EndCause::Exited, 0))]);
}

#[test]
fn attempt_given_ahead_too_late_starts_at_once() {
    let mut host = Host::running(1);
    host.feed(exited(1, ExitStatus::Code(0)));
    assert_eq!(host.feed(start_after(2, 1, PATIENCE)), [launch(2)]);
}

#[test]
fn attempt_that_waits_too_long_is_given_back_and_stays_so() {
    let mut host = Host::running(1);
    host.at(10).feed(start_after(2, 1, PATIENCE));
    assert_eq!(host.deadline(), Some(210));
    let returned = at(210, ended(2, 2, end(EndCause::Returned, None)));
    assert_eq!(host.at(210).feed(Input::Wake), [returned]);
    assert_eq!(host.feed(start_after(2, 1, PATIENCE)), []);
    assert_eq!(host.feed(exited(1, ExitStatus::Code(0))), [ended(3, 1, end(EndCause::Exited, 0))]);
}

#[test]
fn attempt_that_is_stopped_while_it_waits_never_starts() {
    let mut host = Host::running(1);
    host.feed(start_after(2, 1, PATIENCE));
    host.feed(start_after(3, 1, PATIENCE));
    assert_eq!(host.feed(stop(2, 30)), []);
    assert_eq!(host.at(i64::MAX).feed(Input::Wake).len(), 2, "the third is given back, and all is told of");
    let mut host = Host::running(1);
    host.feed(start_after(2, 1, PATIENCE));
    host.feed(start_after(3, 1, PATIENCE));
    host.feed(stop(2, 30));
    let told = [launch(3), ended(2, 2, end(EndCause::Stopped, None)), ended(3, 1, end(EndCause::Exited, 0))];
    assert_eq!(host.feed(exited(1, ExitStatus::Code(0))), told);
}

#[test]
fn reports_wait_for_others_while_the_next_is_here_already() {
    let mut host = Host::linked();
    host.feed(start(1));
    host.feed(start_after(2, 1, PATIENCE));
    host.feed(start_after(3, 1, PATIENCE));
    assert_eq!(host.feed(launched(1, 0)), []);
    assert_eq!(host.at(1).feed(exited(1, ExitStatus::Code(0))), [launch(2)]);
    assert_eq!(host.deadline(), Some(GATHER_MS as i64));
    let both = [started(1, 1, 0), ended(2, 1, end(EndCause::Exited, 0))];
    assert_eq!(host.at(GATHER_MS as i64).feed(Input::Wake), both);
}

#[test]
fn attempt_whose_predecessor_comes_late_keeps_the_seat_until_it_ends() {
    let mut host = Host::linked();
    assert_eq!(host.feed(start_after(2, 1, PATIENCE)), [launch(2)]);
    assert_eq!(host.feed(start(1)), []);
    host.feed(launched(2, 0));
    let told = [launch(1), started(1, 2, 0), ended(2, 2, end(EndCause::Exited, 0))];
    assert_eq!(host.feed(exited(2, ExitStatus::Code(0))), told);
}

#[test]
fn shutdown_gives_back_what_waits_and_stops_what_runs() {
    let mut host = Host::running(1);
    host.feed(start_after(2, 1, PATIENCE));
    host.feed(ack(1));
    let told = host.feed(Input::Shutdown { grace_ms: 30 });
    assert_eq!(told, [leaving(&[1, 2]), terminate(1)]);
    assert_eq!(host.feed(welcome()), [ended(2, 2, end(EndCause::Returned, None))]);
}
