//! The container runtime in the suite, and what holds for it alone: images, isolation, limits, what is left behind.

use crate::stage::{Runtime, SECRETS, Script, Stage, wait_until};
use longshore_agent::{ExitStatus, Launch, RunnerEvent, Signal};
use longshore_images::Store;
use longshore_images::testing::{Layer, Recipe, busybox, save};
use longshore_protocol::Runtime as Kind;
use longshore_runner::{Config, Runner, Secrets, output_path};
use longshore_types::AttemptId;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

const IMAGE: &str = "longshore.test/busybox:1";
const SUCCESS: ExitStatus = ExitStatus::Code(0);

pub(crate) struct Containers(Runner);

impl Containers {
    /// With settings that differ from the usual ones.
    pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Stage<Self> {
        Stage::with(|data_dir, events| Self(start(data_dir, events, change)))
    }

    pub(crate) fn enforcement(&self) -> String {
        self.0.enforcement()
    }
}

/// As [`Containers`], with the other program.
pub(crate) struct ByRunc(Runner);

/// As [`Containers`], with no program at all.
pub(crate) struct ByOwn(Runner);

fn start(data_dir: &Path, events: Sender<RunnerEvent>, change: impl FnOnce(&mut Config)) -> Runner {
    let scripts = Script::ALL.iter().fold(Layer::new().directory("scripts", 0o755), |layer, script| {
        let (text, mode) = script.content();
        layer.file(&format!("scripts/{}", script.name()), mode, text.as_bytes())
    });
    let mut recipe = busybox();
    recipe.layers.push(scripts.finish());
    load(data_dir, &recipe, IMAGE);
    let secrets = Secrets { file: Some(data_dir.join(SECRETS)) };
    let mut config = Config { inherited: Vec::new(), secrets, ..Config::new(data_dir.to_owned()) };
    change(&mut config);
    Runner::start(config, move |event| drop(events.send(event))).unwrap()
}

macro_rules! container_runtime {
    ($type:ty, $change:expr) => {
        impl Runtime for $type {
            const KIND: Kind = Kind::Oci;
            const IMAGE: &'static str = IMAGE;
            const OWN_VARIABLES: &'static [&'static str] = &["HOME="];

            fn start(data_dir: &Path, events: Sender<RunnerEvent>) -> Self {
                Self(start(data_dir, events, $change))
            }

            fn launch(&self, launch: Box<Launch>) {
                self.0.launch(launch);
            }

            fn withdraw(&self, output: AttemptId) {
                self.0.withdraw(output);
            }

            fn signal(&self, output: AttemptId, signal: Signal) {
                self.0.signal(output, signal);
            }

            fn output_path(data_dir: &Path, output: AttemptId) -> PathBuf {
                output_path(data_dir, output)
            }

            fn script(_data_dir: &Path, script: Script) -> String {
                format!("/scripts/{}", script.name())
            }
        }
    };
}

container_runtime!(Containers, |config: &mut Config| config.oci_runtimes = vec!["crun".into()]);
container_runtime!(ByOwn, |config: &mut Config| config.oci_runtimes = vec!["own".into()]);
container_runtime!(ByRunc, |config: &mut Config| config.oci_runtimes = vec!["runc".into()]);

fn load(data_dir: &Path, recipe: &Recipe, name: &str) {
    let archive = data_dir.join("image.tar");
    save(recipe, &[name], &archive);
    let store = Store::open(&data_dir.join("images"), longshore_images::Config::default()).unwrap();
    store.load(&archive, None).unwrap();
}

fn stage() -> Stage<Containers> {
    Stage::new()
}

/// Runs a command in an image of its own settings.
fn run_with(config: serde_json::Value, command: &[&str], change: impl FnOnce(&mut Launch)) -> (ExitStatus, String) {
    let mut stage = stage();
    let recipe = Recipe { config, ..busybox() };
    load(&stage.path(""), &recipe, "configured:1");
    let mut start = stage.attempt(command);
    start.container.image = "configured:1".into();
    change(&mut start);
    let attempt = stage.launch_attempt(start);
    (stage.exit(attempt), stage.output(attempt))
}

#[test]
fn image_sets_the_command_the_directory_and_the_variables() {
    let config = json!({
        "Entrypoint": ["sh", "-c", "echo $0 $1 $A $B; pwd"],
        "Cmd": ["default", "words"],
        "Env": ["PATH=/bin", "A=image", "B=image"],
        "WorkingDir": "/work/deep",
    });
    let set_b = |start: &mut Launch| start.container.environment.push(("B".into(), "job".into()));
    assert_eq!(run_with(config.clone(), &[], set_b), (SUCCESS, "default words image job\n/work/deep\n".into()));
    assert_eq!(run_with(config, &["given"], |_| ()).1, "given image image\n/work/deep\n");
}

#[test]
fn user_is_the_jobs_or_else_the_images() {
    let config = json!({ "User": "worker", "Env": ["PATH=/bin"] });
    let script = ["sh", "-c", "id -u; id -g; id -G; echo $HOME"];
    assert_eq!(run_with(config.clone(), &script, |_| ()).1, "1000\n1000\n1000 2000\n/home/worker\n");
    let root = |start: &mut Launch| start.container.user = Some("0".into());
    assert_eq!(run_with(config, &script, root).1, "0\n0\n0\n/root\n");
}

#[test]
fn image_without_a_command_needs_one() {
    let stage = &mut stage();
    load(&stage.path(""), &Recipe { config: json!({}), ..busybox() }, "bare:1");
    let mut start = stage.attempt(&[]);
    start.container.image = "bare:1".into();
    let reason = stage.refusal(start);
    assert!(reason.ends_with("has no command of its own: give the job a command"), "{reason}");
}

#[test]
fn image_that_cannot_be_pulled_says_why() {
    let mut stage = stage();
    let refusal = |stage: &mut Stage<Containers>, image: &str| {
        let mut start = stage.attempt(&["true"]);
        start.container.image = image.into();
        stage.refusal(start)
    };
    let reason = refusal(&mut stage, "UPPER");
    let expected = "CannotPullContainerError: invalid reference format: repository name must be lowercase";
    assert_eq!(reason, expected);
    // Nobody listens on the port of TCP's multiplexer.
    let reason = refusal(&mut stage, "127.0.0.1:1/image:tag");
    assert!(reason.starts_with("CannotPullContainerError: Get \"http://127.0.0.1:1/v2/image/"), "{reason}");
}

#[test]
fn root_is_the_images_and_changes_stay_in_the_container() {
    let mut stage = stage();
    let script = "ls /etc/gone; echo x > /etc/new && cat /etc/new && rm /etc/passwd && ls /etc";
    let (status, output) = stage.run_shell(script);
    assert_eq!(status, SUCCESS, "{output}");
    assert!(output.contains("gone: No such file") && !output.contains("passwd"), "{output}");
    assert!(stage.run_shell("cat /etc/passwd; ls /etc").1.contains("worker"), "the next begins anew");
}

#[test]
fn container_sees_only_itself_and_gains_nothing() {
    let script = "ls /proc | grep -c '^[0-9]'; grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status";
    let (_, output) = stage().run_shell(script);
    let fields: Vec<&str> = output.split_whitespace().collect();
    assert!(fields[0].parse::<u32>().unwrap() <= 4, "{output}");
    let expected = ["CapEff:", "00000000a00425fb", "CapBnd:", "00000000a00425fb", "NoNewPrivs:", "1", "Seccomp:", "2"];
    assert_eq!(fields[1..], expected, "less than Docker's a80425fb by CAP_MKNOD");
}

#[test]
fn what_is_not_a_containers_business_is_denied() {
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
    assert_eq!(stage().run_shell(&format!("{script}:")), (SUCCESS, String::new()));
}

#[test]
fn devices_are_the_usual_ones() {
    let (_, output) = stage().run(&["ls", "/dev"]);
    let names: Vec<&str> = output.split_whitespace().filter(|name| !["console", "core"].contains(name)).collect();
    let expected =
        "fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero".split(' ').collect::<Vec<_>>();
    assert_eq!(names, expected);
}

#[test]
fn network_is_the_hosts() {
    let mut stage = stage();
    let own = fs::read_link("/proc/self/ns/net").unwrap().display().to_string();
    assert_eq!(stage.run(&["readlink", "/proc/self/ns/net"]).1.trim(), own);
}

/// As with Docker: what a first process does not handle it does not get, until it is killed.
#[test]
fn first_process_without_a_handler_is_only_killed() {
    let mut stage = stage();
    let attempt = stage.launch(&["sleep", "1000"]);
    stage.terminate(attempt);
    stage.kill(attempt);
    assert_eq!(stage.exit(attempt), ExitStatus::Signal(9));
}

#[test]
fn image_may_ask_for_another_signal() {
    let mut stage = stage();
    load(&stage.path(""), &Recipe { config: json!({ "StopSignal": "SIGINT" }), ..busybox() }, "interrupted:1");
    let mut start = stage.attempt(&["sh", "-c", "trap 'exit 7' INT; echo ready; sleep 1000 & wait"]);
    start.container.image = "interrupted:1".into();
    let attempt = stage.launch_attempt(start);
    stage.wait_for_output(attempt, "ready");
    stage.terminate(attempt);
    assert_eq!(stage.exit(attempt), ExitStatus::Code(7));
}

#[test]
fn container_beyond_its_memory_is_out_of_memory() {
    let mut stage = stage();
    let limited =
        Path::new("/sys/fs/cgroup/memory").exists() || Path::new("/sys/fs/cgroup/cgroup.controllers").exists();
    assert!(limited, "this machine has no control groups for memory");
    let attempt = stage.launch_shell("tail /dev/zero; echo survived $?; exit 3");
    let RunnerEvent::Exited { status, oom_killed, .. } = stage.event() else { panic!("not an end") };
    assert!(oom_killed && status != SUCCESS, "{status:?}: {}", stage.output(attempt));
    assert_eq!(stage.run_shell("echo next").1, "next\n", "the group is used again");
}

/// CPU-2: a container may ask for as little.
#[test]
fn container_with_the_least_memory_runs() {
    let mut stage = stage();
    let mut start = stage.attempt(&["echo", "small"]);
    start.container.demand.memory_mib = 4;
    let attempt = stage.launch_attempt(start);
    assert_eq!((stage.exit(attempt), stage.output(attempt)), (SUCCESS, "small\n".into()));
}

/// What `/proc/self/mountinfo` of any process, `containers/` and the control groups show of a stage.
fn traces(stage_path: &Path) -> Vec<String> {
    let directories = fs::read_dir(stage_path.join("containers")).into_iter().flatten().flatten();
    let directories = directories.map(|entry| entry.path().display().to_string());
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path().join("mountinfo"));
    let place = stage_path.display().to_string();
    let mounts = processes.filter_map(|path| fs::read_to_string(path).ok().filter(|text| text.contains(&place)));
    directories.chain(mounts).collect()
}

#[test]
fn nothing_is_left_of_containers_that_have_ended() {
    let mut stage = stage();
    for _ in 0..20 {
        assert_eq!(stage.run_shell("touch /file; sleep 1000 & echo done").0, SUCCESS);
    }
    stage.refusal_of(&["no-such-program"]);
    assert_eq!(traces(&stage.path("")), Vec::<String>::new());
}

#[test]
fn dropped_runner_ends_its_containers() {
    let mut stage = stage();
    let attempt = stage.launch_shell("echo ready; sleep 1000");
    stage.wait_for_output(attempt, "ready");
    assert!(stage.writers(attempt) > 0);
    let path = stage.path("");
    let kept = stage.into_directory();
    wait_until("the end of the container", || traces(&path).is_empty());
    drop(kept);
}
