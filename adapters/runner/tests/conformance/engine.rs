//! Containers by an engine in the suite, and the rules that engines cannot keep, with what holds instead.

use crate::inside::Contained;
use crate::served::{IMAGE, Served};
use crate::stage::{Runtime, SECRETS, Script, Stage};
use longshore_agent::{ExitStatus, Launch, RunnerEvent, Signal};
use longshore_images::testing::Recipe;
use longshore_protocol::Runtime as Kind;
use longshore_runner::{Config, ContainerEngine, Runner, Secrets, output_path};
use longshore_types::{AttemptId, Document};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Sender;

/// A runner, and the engine, which outlives it.
pub(crate) struct ByEngine {
    runner: Runner,
    _served: Arc<Served>,
}

/// A rule that engines cannot keep, why, and what holds instead.
struct Exception {
    rule: &'static str,
    #[expect(dead_code, reason = "it is there to be read")]
    reason: &'static str,
    instead: fn(&mut Stage<ByEngine>),
}

const EXCEPTIONS: &[Exception] = &[
    Exception {
        rule: "output_keeps_its_order",
        reason: "engines read stdout and stderr by a pipe each: only the order within each is kept",
        instead: each_stream_keeps_its_order,
    },
    Exception {
        rule: "signals_are_at_their_defaults",
        reason: "the OCI runtime of the engine leaves a real-time signal ignored, which the C library keeps for itself",
        instead: signals_that_programs_use_are_at_their_defaults,
    },
    Exception {
        rule: "missing_file_is_named",
        reason: "the reason is in the engine's words",
        instead: missing_file_is_named_by_the_engine,
    },
    Exception {
        rule: "directory_cannot_be_executed",
        reason: "the reason is in the engine's words: older versions of runc say that permission is denied",
        instead: directory_is_refused,
    },
    Exception {
        rule: "script_without_interpreter_says_so",
        reason: "the engine notices only when it has said already that the container runs",
        instead: script_without_interpreter_fails,
    },
    Exception {
        rule: "image_that_cannot_be_pulled_says_why",
        reason: "the reason is in the engine's words",
        instead: engine_says_why_it_cannot_pull,
    },
    Exception {
        rule: "init_is_the_first_process_and_buries_orphans",
        reason: "the init process is the engine's, and Podman calls it otherwise",
        instead: init_of_the_engine_buries_orphans,
    },
    Exception {
        rule: "volume_begins_with_what_the_image_has_there",
        reason: "Podman leaves files of its own in /etc",
        instead: volume_begins_with_the_images_files,
    },
    Exception {
        rule: "ulimits_are_set",
        reason: "Podman raises limits on files and processes that are not named, if others are, beyond what a host \
                 without CAP_SYS_RESOURCE allows: so they are named",
        instead: named_ulimits_are_set,
    },
    Exception {
        rule: "ulimit_beyond_the_hosts_is_lowered",
        reason: "what a host allows is the engine's to know: it sets the limit or refuses it",
        instead: ulimit_beyond_the_hosts_is_set_or_refused,
    },
];

fn each_stream_keeps_its_order(stage: &mut Stage<ByEngine>) {
    let (_, output) = stage.run_shell("for i in 1 2 3; do echo out $i; echo err $i >&2; done");
    let of = |name: &str| output.lines().filter(|line| line.starts_with(name)).collect::<Vec<_>>();
    assert_eq!(of("out"), ["out 1", "out 2", "out 3"]);
    assert_eq!(of("err"), ["err 1", "err 2", "err 3"]);
}

fn signals_that_programs_use_are_at_their_defaults(stage: &mut Stage<ByEngine>) {
    const STANDARD: u64 = (1 << 31) - 1;
    let (_, output) = stage.run(&["cat", "/proc/self/status"]);
    let masks = output.lines().filter_map(|line| line.split_once(":\t"));
    let signals = masks.filter(|(name, _)| ["SigBlk", "SigIgn", "SigCgt"].contains(name));
    let none = |mask: &str| u64::from_str_radix(mask, 16).is_ok_and(|mask| mask & STANDARD == 0);
    assert_eq!(signals.filter(|(_, mask)| none(mask)).count(), 3, "{output}");
}

/// A reason at the start, with some words in it.
fn assert_refused_at_start(reason: &str, words: &str) {
    assert!(reason.starts_with("CannotStartContainerError: ") && reason.contains(words), "{reason}");
}

fn missing_file_is_named_by_the_engine(stage: &mut Stage<ByEngine>) {
    let reason = stage.refusal_of(&["/no/such/file"]);
    assert_refused_at_start(&reason, "/no/such/file: no such file or directory");
}

fn directory_is_refused(stage: &mut Stage<ByEngine>) {
    assert_refused_at_start(&stage.refusal_of(&["/usr"]), r#"exec: "/usr": "#);
}

fn script_without_interpreter_fails(stage: &mut Stage<ByEngine>) {
    let file = stage.script(Script::WithoutInterpreter);
    let (status, output) = stage.run(&[&file]);
    assert!(status != ExitStatus::Code(0) && output.contains("no such file"), "{status:?}: {output}");
}

fn engine_says_why_it_cannot_pull(stage: &mut Stage<ByEngine>) {
    let mut start = stage.attempt(&["true"]);
    // Nobody listens on the port of TCP's multiplexer.
    start.container.image = "127.0.0.1:1/image:tag".into();
    let reason = stage.refusal(start);
    let has = |words| reason.contains(words);
    assert!(reason.starts_with("CannotPullContainerError: ") && has("127.0.0.1:1") && has("refused"), "{reason}");
}

fn init_of_the_engine_buries_orphans(stage: &mut Stage<ByEngine>) {
    let script =
        "cat /proc/1/comm; (sleep 0.01 &); sleep 0.2; grep -c '(sleep) Z' /proc/[0-9]*/stat | grep -c ':1$'; exit 7";
    let launch = asking(stage, json!({ "linuxParameters": { "initProcessEnabled": true } }), script);
    let attempt = stage.launch_attempt(launch);
    assert_eq!(stage.exit(attempt), ExitStatus::Code(7));
    let output = stage.output(attempt);
    assert!(output.ends_with("-init\n0\n"), "{output}");
}

fn volume_begins_with_the_images_files(stage: &mut Stage<ByEngine>) {
    let settings = json!({
        "volumes": [{ "name": "v" }],
        "mountPoints": [{ "sourceVolume": "v", "containerPath": "/etc" }],
    });
    let script = "cat /etc/group | head -n 1; ls /etc/group /etc/passwd; tail -n 1 /etc/group; echo x >> /etc/group";
    for _ in 0..2 {
        let launch = asking(stage, settings.clone(), script);
        let attempt = stage.launch_attempt(launch);
        assert_eq!(stage.exit(attempt), ExitStatus::Code(0));
        let output = stage.output(attempt);
        assert!(output.starts_with("root:x:0:\n/etc/group\n/etc/passwd\n") && !output.ends_with("x\n"), "{output}");
    }
}

fn named_ulimits_are_set(stage: &mut Stage<ByEngine>) {
    let limit = |name: &str, soft: i64, hard: i64| json!({ "name": name, "softLimit": soft, "hardLimit": hard });
    let ulimits = [limit("nofile", 100, 200), limit("nproc", 90, 90), limit("core", 0, 0)];
    let launch = asking(stage, json!({ "ulimits": ulimits }), "ulimit -n; ulimit -Hn; ulimit -c");
    let attempt = stage.launch_attempt(launch);
    assert_eq!((stage.exit(attempt), stage.output(attempt)), (ExitStatus::Code(0), "100\n200\n0\n".into()));
}

fn ulimit_beyond_the_hosts_is_set_or_refused(stage: &mut Stage<ByEngine>) {
    let most: i64 = std::fs::read_to_string("/proc/sys/fs/nr_open").unwrap().trim().parse().unwrap();
    let settings = json!({ "ulimits": [{ "name": "nofile", "softLimit": 50, "hardLimit": most }] });
    let launch = asking(stage, settings, "ulimit -n; ulimit -Hn");
    let attempt = launch.attempt;
    stage.runtime.launch(Box::new(launch));
    match stage.event() {
        RunnerEvent::LaunchFailed { reason, .. } => assert_refused_at_start(&reason, "rlimit"),
        _ => {
            assert_eq!(stage.exit(attempt), ExitStatus::Code(0));
            assert_eq!(stage.output(attempt), format!("50\n{most}\n"));
        }
    }
}

fn asking(stage: &mut Stage<ByEngine>, settings: Value, script: &str) -> Launch {
    let Value::Object(settings) = settings else { panic!("settings are an object") };
    let mut launch = stage.attempt(&["sh", "-c", script]);
    launch.container.settings = Document(settings);
    launch
}

impl Runtime for ByEngine {
    const KIND: Kind = Kind::Oci;
    const IMAGE: &'static str = IMAGE;
    const OWN_VARIABLES: &'static [&'static str] = &["HOME=", "HOSTNAME=", "TERM=", "container="];
    const MANY: usize = 10;

    fn exception(rule: &str) -> Option<fn(&mut Stage<Self>)> {
        EXCEPTIONS.iter().find(|exception| exception.rule == rule).map(|exception| exception.instead)
    }

    fn start(data_dir: &Path, events: Sender<RunnerEvent>) -> Self {
        let served = Served::shared();
        let secrets = Secrets { file: Some(data_dir.join(SECRETS)) };
        let container_engine = ContainerEngine::At(served.address());
        let config = Config { inherited: Vec::new(), secrets, container_engine, ..Config::new(data_dir.to_owned()) };
        let runner = Runner::start(config, move |event| drop(events.send(event))).unwrap();
        Self { runner, _served: served }
    }

    fn launch(&self, launch: Box<Launch>) {
        self.runner.launch(launch);
    }

    fn withdraw(&self, output: AttemptId) {
        self.runner.withdraw(output);
    }

    fn signal(&self, output: AttemptId, signal: Signal) {
        self.runner.signal(output, signal);
    }

    fn release(&self, attempt: AttemptId) {
        self.runner.release(attempt);
    }

    fn output_path(data_dir: &Path, output: AttemptId) -> PathBuf {
        output_path(data_dir, output)
    }

    fn script(_data_dir: &Path, script: Script) -> String {
        format!("/scripts/{}", script.name())
    }
}

impl Contained for ByEngine {
    fn load(_data_dir: &Path, recipe: &Recipe, name: &str) {
        Served::shared().load(recipe, name);
    }

    fn traces(data_dir: &Path) -> Vec<String> {
        let data_dir: PathBuf = data_dir.components().collect();
        Served::shared().labelled(&format!("longshore.data-dir={}", data_dir.display()))
    }
}
