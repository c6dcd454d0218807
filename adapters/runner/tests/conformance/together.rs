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
