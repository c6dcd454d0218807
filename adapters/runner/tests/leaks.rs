//! A thousand attempts leave nothing behind: no descriptor, no child. A process of its own, because both are counted.

use longshore_agent::{ExitStatus, Launch, RunnerEvent};
use longshore_protocol::{Runtime, StartContainer};
use longshore_runner::{Config, Runner};
use longshore_types::{AttemptId, JobId, JobRef};
use std::sync::mpsc::channel;
use std::time::Duration;

const ATTEMPTS: u128 = 1_000;

fn start(number: u128) -> Box<Launch> {
    let attempt = AttemptId::from_random(number);
    let container =
        StartContainer { command: vec!["true".into()], ..StartContainer::only(attempt, Runtime::Process, "host") };
    Box::new(Launch { attempt, job: JobRef::Job(JobId::from_random(number)), address: None, container })
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").expect("/proc is mounted").count()
}

fn children() -> String {
    let tasks = std::fs::read_dir("/proc/self/task").expect("/proc is mounted");
    tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("children")).ok()).collect()
}

#[test]
fn thousand_attempts_leave_no_descriptor_and_no_child() {
    let directory = tempfile::tempdir().unwrap();
    let (sender, events) = channel();
    let runner =
        Runner::start(Config::new(directory.path().to_owned()), move |event| drop(sender.send(event))).unwrap();
    let before = descriptors();
    for number in 0..ATTEMPTS {
        runner.launch(start(number));
    }
    let mut ended = 0;
    while ended < ATTEMPTS {
        match events.recv_timeout(Duration::from_secs(60)).unwrap() {
            RunnerEvent::Launched { .. } => {}
            RunnerEvent::Exited { status, .. } => {
                assert_eq!(status, ExitStatus::Code(0));
                ended += 1;
            }
            RunnerEvent::LaunchFailed { reason, .. } | RunnerEvent::Undelivered { reason, .. } => panic!("{reason}"),
        }
    }
    assert_eq!(descriptors(), before);
    assert_eq!(children(), "");
    drop(runner);
}
