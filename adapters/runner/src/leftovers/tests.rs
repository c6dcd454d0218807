//! What counts as left behind, and that it is killed.

use super::{end, session_of};
use crate::live::Session;
use crate::output::{create, output_path};
use longshore_types::AttemptId;
use rustix::process::Pid;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

const ATTEMPT: AttemptId = AttemptId::from_random(7);

fn spawn_session(command: &mut Command) -> Child {
    let child = command.arg("sleep").arg("1000").stdin(Stdio::null()).spawn().unwrap();
    let pid = i32::try_from(child.id()).unwrap();
    while session_of(pid) != Some(pid) {
        std::thread::yield_now();
    }
    child
}

fn session_of_child(child: &Child) -> Session {
    Session { output: ATTEMPT, pid: Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap() }
}

fn check_killed(mut child: Child) {
    assert_eq!(child.wait().unwrap().signal(), Some(9));
}

#[test]
fn job_in_a_recorded_session_is_killed() {
    let directory = TempDir::new().unwrap();
    let child = spawn_session(Command::new("setsid").env("AWS_BATCH_JOB_ID", "x"));
    assert_eq!(end(&[session_of_child(&child)], directory.path()), 1);
    check_killed(child);
}

#[test]
fn process_that_writes_a_recorded_attempts_output_is_killed_in_any_session() {
    let directory = TempDir::new().unwrap();
    let output = create(&output_path(directory.path(), ATTEMPT)).unwrap();
    let child = spawn_session(Command::new("setsid").stdout(output));
    let former = Session { output: ATTEMPT, pid: Pid::from_raw(i32::MAX).unwrap() };
    assert_eq!(end(&[former], directory.path()), 1);
    check_killed(child);
}

#[test]
fn stranger_that_took_the_sessions_number_is_spared() {
    let directory = TempDir::new().unwrap();
    let mut child = spawn_session(Command::new("setsid").env_remove("AWS_BATCH_JOB_ID"));
    assert_eq!(end(&[session_of_child(&child)], directory.path()), 0);
    assert_eq!(child.try_wait().unwrap(), None);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn stranger_without_an_environment_is_spared() {
    let directory = TempDir::new().unwrap();
    let mut child = spawn_session(Command::new("setsid").env_clear().env("PATH", "/usr/bin:/bin").args(["env", "-i"]));
    assert_eq!(end(&[session_of_child(&child)], directory.path()), 0);
    assert_eq!(child.try_wait().unwrap(), None);
    child.kill().unwrap();
    child.wait().unwrap();
}
