//! Containers leave nothing behind: not after many of them, and not after the death of their agent. A process of its own,
//! because descriptors and children are counted, and one more that is killed.

use longshore_agent::{ExitStatus, Launch, RunnerEvent};
use longshore_images::testing::{busybox, save};
use longshore_images::{Config as Images, Store};
use longshore_protocol::{Runtime, StartContainer};
use longshore_runner::{Config, NetworkMode, Runner, output_path};
use longshore_types::{AttemptId, JobId, JobRef, Resources};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);
/// The runtimes, and how many containers each runs.
const RUNTIMES: [&str; 3] = ["own", "crun", "runc"];
const CONTAINERS: u128 = 1_000;
/// Tells the program that it is to be the agent that dies, and where.
const DOOMED: &str = "LONGSHORE_TEST_DOOMED";

/// What tells the agent that the containers are in networks of their own.
const NETWORK: NetworkMode = NetworkMode::Isolated;

/// And what it runs containers by.
const DOOMED_RUNTIME: &str = "LONGSHORE_TEST_DOOMED_RUNTIME";

/// Both tests count what the whole process has.
static ALONE: Mutex<()> = Mutex::new(());

fn start(number: u128, script: &str) -> Box<Launch> {
    let attempt = AttemptId::from_random(number);
    let container = StartContainer {
        command: vec!["sh".into(), "-c".into(), script.into()],
        demand: Resources { vcpu_milli: 1_000, memory_mib: 64, gpus: 0 },
        reach: vec!["http://127.0.0.1:4566".into()],
        ..StartContainer::only(attempt, Runtime::Oci, "busybox:1")
    };
    Box::new(Launch { attempt, job: JobRef::Job(JobId::from_random(number)), address: None, container })
}

fn load(data_dir: &Path) {
    let archive = data_dir.join("image.tar");
    save(&busybox(), &["busybox:1"], &archive);
    Store::open(&data_dir.join("images"), Images::default()).unwrap().load(&archive, None).unwrap();
}

fn runner(data_dir: &Path, runtime: &str) -> (Runner, Receiver<RunnerEvent>) {
    let (sender, events) = channel();
    let oci_runtimes = vec![runtime.into()];
    let config = Config { network: NETWORK, oci_runtimes, ..Config::new(data_dir.to_owned()) };
    let runner = Runner::start(config, move |event| drop(sender.send(event))).unwrap();
    (runner, events)
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::yield_now();
    }
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Processes whose output is the container's.
fn processes_of(data_dir: &Path, output: AttemptId) -> usize {
    let file = output_path(&data_dir.canonicalize().unwrap(), output);
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries.filter(|one| fs::read_link(one.path().join("fd/1")).is_ok_and(|target| target == file)).count()
}

fn mounts_below(data_dir: &Path) -> usize {
    let place = data_dir.canonicalize().unwrap().display().to_string();
    let entries = fs::read_dir("/proc").unwrap().flatten().map(|one| one.path().join("mountinfo"));
    entries.filter(|path| fs::read_to_string(path).is_ok_and(|text| text.contains(&place))).count()
}

/// Processes that are in a network namespace, or hold it open.
fn holders(namespace: &str) -> usize {
    let is_it = |path: &Path| fs::read_link(path).is_ok_and(|target| target.to_string_lossy() == namespace);
    let holds = |process: &Path| {
        let descriptors = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
        is_it(&process.join("ns/net")) || descriptors.map(|one| one.path()).any(|path| is_it(&path))
    };
    fs::read_dir("/proc").unwrap().flatten().filter(|process| holds(&process.path())).count()
}

/// Control groups of a process, in every hierarchy.
fn groups_of(pid: u32) -> Vec<std::path::PathBuf> {
    fn search(directory: &Path, prefix: &str, found: &mut Vec<std::path::PathBuf>) {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                if entry.file_name().to_string_lossy().starts_with(prefix) {
                    found.push(entry.path());
                }
                search(&entry.path(), prefix, found);
            }
        }
    }
    let mut found = Vec::new();
    search(Path::new("/sys/fs/cgroup"), &format!("longshore-{pid}-"), &mut found);
    found
}

#[test]
fn many_containers_leave_nothing() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for name in RUNTIMES {
        let directory = tempfile::tempdir().unwrap();
        load(directory.path());
        let (sender, events) = channel();
        let config = Config::new(directory.path().to_owned());
        let config = Config { oci_runtimes: vec![name.into()], network: NETWORK, ..config };
        let runner = Runner::start(config, move |event| drop(sender.send(event))).unwrap();
        let before = descriptors();
        for number in 0..CONTAINERS {
            runner.launch(start(number, "touch /file; sleep 1000 & exit 3"));
        }
        let mut ended = 0;
        while ended < CONTAINERS {
            match events.recv_timeout(PATIENCE).unwrap() {
                RunnerEvent::Launched { .. } => {}
                RunnerEvent::Exited { status, .. } => {
                    assert_eq!(status, ExitStatus::Code(3));
                    ended += 1;
                }
                RunnerEvent::LaunchFailed { reason, .. } | RunnerEvent::Undelivered { reason, .. } => {
                    panic!("{reason}")
                }
            }
        }
        assert_eq!(fs::read_dir(directory.path().join("containers")).unwrap().count(), 0);
        assert_eq!(mounts_below(directory.path()), 0);
        drop(runner);
        assert!(descriptors() <= before, "descriptors were left open");
        assert_eq!(groups_of(std::process::id()), Vec::<std::path::PathBuf>::new());
    }
}

/// Not a test: what the next one kills.
#[test]
fn doomed_agent() {
    let Some(data_dir) = std::env::var_os(DOOMED) else { return };
    let runtime = std::env::var(DOOMED_RUNTIME).unwrap();
    let (runner, events) = runner(Path::new(&data_dir), &runtime);
    runner.launch(start(1, "readlink /proc/self/ns/net; echo ready; sleep 1000 > /dev/null & exec sleep 2000"));
    while events.recv().is_ok() {}
}

#[test]
fn containers_of_a_killed_agent_are_ended_by_the_next() {
    killed_agent_leaves_nothing("crun");
}

/// They die with the agent already; what they were made of is left to the next.
#[test]
fn containers_of_our_own_launcher_do_not_outlive_a_killed_agent() {
    killed_agent_leaves_nothing("own");
}

fn killed_agent_leaves_nothing(runtime: &str) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let directory = tempfile::tempdir().unwrap();
    load(directory.path());
    let mut doomed = Command::new(std::env::current_exe().unwrap());
    doomed.args(["--exact", "leaks::doomed_agent"]).env(DOOMED, directory.path()).env(DOOMED_RUNTIME, runtime);
    let mut doomed = doomed.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let output = output_path(directory.path(), AttemptId::from_random(1));
    wait_until("the container", || fs::read_to_string(&output).is_ok_and(|text| text.contains("ready")));
    doomed.kill().unwrap();
    doomed.wait().unwrap();
    let first = AttemptId::from_random(1);
    match runtime {
        "own" => wait_until("the container's death", || processes_of(directory.path(), first) == 0),
        _ => assert!(processes_of(directory.path(), first) > 0, "the container lives on alone"),
    }
    let namespace = fs::read_to_string(&output).unwrap().lines().next().unwrap().to_owned();
    assert!(namespace.starts_with("net:["), "{namespace}");
    assert!(runtime == "own" || holders(&namespace) > 0, "{namespace}");
    let (runner, events) = runner(directory.path(), runtime);
    assert_eq!(holders(&namespace), 0);
    assert_eq!(processes_of(directory.path(), AttemptId::from_random(1)), 0);
    assert_eq!(mounts_below(directory.path()), 0);
    assert_eq!(fs::read_dir(directory.path().join("containers")).unwrap().count(), 0);
    runner.launch(start(2, "exit 0"));
    assert!(matches!(events.recv_timeout(PATIENCE).unwrap(), RunnerEvent::Launched { .. }));
    assert!(matches!(events.recv_timeout(PATIENCE).unwrap(), RunnerEvent::Exited { .. }));
    assert_eq!(groups_of(doomed.id()), Vec::<std::path::PathBuf>::new());
}
