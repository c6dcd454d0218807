//! Scenarios: attempts run, servers and agents come and go.

use crate::site::{Site, runs, wait_until};
use longshore_protocol::{AttemptEnd, AttemptEvent, ControlMessage, EndCause, Runtime};
use longshore_types::{AttemptId, Resources};

fn check_end(event: &AttemptEvent, attempt: AttemptId, cause: EndCause, exit_code: i32) {
    let AttemptEvent::Ended { attempt: ended, end, .. } = event else { panic!("not an end: {event:?}") };
    let expected = AttemptEnd { cause, exit_code: Some(exit_code), reason: None, containers: vec![] };
    assert_eq!((*ended, end), (attempt, &expected));
}

#[test]
fn agent_says_what_its_host_offers() {
    let (_site, hello) = Site::new();
    assert_eq!(hello.description.capacity, Resources { vcpu_milli: 3_000, memory_mib: 500, gpus: 0 });
    assert!(hello.description.runtimes.contains(&Runtime::Process), "containers depend on the machine");
    assert_eq!(hello.held, []);
}

#[test]
fn attempt_runs_and_is_reported() {
    let (site, _) = Site::new();
    let attempt = site.launch_shell(1, "echo hello; exit 3");
    check_end(&site.event(), attempt, EndCause::Exited, 3);
    assert_eq!(site.output(attempt), "hello\n");
}

#[test]
fn attempt_outlives_the_server_and_its_end_is_repeated() {
    let (mut site, _) = Site::new();
    let attempt = site.launch_shell(1, "until [ -e ../go ]; do sleep 0.01; done; exit 4");
    site.stop_server();
    assert_eq!(site.start_server().held, [attempt]);
    std::fs::write(site.path("go"), "").unwrap();
    let report = site.unacknowledged_end();
    check_end(&report.event, attempt, EndCause::Exited, 4);
    assert_eq!(site.start_server().held, []);
    assert_eq!(site.unacknowledged_end(), report);
}

#[test]
fn stop_kills_what_ignores_it() {
    let (site, _) = Site::new();
    let attempt = site.launch_shell(1, "trap '' TERM; echo ready; while :; do sleep 0.01; done");
    wait_until("the trap", || site.output(attempt) == "ready\n");
    site.send(ControlMessage::Stop { attempt, grace_ms: 50 });
    check_end(&site.event(), attempt, EndCause::Stopped, 137);
}

#[test]
fn attempts_die_with_their_agent_and_leave_nothing() {
    let (mut site, first) = Site::new();
    let script = "(sh -c 'echo $$; exec sleep 1000' &); until [ -s /proc/self/fd/1 ]; do :; done; exec sleep 1000";
    let attempt = site.launch_shell(1, script);
    wait_until("the background process", || site.output(attempt).ends_with('\n'));
    let background = site.output(attempt).trim().to_owned();
    wait_until("the program in the background", || runs(&background));
    site.agent.kill().unwrap();
    site.agent.wait().unwrap();
    let second = site.start_agent();
    assert!(!runs(&background), "a process of the former agent runs on");
    assert_eq!((second.host, second.held), (first.host, Vec::new()));
    assert_ne!(second.incarnation, first.incarnation);
}

#[test]
fn terminated_agent_ends_its_attempts_and_itself() {
    let (mut site, _) = Site::new();
    let attempt = site.launch_shell(1, "exec sleep 1000");
    site.terminate_agent();
    assert!(site.farewell().leaving);
    let end = site.unacknowledged_end();
    check_end(&end.event, attempt, EndCause::Stopped, 143);
    site.send(ControlMessage::Ack { through: end.number });
    assert!(site.agent.wait().unwrap().success());
}

#[test]
fn shutdown_ends_the_agent() {
    let (mut site, _) = Site::new();
    site.send(ControlMessage::Shutdown { grace_ms: 1_000 });
    assert!(site.agent.wait().unwrap().success());
}

#[test]
fn second_agent_is_kept_out_and_told_why() {
    let (site, _) = Site::new();
    let output = site.second_agent();
    assert!(!output.status.success());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("is in use by another agent; stop it"), "{message}");
}
