//! Attempts of several containers: their order, what ends them all, and what is said of each (`MC-2`, `MC-3`, `MC-4`,
//! `ST-1`, `STOP-1`).

use super::builder::*;
use crate::{ExitStatus, Input, Output, STOP_GRACE_MS};
use longshore_protocol::Condition::{Complete, Start, Success};
use longshore_protocol::{AttemptEnd, ContainerEnd, EndCause, StartContainer};

const EXITED: EndCause = EndCause::Exited;

/// Essential container 1 and container 2 beside it.
fn with_sidecar() -> [StartContainer; 2] {
    [part(1), side(2)]
}

/// Container 2 waits for container 1, which is not essential.
fn after_init(condition: longshore_protocol::Condition) -> [StartContainer; 2] {
    [side(1), waits(part(2), 1, condition)]
}

fn code(output: u8, exit_code: i32) -> ContainerEnd {
    ran(output, 0, 0, exit_code)
}

fn never(output: u8, reason: Option<&str>) -> ContainerEnd {
    ContainerEnd { output: id(output), ran: None, exit_code: None, reason: reason.map(Into::into) }
}

fn task_end(cause: EndCause, exit_code: Option<i32>, containers: &[ContainerEnd]) -> AttemptEnd {
    AttemptEnd { cause, exit_code, reason: None, containers: containers.to_vec() }
}

#[test]
fn containers_without_dependencies_are_launched_at_once_and_each_start_is_told() {
    let mut host = Host::linked();
    assert_eq!(host.feed(start_task(&with_sidecar())), [launch_of(part(1)), launch_of(side(2))]);
    assert_eq!(host.feed(launched(2, 3)), [container_started(1, 2, 3)]);
    assert_eq!(host.feed(launched(1, 5)), [container_started(2, 1, 5), started(3, TASK, 5)]);
}

#[test]
fn st_1_attempt_has_started_when_every_essential_container_has() {
    let mut host = Host::linked();
    host.feed(start_task(&[part(1), part(2), side(3)]));
    host.feed(launched(1, 1));
    assert_eq!(host.feed(launched(2, 7)), [container_started(2, 2, 7), started(3, TASK, 7)]);
}

#[test]
fn mc_2_start_is_met_by_the_start_of_the_other() {
    let mut host = Host::linked();
    let second = waits(part(2), 1, Start);
    assert_eq!(host.feed(start_task(&[side(1), second.clone()])), [launch_of(side(1))]);
    assert_eq!(host.feed(launched(1, 0)), [container_started(1, 1, 0), launch_of(second)]);
}

#[test]
fn mc_2_complete_is_met_by_any_exit_and_success_only_by_0() {
    for (condition, exit_code) in [(Complete, 3), (Complete, 0), (Success, 0)] {
        let mut host = Host::linked();
        let [init, main] = after_init(condition);
        host.feed(start_task(&[init, main.clone()]));
        assert_eq!(host.feed(launched(1, 0)), [container_started(1, 1, 0)]);
        assert_eq!(host.feed(exited(1, ExitStatus::Code(exit_code))), [launch_of(main)]);
    }
}

#[test]
fn mc_2_failed_success_dependency_fails_the_start_of_the_task() {
    let mut host = Host::linked();
    host.feed(start_task(&after_init(Success)));
    host.feed(launched(1, 0));
    let reason = "CannotStartContainerError: dependency graph: failed to resolve container ordering dependency [c1] for \
                  target [c2] as dependency did not exit successfully.";
    let end = AttemptEnd {
        reason: Some(reason.into()),
        ..task_end(EndCause::StartFailed, None, &[code(1, 1), never(2, Some(reason))])
    };
    assert_eq!(host.feed(exited(1, ExitStatus::Code(1))), [ended(2, TASK, end)]);
}

#[test]
fn mc_2_dependency_that_cannot_be_started_fails_those_that_wait_for_it() {
    let mut host = Host::linked();
    host.feed(start_task(&after_init(Start)));
    let reason = "CannotStartContainerError: dependency graph: failed to resolve container ordering dependency [c1] for \
                  target [c2] because dependency will never start";
    let ends = [never(1, Some("no")), never(2, Some(reason))];
    let end = AttemptEnd { reason: Some(reason.into()), ..task_end(EndCause::StartFailed, None, &ends) };
    assert_eq!(host.feed(launch_failed(1, "no")), [ended(1, TASK, end)]);
}

#[test]
fn mc_4_dependency_that_takes_longer_than_its_start_timeout_ends_the_task() {
    let mut host = Host::linked();
    let [init, main] = after_init(Complete);
    host.feed(start_task(&[StartContainer { start_timeout_ms: Some(2_000), ..init }, main]));
    assert_eq!(host.deadline(), None);
    host.at(10).feed(launched(1, 10));
    assert_eq!(host.deadline(), Some(2_010));
    assert_eq!(host.at(2_010).feed(Input::Wake), [terminate(1)]);
    let reason = "CannotStartContainerError: dependency graph: container ordering dependency [c1] for target [c2] has \
                  timed out.";
    let ends = [ran(1, 10, 0, 143), never(2, Some(reason))];
    let end = AttemptEnd { reason: Some(reason.into()), ..task_end(EndCause::StartFailed, None, &ends) };
    assert_eq!(host.feed(exited(1, ExitStatus::Signal(15))), [ended(2, TASK, end)]);
}

#[test]
fn mc_3_end_of_an_essential_container_stops_the_others() {
    let mut host = running_task(&with_sidecar());
    assert_eq!(host.at(100).feed(exited(1, ExitStatus::Code(0))), [terminate(2)]);
    assert_eq!(host.deadline(), Some(100 + STOP_GRACE_MS as i64));
    let end = task_end(EXITED, Some(0), &[code(1, 0), code(2, 143)]);
    assert_eq!(host.feed(exited(2, ExitStatus::Signal(15))), [ended(4, TASK, end)]);
}

#[test]
fn mc_3_end_of_another_container_changes_nothing() {
    let mut host = running_task(&with_sidecar());
    assert_eq!(host.feed(exited(2, ExitStatus::Code(9))), []);
    let end = task_end(EXITED, Some(0), &[code(1, 0), code(2, 9)]);
    assert_eq!(host.feed(exited(1, ExitStatus::Code(0))), [ended(4, TASK, end)]);
}

#[test]
fn mc_3_exit_code_is_of_the_essential_container_that_failed_first() {
    let mut host = running_task(&[part(1), part(2)]);
    assert_eq!(host.feed(exited(2, ExitStatus::Code(3))), [terminate(1)]);
    let end = task_end(EXITED, Some(3), &[code(1, 143), code(2, 3)]);
    assert_eq!(host.feed(exited(1, ExitStatus::Signal(15))), [ended(4, TASK, end)]);
}

#[test]
fn mc_3_task_succeeds_only_if_every_essential_container_exits_with_0() {
    let mut host = running_task(&[part(1), part(2)]);
    host.feed(exited(1, ExitStatus::Code(0)));
    let end = task_end(EXITED, Some(143), &[code(1, 0), code(2, 143)]);
    assert_eq!(host.feed(exited(2, ExitStatus::Signal(15))), [ended(4, TASK, end)]);
}

#[test]
fn essential_container_that_never_started_is_no_success() {
    let mut host = Host::linked();
    host.feed(start_task(&[part(1), waits(part(2), 3, Complete), side(3)]));
    host.feed(launched(1, 0));
    host.feed(launched(3, 0));
    assert_eq!(host.feed(exited(1, ExitStatus::Code(0))), [terminate(3)]);
    let end = task_end(EXITED, None, &[code(1, 0), never(2, None), code(3, 143)]);
    assert_eq!(host.feed(exited(3, ExitStatus::Signal(15))), [ended(3, TASK, end)]);
}

#[test]
fn stop_reaches_every_container_each_with_its_own_grace() {
    let patient = StartContainer { stop_grace_ms: Some(90_000), ..side(2) };
    let mut host = running_task(&[part(1), patient]);
    assert_eq!(host.feed(stop(TASK, 1_000)), [terminate(1), terminate(2)]);
    assert_eq!(host.at(1_000).feed(Input::Wake), [kill(1)]);
    assert_eq!(host.deadline(), Some(90_000));
    host.feed(exited(1, ExitStatus::Signal(9)));
    let end = task_end(EndCause::Stopped, Some(137), &[code(1, 137), code(2, 143)]);
    assert_eq!(host.feed(exited(2, ExitStatus::Signal(15))), [ended(4, TASK, end)]);
}

#[test]
fn shutdown_waits_for_no_container_longer_than_it_allows() {
    let patient = StartContainer { stop_grace_ms: Some(90_000), ..part(1) };
    let mut host = running_task(&[patient, side(2)]);
    host.feed(Input::Shutdown { grace_ms: 500 });
    assert_eq!(host.at(500).feed(Input::Wake), [kill(1), kill(2)]);
}

#[test]
fn stop_withdraws_what_is_being_launched_and_forgets_what_waits() {
    let mut host = Host::linked();
    host.feed(start_task(&after_init(Start)));
    assert_eq!(host.feed(stop(TASK, 5)), [withdraw(1)]);
    let end = task_end(EndCause::Stopped, None, &[never(1, None), never(2, None)]);
    assert_eq!(host.feed(launch_failed(1, "withdrawn")), [ended(1, TASK, end)]);
}

#[test]
fn tmo_1_timeout_counts_from_the_start_of_the_last_essential_container_and_ends_all() {
    let mut host = Host::linked();
    host.feed(start_task_with_timeout(&with_sidecar(), 1_000));
    host.feed(launched(2, 0));
    assert_eq!(host.deadline(), None);
    host.at(50).feed(launched(1, 50));
    assert_eq!(host.at(1_050).feed(Input::Wake), [terminate(1), terminate(2)]);
    host.feed(exited(2, ExitStatus::Signal(15)));
    let end = task_end(EndCause::TimedOut, Some(143), &[ran(1, 50, 0, 143), code(2, 143)]);
    assert_eq!(host.feed(exited(1, ExitStatus::Signal(15))), [ended(4, TASK, end)]);
}

/// `VOL-1`: its volumes go with it.
#[test]
fn attempt_of_several_containers_is_released_at_its_end() {
    let oci = |container| StartContainer { runtime: longshore_protocol::Runtime::Oci, image: "i".into(), ..container };
    let mut host = Host::linked_with_containers();
    host.feed(start_task(&[oci(part(1)), oci(side(2))]));
    host.feed(launched(1, 0));
    host.feed(launched(2, 0));
    host.feed(exited(2, ExitStatus::Code(0)));
    let end = task_end(EXITED, Some(0), &[ran(1, 0, 0, 0), code(2, 0)]);
    let released = Output::Release { attempt: id(TASK) };
    assert_eq!(host.feed(exited(1, ExitStatus::Code(0))), [released, ended(4, TASK, end)]);
}

#[test]
fn runtime_that_the_host_lacks_matters_only_for_essential_containers() {
    let oci = |container| StartContainer { runtime: longshore_protocol::Runtime::Oci, image: "i".into(), ..container };
    assert_eq!(Host::linked().feed(start_task(&[part(1), oci(side(2))])), [launch_of(part(1))]);
    let outputs = Host::linked().feed(start_task(&[oci(part(1)), side(2)]));
    assert!(matches!(outputs.as_slice(), [Output::ToControl(_)]), "{outputs:?}");
}

#[test]
fn only_container_of_a_task_is_told_of_by_itself() {
    let mut host = Host::linked();
    host.feed(start_task(&[part(1)]));
    assert_eq!(host.feed(launched(1, 5)), [container_started(1, 1, 5), started(2, TASK, 5)]);
    let end = task_end(EXITED, Some(0), &[ran(1, 5, 0, 0)]);
    assert_eq!(host.feed(exited(1, ExitStatus::Code(0))), [ended(3, TASK, end)]);
}

/// A task whose containers all run since time 0.
fn running_task(containers: &[StartContainer]) -> Host {
    let mut host = Host::linked();
    host.feed(start_task(containers));
    for number in 1..=containers.len() as u8 {
        host.feed(launched(number, 0));
    }
    host
}
