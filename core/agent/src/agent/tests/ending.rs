//! Ends: exit codes, signals, memory, starts that fail (spec table 4.1).

use super::builder::*;
use crate::{ExitStatus, Input};
use longshore_protocol::{AttemptEnd, EndCause};

/// The only report after `happening` says that attempt 1 ended so.
fn check(happening: Input, expected: AttemptEnd) {
    assert_eq!(Host::running(1).feed(happening), [ended(2, 1, expected)]);
}

#[test]
fn exit_with_code_keeps_the_code() {
    check(exited(1, ExitStatus::Code(3)), end(EndCause::Exited, 3));
}

#[test]
fn exit_by_signal_is_128_and_the_signal() {
    check(exited(1, ExitStatus::Signal(11)), end(EndCause::Exited, 139));
}

#[test]
fn memory_limit_is_137_with_its_reason() {
    let reason = "OutOfMemoryError: Container killed due to memory usage";
    check(out_of_memory(1, ExitStatus::Code(1)), end_because(EndCause::Exited, 137, reason));
}

#[test]
fn failed_launch_has_its_reason_and_no_code() {
    let mut host = Host::linked();
    assert_eq!(host.feed(start(1)), [launch(1)]);
    let reason = r#"CannotStartContainerError: exec: "x": executable file not found in $PATH"#;
    assert_eq!(host.feed(launch_failed(1, reason)), [ended(1, 1, end_because(EndCause::StartFailed, None, reason))]);
}

#[test]
fn runtime_that_the_host_lacks_fails_the_start() {
    let reason = r#"CannotStartContainerError: this host runs only the image "host", not "busybox""#;
    let expected = ended(1, 1, end_because(EndCause::StartFailed, None, reason));
    assert_eq!(Host::linked().feed(start_in_container(1)), [expected]);
}

#[test]
fn runtime_that_the_host_lacks_fails_the_start_with_what_is_missing() {
    let reason = r#"CannotStartContainerError: this host runs only the image "host", not "busybox": install crun"#;
    let expected = ended(1, 1, end_because(EndCause::StartFailed, None, reason));
    let mut host = Host::linked_without_containers("install crun");
    assert_eq!(host.feed(start_in_container(1)), [expected]);
}

#[test]
fn events_of_unknown_attempts_change_nothing() {
    let mut host = Host::linked();
    assert_eq!(host.feed(launched(1, 0)), []);
    assert_eq!(host.feed(exited(1, ExitStatus::Code(0))), []);
    assert_eq!(host.feed(launch_failed(1, "")), []);
}

#[test]
fn second_end_changes_nothing() {
    let mut host = Host::running(1);
    host.feed(exited(1, ExitStatus::Code(0)));
    assert_eq!(host.feed(exited(1, ExitStatus::Code(0))), []);
}
