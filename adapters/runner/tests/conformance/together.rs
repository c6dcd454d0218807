//! What containers of a task share when they ask for it (`MC-6`), with every runtime of containers.

use crate::contract::attempt;
use crate::inside::Contained;
use crate::stage::{Stage, wait_until};
use longshore_agent::{ExitStatus, RunnerEvent};
use longshore_types::AttemptId;
use serde_json::json;
use std::fs;

const SUCCESS: ExitStatus = ExitStatus::Code(0);

/// One test for each rule, for one runtime.
macro_rules! together {
    ($runtime:ident, $type:ty) => {
        mod $runtime {
            $crate::together::together! { @tests $type,
                containers_of_a_task_see_each_others_processes_when_asked
                containers_of_a_task_share_memory_when_asked
                what_a_container_leaves_among_its_tasks_processes_ends_with_it
                dropped_runner_ends_what_tasks_share
            }
        }
    };
    (@tests $type:ty, $($rule:ident)*) => {
        $(#[test]
        fn $rule() {
            $crate::together::$rule::<$type>(&mut $crate::stage::Stage::new());
        })*
    };
}
pub(crate) use together;

/// Starts a container of a task that asks for its processes in some way.
fn part_of<R: Contained>(stage: &mut Stage<R>, task: u128, mode: &str, script: &str) -> AttemptId {
    let mut launch = attempt(stage, json!({ "pidMode": mode }), script);
    launch.attempt = AttemptId::from_random(task);
    let output = launch.container.output;
    stage.runtime.launch(Box::new(launch));
    let event = stage.event();
    assert!(matches!(event, RunnerEvent::Launched { .. }), "{event:?}");
    output
}

/// Tasks whose containers have all ended leave nothing, here or with an engine.
fn release<R: Contained>(stage: &Stage<R>, tasks: &[u128]) {
    for task in tasks {
        stage.runtime.release(AttemptId::from_random(*task));
    }
    wait_until("the end of what tasks shared", || R::traces(&stage.path("")).is_empty());
    assert_eq!(fs::read_dir(stage.path("containers")).unwrap().count(), 0);
}

/// `MC-6`: as long as the task lasts, whichever container ends first; and those of no other task.
pub(crate) fn containers_of_a_task_see_each_others_processes_when_asked<R: Contained>(stage: &mut Stage<R>) {
    let namespace = "readlink /proc/self/ns/pid";
    let first = part_of(stage, 1_000, "task", namespace);
    assert_eq!(stage.exit(first), SUCCESS);
    let waits = part_of(stage, 1_000, "task", "echo ready; exec sleep 1234");
    stage.wait_for_output(waits, "ready");
    let sees = "cat /proc/[0-9]*/cmdline | tr '\\0' ' '";
    let other = part_of(stage, 1_000, "task", &format!("{namespace}; {sees}"));
    assert_eq!(stage.exit(other), SUCCESS);
    stage.kill(waits);
    assert_eq!(stage.event().output(), waits);
    let (first, other) = (stage.output(first), stage.output(other));
    assert!(other.starts_with(&first) && other.contains("sleep 1234"), "{other}");
    for (task, mode) in [(1_000, "none"), (1_001, "task")] {
        let alone = part_of(stage, task, mode, &format!("{namespace}; {sees}"));
        assert_eq!(stage.exit(alone), SUCCESS);
        let alone = stage.output(alone);
        assert!(!alone.starts_with(&first) && !alone.contains("sleep 1234"), "{alone}");
    }
    release(stage, &[1_000, 1_001]);
}

/// `MC-6`: `/dev/shm` and the namespace, of this task alone, as long as it lasts.
pub(crate) fn containers_of_a_task_share_memory_when_asked<R: Contained>(stage: &mut Stage<R>) {
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
    release(stage, &[1_000, 1_001]);
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    assert!(!mounts.contains(&stage.path("").display().to_string()), "{mounts}");
}

/// It is not the first of its namespace, whose end would end the others.
pub(crate) fn what_a_container_leaves_among_its_tasks_processes_ends_with_it<R: Contained>(stage: &mut Stage<R>) {
    let leaves = part_of(stage, 1_000, "task", "(trap '' TERM HUP; sleep 4321; :) & sleep 4321 & exit 5");
    assert_eq!(stage.exit(leaves), ExitStatus::Code(5));
    assert_eq!(stage.writers(leaves), 0, "something still runs");
    let looks = part_of(stage, 1_000, "task", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '");
    assert_eq!(stage.exit(looks), SUCCESS);
    assert!(!stage.output(looks).contains("4321"), "{}", stage.output(looks));
    release(stage, &[1_000]);
}

/// Of a task that has not been released.
pub(crate) fn dropped_runner_ends_what_tasks_share<R: Contained>(stage: &mut Stage<R>) {
    let part = part_of(stage, 1_000, "task", "echo ready; sleep 1000");
    stage.wait_for_output(part, "ready");
    let path = stage.path("");
    assert!(!R::traces(&path).is_empty());
    let kept = std::mem::replace(stage, Stage::new()).into_directory();
    wait_until("the end of what the task shared", || R::traces(&path).is_empty());
    drop(kept);
}
