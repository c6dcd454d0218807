//! Connections: what is said again, what is not done again, when the agent goes.

use super::builder::*;
use crate::{ExitStatus, IDLE_EXIT_MS, Input, Output};
use longshore_protocol::{AgentMessage, ControlMessage, EndCause, Runtime};

#[test]
fn connection_says_hello_with_held_attempts_in_order() {
    let mut host = Host::linked();
    host.feed(start(2));
    host.feed(start(1));
    host.feed(Input::Disconnected);
    assert_eq!(host.feed(Input::Connected), [hello(&[1, 2])]);
}

#[test]
fn reports_wait_for_the_welcome() {
    let mut host = Host::running(1);
    host.feed(Input::Disconnected);
    assert_eq!(host.feed(exited(1, ExitStatus::Code(0))), []);
    assert_eq!(host.feed(Input::Connected), [hello(&[])]);
    assert_eq!(host.feed(welcome()), [started(1, 1, 0), ended(2, 1, end(EndCause::Exited, 0))]);
}

#[test]
fn acknowledged_reports_are_not_repeated() {
    let mut host = Host::running(1);
    host.feed(exited(1, ExitStatus::Code(0)));
    host.feed(ack(1));
    host.feed(Input::Disconnected);
    host.feed(Input::Connected);
    assert_eq!(host.feed(welcome()), [ended(2, 1, end(EndCause::Exited, 0))]);
}

#[test]
fn second_welcome_repeats_nothing() {
    assert_eq!(Host::running(1).feed(welcome()), []);
}

#[test]
fn host_that_has_changed_says_so_at_once_and_runs_what_it_can_now() {
    let mut host = Host::linked_without_containers("no engine");
    host.feed(start(1));
    host.feed(launched(1, 0));
    let outputs = host.feed(described_with_containers());
    let [Output::ToControl(AgentMessage::Hello(hello))] = outputs.as_slice() else { panic!("{outputs:?}") };
    assert_eq!(hello.description.runtimes, [Runtime::Process, Runtime::Oci]);
    assert_eq!(hello.held, [id(1)]);
    assert_eq!(host.feed(exited(1, ExitStatus::Code(0))), [], "reports wait for the welcome");
    assert_eq!(host.feed(welcome()).len(), 2);
    assert!(matches!(host.feed(start_in_container(2)).as_slice(), [Output::Launch(_)]));
}

#[test]
fn host_that_changes_without_a_link_says_so_with_the_next() {
    let mut host = Host::new();
    assert_eq!(host.feed(described_with_containers()), []);
    assert!(matches!(host.feed(Input::Connected).as_slice(), [Output::ToControl(AgentMessage::Hello(_))]));
}

#[test]
fn start_of_held_attempt_changes_nothing() {
    assert_eq!(Host::running(1).feed(start(1)), []);
}

#[test]
fn start_of_an_attempt_that_runs_tells_its_start_again_if_that_was_acknowledged() {
    let mut host = Host::running(1);
    assert_eq!(host.feed(start(1)), [], "it is on its way");
    host.feed(ack(1));
    assert_eq!(host.feed(start(1)), [started(2, 1, 0)], "an older database has been restored");
}

#[test]
fn start_of_an_attempt_whose_end_is_on_its_way_changes_nothing() {
    let mut host = Host::running(1);
    host.feed(exited(1, ExitStatus::Code(0)));
    host.feed(ack(1));
    assert_eq!(host.feed(start(1)), []);
}

#[test]
fn start_of_an_attempt_whose_end_was_acknowledged_tells_it_again_and_runs_nothing() {
    let mut host = Host::running(1);
    host.feed(exited(1, ExitStatus::Code(3)));
    host.feed(ack(2));
    let again = [started(3, 1, 0), ended(4, 1, end(EndCause::Exited, 3))];
    assert_eq!(host.feed(start(1)), again, "an older database has been restored");
    assert_eq!(host.feed(start(1)), [], "it is on its way");
    host.feed(ack(4));
    assert_eq!(host.feed(start(1)).len(), 2, "and another one");
}

#[test]
fn agent_without_link_or_work_exits_after_a_while() {
    let mut host = Host::new();
    assert_eq!(host.deadline(), Some(IDLE_EXIT_MS as i64));
    assert_eq!(host.at(IDLE_EXIT_MS as i64 - 1).feed(Input::Wake), []);
    assert_eq!(host.at(IDLE_EXIT_MS as i64).feed(Input::Wake), [Output::Exit]);
    assert_eq!(host.deadline(), None);
}

#[test]
fn agent_without_link_stays_while_it_holds_or_has_to_tell_something() {
    let mut host = Host::running(1);
    host.feed(Input::Disconnected);
    assert_eq!(host.at(i64::MAX).feed(Input::Wake), []);
    assert_eq!(host.feed(exited(1, ExitStatus::Code(0))), []);
    assert_eq!(host.deadline(), None);
}

#[test]
fn connected_agent_never_goes_by_itself() {
    assert_eq!(Host::linked().at(i64::MAX).feed(Input::Wake), []);
}

#[test]
fn shutdown_without_work_exits_at_once() {
    let shutdown = Input::FromControl(ControlMessage::Shutdown { grace_ms: 5 });
    assert_eq!(Host::linked().feed(shutdown), [Output::Exit]);
}

#[test]
fn shutdown_stops_all_and_exits_when_all_is_acknowledged() {
    let mut host = Host::running(1);
    host.feed(ack(1));
    assert_eq!(host.feed(Input::Shutdown { grace_ms: 5 }), [leaving(&[1]), terminate(1)]);
    assert_eq!(host.feed(welcome()), []);
    assert_eq!(host.deadline(), Some(5));
    assert_eq!(host.feed(exited(1, ExitStatus::Signal(15))), [ended(2, 1, end(EndCause::Stopped, 143))]);
    assert_eq!(host.feed(ack(2)), [Output::Exit]);
}

#[test]
fn shutdown_exits_when_the_link_goes() {
    let mut host = Host::running(1);
    host.feed(Input::Shutdown { grace_ms: 5 });
    host.feed(exited(1, ExitStatus::Signal(15)));
    assert_eq!(host.feed(Input::Disconnected), [Output::Exit]);
}

#[test]
fn start_during_shutdown_ends_as_stopped_or_comes_back_if_it_was_given_ahead() {
    let mut host = Host::running(1);
    host.feed(ack(1));
    host.feed(Input::Shutdown { grace_ms: 5 });
    host.feed(welcome());
    assert_eq!(host.feed(start(2)), [ended(2, 2, end(EndCause::Stopped, None))]);
    assert_eq!(host.feed(start_after(3, 1, 200)), [ended(3, 3, end(EndCause::Returned, None))]);
}

#[test]
fn connection_during_shutdown_says_that_the_agent_is_leaving() {
    let mut host = Host::running(1);
    host.feed(Input::Disconnected);
    assert_eq!(host.feed(Input::Shutdown { grace_ms: 5 }), [terminate(1)]);
    assert_eq!(host.feed(Input::Connected), [leaving(&[1])]);
}
