//! A runtime on a fresh data directory, one attempt a line. Waits are for conditions, with a limit that only a failure
//! ever reaches.

use longshore_agent::{ExitStatus, Launch, RunnerEvent, Signal};
use longshore_protocol::{Runtime as Kind, StartContainer};
use longshore_types::{AttemptId, JobId, JobRef, Resources};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(30);
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// The file of secrets, in the data directory.
pub(crate) const SECRETS: &str = "secrets.json";

/// Files that cannot be executed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Script {
    NotExecutable,
    WithoutInterpreter,
}

impl Script {
    pub(crate) const ALL: [Self; 2] = [Self::NotExecutable, Self::WithoutInterpreter];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::NotExecutable => "not-executable",
            Self::WithoutInterpreter => "without-interpreter",
        }
    }

    pub(crate) const fn content(self) -> (&'static str, u32) {
        match self {
            Self::NotExecutable => ("#!/bin/sh\n", 0o644),
            Self::WithoutInterpreter => ("#!/no/such/interpreter\n", 0o755),
        }
    }
}

/// What is under test.
pub(crate) trait Runtime {
    /// What `StartContainer` calls it, and an image with a shell in it.
    const KIND: Kind;
    const IMAGE: &'static str;
    /// Variables that every attempt has besides its own.
    const OWN_VARIABLES: &'static [&'static str];

    /// How many of them are asked for where many are.
    const MANY: usize = 100;

    /// What holds in place of a rule that it cannot keep.
    fn exception(_rule: &str) -> Option<fn(&mut Stage<Self>)>
    where
        Self: Sized,
    {
        None
    }

    /// Starts it on a data directory; its events go to `events`.
    fn start(data_dir: &Path, events: Sender<RunnerEvent>) -> Self;
    fn launch(&self, launch: Box<Launch>);
    fn withdraw(&self, output: AttemptId);
    fn signal(&self, output: AttemptId, signal: Signal);
    /// The containers of an attempt have all ended; nothing where they share nothing.
    fn release(&self, _attempt: AttemptId) {}
    /// The file with a container's output.
    fn output_path(data_dir: &Path, output: AttemptId) -> PathBuf;
    /// Where an attempt finds a script.
    fn script(data_dir: &Path, script: Script) -> String;
}

/// Checks a rule on a fresh stage, or what holds in its place.
pub(crate) fn check<R: Runtime>(name: &str, rule: fn(&mut Stage<R>)) {
    R::exception(name).unwrap_or(rule)(&mut Stage::new());
}

pub(crate) struct Stage<R> {
    directory: TempDir,
    pub(crate) runtime: R,
    events: Receiver<RunnerEvent>,
    attempts: u128,
}

impl<R: Runtime> Stage<R> {
    pub(crate) fn new() -> Self {
        Self::with(R::start)
    }

    pub(crate) fn with(start: impl FnOnce(&Path, Sender<RunnerEvent>) -> R) -> Self {
        let directory = TempDir::new().unwrap();
        let (sender, events) = channel();
        let runtime = start(directory.path(), sender);
        Self { directory, runtime, events, attempts: 0 }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().canonicalize().unwrap().join(name)
    }

    pub(crate) fn attempt(&mut self, command: &[&str]) -> Launch {
        self.attempts += 1;
        let attempt = AttemptId::from_random(self.attempts);
        let job = JobRef::Job(JobId::from_random(self.attempts));
        Launch { attempt, job, address: None, container: Self::container(attempt, command) }
    }

    fn container(output: AttemptId, command: &[&str]) -> StartContainer {
        StartContainer {
            command: command.iter().map(|&word| word.into()).collect(),
            environment: vec![("PATH".into(), PATH.into())],
            demand: Resources { vcpu_milli: 1_000, memory_mib: 64, gpus: 0 },
            ..StartContainer::only(output, R::KIND, R::IMAGE)
        }
    }

    pub(crate) fn event(&self) -> RunnerEvent {
        self.events.recv_timeout(PATIENCE).expect("the runtime says nothing")
    }

    /// Launches it and waits until it runs.
    pub(crate) fn launch_attempt(&self, start: Launch) -> AttemptId {
        let attempt = start.attempt;
        self.runtime.launch(Box::new(start));
        let event = self.event();
        assert!(matches!(event, RunnerEvent::Launched { output, .. } if output == attempt), "{event:?}");
        attempt
    }

    pub(crate) fn launch(&mut self, command: &[&str]) -> AttemptId {
        let start = self.attempt(command);
        self.launch_attempt(start)
    }

    pub(crate) fn launch_shell(&mut self, script: &str) -> AttemptId {
        self.launch(&["sh", "-c", script])
    }

    /// Waits for its end, the next event.
    pub(crate) fn exit(&self, attempt: AttemptId) -> ExitStatus {
        match self.event() {
            RunnerEvent::Exited { output: exited, status, .. } if exited == attempt => status,
            other => panic!("not the end of {attempt}: {other:?}"),
        }
    }

    /// Runs a command and answers its end and output.
    pub(crate) fn run(&mut self, command: &[&str]) -> (ExitStatus, String) {
        let attempt = self.launch(command);
        (self.exit(attempt), self.output(attempt))
    }

    pub(crate) fn run_shell(&mut self, script: &str) -> (ExitStatus, String) {
        self.run(&["sh", "-c", script])
    }

    /// Why a command cannot be started.
    pub(crate) fn refusal(&self, start: Launch) -> String {
        let attempt = start.attempt;
        self.runtime.launch(Box::new(start));
        match self.event() {
            RunnerEvent::LaunchFailed { output: failed, reason } if failed == attempt => reason,
            other => panic!("{attempt} started: {other:?}"),
        }
    }

    pub(crate) fn refusal_of(&mut self, command: &[&str]) -> String {
        let start = self.attempt(command);
        self.refusal(start)
    }

    pub(crate) fn output_path(&self, attempt: AttemptId) -> PathBuf {
        R::output_path(self.directory.path(), attempt)
    }

    pub(crate) fn output(&self, attempt: AttemptId) -> String {
        std::fs::read_to_string(self.output_path(attempt)).unwrap()
    }

    /// Ends the runtime, and keeps what it has written.
    pub(crate) fn into_directory(self) -> TempDir {
        self.directory
    }

    pub(crate) fn script(&self, script: Script) -> String {
        R::script(&self.path(""), script)
    }

    /// How many processes of this machine have an attempt's output as theirs.
    pub(crate) fn writers(&self, attempt: AttemptId) -> usize {
        let output = self.output_path(attempt).canonicalize().unwrap();
        let processes = std::fs::read_dir("/proc").unwrap().flatten();
        processes.filter(|one| std::fs::read_link(one.path().join("fd/1")).is_ok_and(|file| file == output)).count()
    }

    pub(crate) fn wait_for_output(&self, attempt: AttemptId, text: &str) {
        wait_until(text, || self.output(attempt).contains(text));
    }

    pub(crate) fn terminate(&self, attempt: AttemptId) {
        self.runtime.signal(attempt, Signal::Terminate);
    }

    pub(crate) fn kill(&self, attempt: AttemptId) {
        self.runtime.signal(attempt, Signal::Kill);
    }
}

pub(crate) fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::yield_now();
    }
}
