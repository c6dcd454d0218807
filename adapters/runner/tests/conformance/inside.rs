//! What holds for containers, whoever runs them: images, isolation, limits, what is left behind.

use crate::stage::{Runtime, Stage, wait_until};
use longshore_agent::{ExitStatus, Launch, RunnerEvent};
use longshore_images::testing::{Recipe, busybox};
use serde_json::json;
use std::fs;
use std::path::Path;

const SUCCESS: ExitStatus = ExitStatus::Code(0);

/// A runtime of containers.
pub(crate) trait Contained: Runtime {
    /// Makes an image known under a name.
    fn load(data_dir: &Path, recipe: &Recipe, name: &str);
    /// What there is of a runtime's containers, on this machine or elsewhere.
    fn traces(data_dir: &Path) -> Vec<String>;
}

/// One test for each rule, for one runtime of containers.
macro_rules! inside {
    ($runtime:ident, $type:ty) => {
        mod $runtime {
            $crate::inside::inside! { @tests $type,
                image_sets_the_command_the_directory_and_the_variables
                user_is_the_jobs_or_else_the_images
                image_without_a_command_needs_one
                image_that_cannot_be_pulled_says_why
                root_is_the_images_and_changes_stay_in_the_container
                container_sees_only_itself_and_gains_nothing
                what_is_not_a_containers_business_is_denied
                devices_are_the_usual_ones
                network_is_the_hosts
                first_process_without_a_handler_is_only_killed
                image_may_ask_for_another_signal
                container_beyond_its_memory_is_out_of_memory
                container_with_the_least_memory_runs
                nothing_is_left_of_containers_that_have_ended
                dropped_runner_ends_its_containers
            }
        }
    };
    (@tests $type:ty, $($rule:ident)*) => {
        $(#[test]
        fn $rule() {
            $crate::stage::check::<$type>(stringify!($rule), $crate::inside::$rule::<$type>);
        })*
    };
}
pub(crate) use inside;

/// An image of a test's own. It is of this machine, so no registry is asked for it.
fn configured<R: Contained>(stage: &Stage<R>, recipe: &Recipe) -> String {
    let path = stage.path("");
    let own = path.file_name().unwrap().to_string_lossy();
    let name = format!("localhost/configured:{}", own.trim_start_matches('.'));
    R::load(&path, recipe, &name);
    name
}

/// Runs a command in an image of its own settings.
fn run_with<R: Contained>(
    stage: &mut Stage<R>,
    config: serde_json::Value,
    command: &[&str],
    change: impl FnOnce(&mut Launch),
) -> (ExitStatus, String) {
    let recipe = Recipe { config, ..busybox() };
    let image = configured(stage, &recipe);
    let mut start = stage.attempt(command);
    start.container.image = image;
    change(&mut start);
    let attempt = stage.launch_attempt(start);
    (stage.exit(attempt), stage.output(attempt))
}

pub(crate) fn image_sets_the_command_the_directory_and_the_variables<R: Contained>(stage: &mut Stage<R>) {
    let config = json!({
        "Entrypoint": ["sh", "-c", "echo $0 $1 $A $B; pwd"],
        "Cmd": ["default", "words"],
        "Env": ["PATH=/bin", "A=image", "B=image"],
        "WorkingDir": "/work/deep",
    });
    let set_b = |start: &mut Launch| start.container.environment.push(("B".into(), "job".into()));
    assert_eq!(run_with(stage, config.clone(), &[], set_b), (SUCCESS, "default words image job\n/work/deep\n".into()));
    assert_eq!(run_with(stage, config, &["given"], |_| ()).1, "given image image\n/work/deep\n");
}

pub(crate) fn user_is_the_jobs_or_else_the_images<R: Contained>(stage: &mut Stage<R>) {
    let config = json!({ "User": "worker", "Env": ["PATH=/bin"] });
    let script = ["sh", "-c", "id -u; id -g; id -G; echo $HOME"];
    assert_eq!(run_with(stage, config.clone(), &script, |_| ()).1, "1000\n1000\n1000 2000\n/home/worker\n");
    let root = |start: &mut Launch| start.container.user = Some("0".into());
    assert_eq!(run_with(stage, config, &script, root).1, "0\n0\n0\n/root\n");
}

pub(crate) fn image_without_a_command_needs_one<R: Contained>(stage: &mut Stage<R>) {
    let image = configured(stage, &Recipe { config: json!({}), ..busybox() });
    let mut start = stage.attempt(&[]);
    start.container.image = image;
    let reason = stage.refusal(start);
    assert!(reason.ends_with("has no command of its own: give the job a command"), "{reason}");
}

pub(crate) fn image_that_cannot_be_pulled_says_why<R: Contained>(stage: &mut Stage<R>) {
    let refusal = |stage: &mut Stage<R>, image: &str| {
        let mut start = stage.attempt(&["true"]);
        start.container.image = image.into();
        stage.refusal(start)
    };
    let reason = refusal(stage, "UPPER");
    let expected = "CannotPullContainerError: invalid reference format: repository name must be lowercase";
    assert_eq!(reason, expected);
    // Nobody listens on the port of TCP's multiplexer.
    let reason = refusal(stage, "127.0.0.1:1/image:tag");
    assert!(reason.starts_with("CannotPullContainerError: Get \"http://127.0.0.1:1/v2/image/"), "{reason}");
}

pub(crate) fn root_is_the_images_and_changes_stay_in_the_container<R: Contained>(stage: &mut Stage<R>) {
    let script = "ls /etc/gone; echo x > /etc/new && cat /etc/new && rm /etc/passwd && ls /etc";
    let (status, output) = stage.run_shell(script);
    assert_eq!(status, SUCCESS, "{output}");
    assert!(output.contains("gone: No such file") && !output.contains("passwd"), "{output}");
    assert!(stage.run_shell("cat /etc/passwd; ls /etc").1.contains("worker"), "the next begins anew");
}

pub(crate) fn container_sees_only_itself_and_gains_nothing<R: Contained>(stage: &mut Stage<R>) {
    let script = "ls /proc | grep -c '^[0-9]'; grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status";
    let (_, output) = stage.run_shell(script);
    let fields: Vec<&str> = output.split_whitespace().collect();
    assert!(fields[0].parse::<u32>().unwrap() <= 4, "{output}");
    let expected = ["CapEff:", "00000000a00425fb", "CapBnd:", "00000000a00425fb", "NoNewPrivs:", "1", "Seccomp:", "2"];
    assert_eq!(fields[1..], expected, "less than Docker's a80425fb by CAP_MKNOD");
}

pub(crate) fn what_is_not_a_containers_business_is_denied<R: Contained>(stage: &mut Stage<R>) {
    let denied = [
        "mount -t tmpfs none /tmp",
        "mknod /dev/disk b 254 0",
        "unshare -m true",
        "echo 1 > /proc/sys/kernel/sysrq",
        "echo x > /sys/kernel/mm/x",
        "test -s /proc/kcore",
        "hostname other",
    ];
    let script: String = denied.iter().map(|one| format!("({one}) 2>/dev/null && echo '{one} worked'; ")).collect();
    assert_eq!(stage.run_shell(&format!("{script}:")), (SUCCESS, String::new()));
}

pub(crate) fn devices_are_the_usual_ones<R: Contained>(stage: &mut Stage<R>) {
    let (_, output) = stage.run(&["ls", "/dev"]);
    let names: Vec<&str> = output.split_whitespace().filter(|name| !["console", "core"].contains(name)).collect();
    let expected =
        "fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero".split(' ').collect::<Vec<_>>();
    assert_eq!(names, expected);
}

pub(crate) fn network_is_the_hosts<R: Contained>(stage: &mut Stage<R>) {
    let own = fs::read_link("/proc/self/ns/net").unwrap().display().to_string();
    assert_eq!(stage.run(&["readlink", "/proc/self/ns/net"]).1.trim(), own);
}

/// As with Docker: what a first process does not handle it does not get, until it is killed.
pub(crate) fn first_process_without_a_handler_is_only_killed<R: Contained>(stage: &mut Stage<R>) {
    let attempt = stage.launch(&["sleep", "1000"]);
    stage.terminate(attempt);
    stage.kill(attempt);
    assert_eq!(stage.exit(attempt), ExitStatus::Signal(9));
}

pub(crate) fn image_may_ask_for_another_signal<R: Contained>(stage: &mut Stage<R>) {
    let image = configured(stage, &Recipe { config: json!({ "StopSignal": "SIGINT" }), ..busybox() });
    let mut start = stage.attempt(&["sh", "-c", "trap 'exit 7' INT; echo ready; sleep 1000 & wait"]);
    start.container.image = image;
    let attempt = stage.launch_attempt(start);
    stage.wait_for_output(attempt, "ready");
    stage.terminate(attempt);
    assert_eq!(stage.exit(attempt), ExitStatus::Code(7));
}

pub(crate) fn container_beyond_its_memory_is_out_of_memory<R: Contained>(stage: &mut Stage<R>) {
    let limited =
        Path::new("/sys/fs/cgroup/memory").exists() || Path::new("/sys/fs/cgroup/cgroup.controllers").exists();
    assert!(limited, "this machine has no control groups for memory");
    let attempt = stage.launch_shell("tail /dev/zero; echo survived $?; exit 3");
    let RunnerEvent::Exited { status, oom_killed, .. } = stage.event() else { panic!("not an end") };
    assert!(oom_killed && status != SUCCESS, "{status:?}: {}", stage.output(attempt));
    assert_eq!(stage.run_shell("echo next").1, "next\n", "the group is used again");
}

/// CPU-2: a container may ask for as little.
pub(crate) fn container_with_the_least_memory_runs<R: Contained>(stage: &mut Stage<R>) {
    let mut start = stage.attempt(&["echo", "small"]);
    start.container.demand.memory_mib = 4;
    let attempt = stage.launch_attempt(start);
    assert_eq!((stage.exit(attempt), stage.output(attempt)), (SUCCESS, "small\n".into()));
}

pub(crate) fn nothing_is_left_of_containers_that_have_ended<R: Contained>(stage: &mut Stage<R>) {
    for _ in 0..20 {
        assert_eq!(stage.run_shell("touch /file; sleep 1000 & echo done").0, SUCCESS);
    }
    stage.refusal_of(&["no-such-program"]);
    assert_eq!(R::traces(&stage.path("")), Vec::<String>::new());
}

pub(crate) fn dropped_runner_ends_its_containers<R: Contained>(stage: &mut Stage<R>) {
    let attempt = stage.launch_shell("echo ready; sleep 1000");
    stage.wait_for_output(attempt, "ready");
    let path = stage.path("");
    assert!(!R::traces(&path).is_empty());
    let kept = std::mem::replace(stage, Stage::new()).into_directory();
    wait_until("the end of the container", || R::traces(&path).is_empty());
    drop(kept);
}
