//! The process runtime in the suite, and what holds for it alone.

use crate::stage::{Runtime, SECRETS, Script, Stage, wait_until};
use longshore_agent::{ExitStatus, Launch, RunnerEvent, Signal};
use longshore_protocol::Runtime as Kind;
use longshore_runner::{Config, Runner, Secrets, index_path, output_path};
use longshore_types::AttemptId;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

pub(crate) struct Processes(Runner);

impl Runtime for Processes {
    const KIND: Kind = Kind::Process;
    const IMAGE: &'static str = "host";
    const OWN_VARIABLES: &'static [&'static str] = &[];

    fn start(data_dir: &Path, events: Sender<RunnerEvent>) -> Self {
        let secrets = Secrets { file: Some(data_dir.join(SECRETS)) };
        let config = Config { inherited: Vec::new(), secrets, ..Config::new(data_dir.to_owned()) };
        Self(Runner::start(config, move |event| drop(events.send(event))).unwrap())
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

    fn script(data_dir: &Path, script: Script) -> String {
        let (path, (text, mode)) = (data_dir.join(script.name()), script.content());
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path.display().to_string()
    }
}

fn stage() -> Stage<Processes> {
    Stage::new()
}

#[test]
fn attempt_starts_in_the_work_directory() {
    let mut stage = stage();
    let work = stage.path("work").display().to_string();
    assert_eq!(stage.run(&["pwd"]).1.trim(), work);
}

#[test]
fn attempt_leads_a_session_of_its_own() {
    let (_, output) = stage().run(&["cat", "/proc/self/stat"]);
    let fields: Vec<&str> = output.split(' ').collect();
    let (pid, group, session) = (fields[0], fields[4], fields[5]);
    assert_eq!((group, session), (pid, pid));
}

#[test]
fn death_by_signal_is_reported() {
    assert_eq!(stage().run_shell("kill -SEGV $$").0, ExitStatus::Signal(11));
}

#[test]
fn terminate_reaches_every_process_of_the_group() {
    let mut stage = stage();
    let attempt = stage.launch_shell("sh -c 'trap \"echo inner; exit\" TERM; echo ready; sleep 1000 & wait' & wait");
    stage.wait_for_output(attempt, "ready");
    stage.terminate(attempt);
    assert_eq!(stage.exit(attempt), ExitStatus::Signal(15));
}

#[test]
fn empty_command_is_refused() {
    let reason = stage().refusal_of(&[]);
    assert!(reason.ends_with("has no command of its own: give the job a command"), "{reason}");
}

#[test]
fn missing_work_directory_is_named() {
    let mut stage = stage();
    std::fs::remove_dir(stage.path("work")).unwrap();
    let expected = format!("CannotStartContainerError: chdir to {:?}: no such file or directory", stage.path("work"));
    assert_eq!(stage.refusal_of(&["true"]), expected);
}

/// Without a control group nobody can tell whose a process is that has left its session; ARCHITECTURE.md says so.
#[test]
fn process_in_a_session_of_its_own_outlives_its_attempt() {
    let escape = "setsid sleep 1000 & echo $!; until [ $(cut -d' ' -f6 /proc/$!/stat) = $! ]; do :; done";
    let (status, output) = stage().run_shell(escape);
    assert_eq!(status, ExitStatus::Code(0));
    let escaped = rustix::process::Pid::from_raw(output.trim().parse().unwrap()).unwrap();
    rustix::process::kill_process(escaped, rustix::process::Signal::KILL).expect("it still runs");
}

/// A stage whose attempts are limited, unless the machine does not let this user do that: then the reason is told.
fn limited_stage() -> Option<Stage<Processes>> {
    let stage = Stage::with(|data_dir, events| {
        let config = Config { limit_memory: true, ..Config::new(data_dir.to_owned()) };
        Processes(Runner::start(config, move |event| drop(events.send(event))).unwrap())
    });
    let enforcement = stage.runtime.0.enforcement().to_owned();
    let limited = enforcement.starts_with("cgroup");
    assert!(limited || enforcement.starts_with("none: "), "{enforcement}");
    limited.then_some(stage)
}

#[test]
fn attempt_beyond_its_memory_is_out_of_memory() {
    let Some(mut stage) = limited_stage() else { return };
    let attempt = stage.launch_shell("x=$(head -c 200000000 /dev/zero | tr '\\0' x); echo survived");
    let RunnerEvent::Exited { status, oom_killed, .. } = stage.event() else { panic!("not an end") };
    assert!(oom_killed && status != ExitStatus::Code(0), "{status:?}: {}", stage.output(attempt));
    assert_eq!(stage.run_shell("echo next").1, "next\n", "the group is used again");
}

#[test]
fn attempt_within_its_memory_is_not_disturbed() {
    let Some(mut stage) = limited_stage() else { return };
    let attempt = stage.launch_shell("x=$(head -c 1000000 /dev/zero | tr '\\0' x); exit 3");
    let RunnerEvent::Exited { output: exited, status, oom_killed, .. } = stage.event() else { panic!("not an end") };
    assert_eq!((exited, status, oom_killed), (attempt, ExitStatus::Code(3), false));
}

#[test]
fn process_in_a_session_of_its_own_is_found_by_its_control_group() {
    let Some(mut stage) = limited_stage() else { return };
    let escape = "setsid sleep 1000 & echo $!; until [ $(cut -d' ' -f6 /proc/$!/stat) = $! ]; do :; done";
    let (status, output) = stage.run_shell(escape);
    assert_eq!(status, ExitStatus::Code(0));
    let descriptors = format!("/proc/{}/fd/0", output.trim());
    assert!(!Path::new(&descriptors).exists(), "it still runs");
}

#[test]
fn long_attempt_has_an_index_of_its_output() {
    let mut stage = stage();
    let attempt = stage.launch_shell("echo first; until [ -e ../go ]; do sleep 0.01; done; echo second");
    let index = index_path(&stage.path(""), attempt);
    wait_until("the index of the first line", || index.metadata().is_ok_and(|metadata| metadata.len() == 16));
    std::fs::write(stage.path("go"), "").unwrap();
    stage.exit(attempt);
    let offsets: Vec<u64> = std::fs::read(&index)
        .unwrap()
        .chunks(16)
        .map(|record| u64::from_le_bytes(record[..8].try_into().unwrap()))
        .collect();
    assert_eq!(offsets, ["first\n".len() as u64, "first\nsecond\n".len() as u64]);
}

#[test]
fn dropped_runner_ends_what_it_runs() {
    let mut stage = stage();
    let attempt = stage.launch_shell("echo $$; exec sleep 1000");
    stage.wait_for_output(attempt, "\n");
    let process = format!("/proc/{}/fd/0", stage.output(attempt).trim());
    drop(stage);
    // A dead process that nobody has buried yet has no descriptors.
    wait_until("the end of the process", || !Path::new(&process).exists());
}
