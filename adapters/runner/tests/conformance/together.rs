//! What containers of a task share when they ask for it (`MC-6`), with every OCI runtime; and that an engine refuses it.

use crate::container::{ByOwn, ByRunc, Containers};
use crate::contract::attempt;
use crate::engine::ByEngine;
use crate::stage::{Runtime, Stage};
use longshore_agent::{ExitStatus, RunnerEvent};
use longshore_types::AttemptId;
use serde_json::json;
use std::fs;

const SUCCESS: ExitStatus = ExitStatus::Code(0);

#[test]
fn containers_of_a_task_share_memory_by_our_own_launcher() {
    containers_of_a_task_share_memory_when_asked::<ByOwn>(&mut Stage::new());
}

#[test]
fn containers_of_a_task_share_memory_by_crun() {
    containers_of_a_task_share_memory_when_asked::<Containers>(&mut Stage::new());
}

#[test]
fn containers_of_a_task_share_memory_by_runc() {
    containers_of_a_task_share_memory_when_asked::<ByRunc>(&mut Stage::new());
}

#[test]
fn engine_refuses_to_share_memory_between_containers_of_a_task() {
    let mut stage: Stage<ByEngine> = Stage::new();
    let mut launch = attempt(&mut stage, json!({ "ipcMode": "task" }), "true");
    let output = launch.container.output;
    launch.attempt = AttemptId::from_random(1_000);
    stage.runtime.launch(Box::new(launch));
    let event = stage.event();
    let RunnerEvent::LaunchFailed { output: failed, reason } = event else { panic!("{event:?}") };
    assert_eq!(failed, output);
    assert!(reason.starts_with("CannotCreateContainerError: share namespaces: ipcMode task: "), "{reason}");
}

#[test]
fn containers_of_a_task_see_each_others_processes_by_our_own_launcher() {
    containers_of_a_task_see_each_others_processes_when_asked::<ByOwn>(&mut Stage::new());
}

#[test]
fn containers_of_a_task_see_each_others_processes_by_crun() {
    containers_of_a_task_see_each_others_processes_when_asked::<Containers>(&mut Stage::new());
}

#[test]
fn containers_of_a_task_see_each_others_processes_by_runc() {
    containers_of_a_task_see_each_others_processes_when_asked::<ByRunc>(&mut Stage::new());
}

/// `MC-6`: as long as the task lasts, whichever container ends first; and those of no other task.
fn containers_of_a_task_see_each_others_processes_when_asked<R: Runtime>(stage: &mut Stage<R>) {
    let launch = |stage: &mut Stage<R>, task: u128, mode: &str, script: &str| {
        let mut launch = attempt(stage, json!({ "pidMode": mode }), script);
        launch.attempt = AttemptId::from_random(task);
        let output = launch.container.output;
        stage.runtime.launch(Box::new(launch));
        let event = stage.event();
        assert!(matches!(event, RunnerEvent::Launched { .. }), "{event:?}");
        output
    };
    let namespace = "readlink /proc/self/ns/pid";
    let first = launch(stage, 1_000, "task", namespace);
    assert_eq!(stage.exit(first), SUCCESS);
    let waits = launch(stage, 1_000, "task", "echo ready; exec sleep 1234");
    stage.wait_for_output(waits, "ready");
    let sees = "cat /proc/[0-9]*/cmdline | tr '\\0' ' '";
    let other = launch(stage, 1_000, "task", &format!("{namespace}; {sees}"));
    assert_eq!(stage.exit(other), SUCCESS);
    stage.kill(waits);
    assert_eq!(stage.event().output(), waits);
    let (first, other) = (stage.output(first), stage.output(other));
    assert!(other.starts_with(&first) && other.contains("sleep 1234"), "{other}");
    for (task, mode) in [(1_000, "none"), (1_001, "task")] {
        let alone = launch(stage, task, mode, &format!("{namespace}; {sees}"));
        assert_eq!(stage.exit(alone), SUCCESS);
        let alone = stage.output(alone);
        assert!(!alone.starts_with(&first) && !alone.contains("sleep 1234"), "{alone}");
    }
    for task in [1_000, 1_001] {
        stage.runtime.release(AttemptId::from_random(task));
    }
    assert_eq!(fs::read_dir(stage.path("containers")).unwrap().count(), 0);
}

/// `MC-6`: `/dev/shm` and the namespace, of this task alone, as long as it lasts.
fn containers_of_a_task_share_memory_when_asked<R: Runtime>(stage: &mut Stage<R>) {
    let part = |stage: &mut Stage<R>, task: u128, mode: &str, script: &str| {
        let mut launch =
            attempt(stage, json!({ "ipcMode": mode, "linuxParameters": { "sharedMemorySize": 3 } }), script);
        launch.attempt = AttemptId::from_random(task);
        let output = launch.container.output;
        stage.runtime.launch(Box::new(launch));
        assert_eq!(stage.event().output(), output);
        assert_eq!(stage.exit(output), SUCCESS, "{}", stage.output(output));
        stage.output(output)
    };
    let first = part(stage, 1_000, "task", "echo word > /dev/shm/file; readlink /proc/self/ns/ipc");
    let script = "readlink /proc/self/ns/ipc; cat /dev/shm/file; grep /dev/shm /proc/mounts | tail -n 1";
    let second = part(stage, 1_000, "task", script);
    assert!(second.starts_with(&format!("{first}word\n")) && second.contains("size=3072k"), "{second}");
    for (task, mode) in [(1_000, "none"), (1_001, "task")] {
        let other = part(stage, task, mode, "readlink /proc/self/ns/ipc; ls -A /dev/shm");
        assert!(other.lines().count() == 1 && other != first, "{other}");
    }
    for task in [1_000, 1_001] {
        stage.runtime.release(AttemptId::from_random(task));
    }
    assert_eq!(fs::read_dir(stage.path("containers")).unwrap().count(), 0);
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    assert!(!mounts.contains(&stage.path("").display().to_string()), "{mounts}");
}
