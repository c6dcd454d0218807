//! The OCI runtime of this host: our own launcher, else `crun`, else `runc`, whichever is here and works. A program is run once
//! for a container and is gone when the container runs.

use super::bundle::Bundle;
use super::capabilities;
use super::failure::Failure;
use super::own::Own;
use crate::children;
use crate::command::Command;
use crate::launcher::Shared;
use crate::limit::Cell;
use crate::process::wait;
use crate::sys::{self, Stack, Surroundings};
use longshore_agent::ExitStatus;
use longshore_images::is_in_user_namespace;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, pidfd_send_signal, waitid};
use serde_json::{Value, json};
use std::ffi::CString;
use std::fs::{self, File};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A program that no image has.
const NO_PROGRAM: &str = "/no-such-program";

/// How often a new process is looked at until it is a child of ours, and when that is not going to happen.
const OURS_POLL: Duration = Duration::from_micros(200);
const OURS_LATE: Duration = Duration::from_secs(10);

/// Probes of this process so far.
static PROBES: AtomicU64 = AtomicU64::new(0);

/// Why this host runs no containers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Missing {
    #[error("no container runtime: neither {names} is on PATH; install one, e.g. `apt-get install crun`")]
    NotInstalled { names: String },
    #[error("containers need root, or a user namespace: start the server as root, or by `longshore serve`")]
    NotRoot,
    #[error("no container runtime works here: {0}")]
    Broken(String),
    /// A user namespace was to run them.
    #[error("{0}")]
    Apart(String),
    /// What is to run them is told to do what it does not.
    #[error("the agent's own launcher runs no hooks: let crun or runc be used as well (--container-runtime auto)")]
    NoHooks,
    /// An engine is to run them, and does not answer.
    #[error("{0}")]
    Engine(String),
}

/// What lets a process mount.
const MOUNTS: &str = "CAP_SYS_ADMIN";

/// What our own launcher is called where programs are named.
const OWN: &str = "own";

/// A runtime that works here.
#[derive(Clone, Debug)]
pub(crate) enum OciRuntime {
    Own(Arc<Own>),
    Crun(PathBuf),
    /// Whatever is not crun is taken to have runc's options, which most share.
    Runc(PathBuf),
}

/// The runtime that was chosen, and why those before it were not.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    pub(crate) runtime: OciRuntime,
    pub(crate) passed_over: String,
}

impl Chosen {
    /// In the words of a host's description.
    pub(crate) fn description(&self) -> String {
        let by = match &self.runtime {
            OciRuntime::Own(_) => "the agent's own launcher",
            other => other.name(),
        };
        match self.passed_over.as_str() {
            "" => format!("run by {by}"),
            passed_over => format!("run by {by} ({passed_over})"),
        }
    }
}

/// A runtime that may work here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Candidate {
    Own,
    Crun(PathBuf),
    Runc(PathBuf),
}

impl Candidate {
    fn name(&self) -> &'static str {
        match self {
            Self::Own => OWN,
            Self::Crun(_) => "crun",
            Self::Runc(_) => "runc",
        }
    }

    /// It, if it works. One that does starts a container so far as to say that it has no such program.
    fn probe(&self, shared: &Shared, directory: &Path) -> Result<OciRuntime, String> {
        let bundle = Bundle::bare(directory.to_owned()).map_err(|failure| failure.to_string())?;
        let runtime = match self {
            Self::Own => OciRuntime::Own(Arc::new(Own::new(bundle.directory()).map_err(|error| error.to_string())?)),
            Self::Crun(program) => OciRuntime::Crun(program.clone()),
            Self::Runc(program) => OciRuntime::Runc(program.clone()),
        };
        runtime.probe(shared, &bundle).map(|()| runtime)
    }
}

/// A container's first process; it is a child of ours.
#[derive(Debug)]
pub(crate) struct First {
    pub(crate) pid: Pid,
    /// Shared with those who may signal it.
    pub(crate) pidfd: Arc<OwnedFd>,
}

impl OciRuntime {
    /// Finds them by name; whether they work is seen at the first use.
    pub(crate) fn candidates(names: &[String]) -> Result<Vec<Candidate>, Missing> {
        if !rustix::process::geteuid().is_root() {
            return Err(Missing::NotRoot);
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let on_path =
            |name: &str| std::env::split_paths(&path).map(|directory| directory.join(name)).find(|file| file.is_file());
        let candidate = |name: &String| match name.as_str() {
            // It makes devices, which no user namespace may; programs know how to do without.
            OWN => (!is_in_user_namespace() && capabilities::own().contains(&MOUNTS)).then_some(Candidate::Own),
            crun if crun.ends_with("crun") => on_path(crun).map(Candidate::Crun),
            other => on_path(other).map(Candidate::Runc),
        };
        let found: Vec<Candidate> = names.iter().filter_map(candidate).collect();
        if found.is_empty() { Err(Missing::NotInstalled { names: names.join(" nor ") }) } else { Ok(found) }
    }

    /// Those of them that are programs.
    pub(crate) fn programs(names: &[String]) -> Result<Vec<Candidate>, Missing> {
        let names: Vec<String> = names.iter().filter(|name| *name != OWN).cloned().collect();
        match names.as_slice() {
            [] => Err(Missing::NoHooks),
            names => Self::candidates(names),
        }
    }

    /// The first that works.
    pub(crate) fn choose(candidates: &[Candidate], shared: &Shared, directory: &Path) -> Result<Chosen, Missing> {
        let mut reasons = Vec::new();
        for candidate in candidates {
            // Its name is also that of a control group, where other runners may be probing now.
            let name = format!("probe-{}-{}", std::process::id(), PROBES.fetch_add(1, Ordering::Relaxed));
            match candidate.probe(shared, &directory.join(name)) {
                Ok(runtime) => {
                    let passed_over = reasons.join("; ");
                    tracing::info!(runtime = runtime.name(), %passed_over, "containers are run by it");
                    return Ok(Chosen { runtime, passed_over });
                }
                Err(reason) => reasons.push(format!("{}: {reason}", candidate.name())),
            }
        }
        Err(Missing::Broken(reasons.join("; ")))
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Own(_) => OWN,
            Self::Crun(_) => "crun",
            Self::Runc(_) => "runc",
        }
    }

    /// Whether it puts containers into control groups by itself, whatever group it was started in.
    pub(crate) fn makes_groups(&self) -> bool {
        matches!(self, Self::Runc(_))
    }

    fn probe(&self, shared: &Shared, bundle: &Bundle) -> Result<(), String> {
        let document = json!({
            "ociVersion": "1.0.2",
            "root": { "path": bundle.path("root") },
            "mounts": self.probed_mounts(),
            "process": { "args": [NO_PROGRAM], "cwd": "/", "env": [], "user": { "uid": 0, "gid": 0 } },
            "linux": { "namespaces": [{ "type": "mount" }, { "type": "pid" }] },
        });
        let nowhere = File::options().write(true).open("/dev/null").map_err(|error| error.to_string())?;
        match self.run(shared, bundle, (&document, &nowhere, None)) {
            Err(failure) if failure.to_string().to_lowercase().contains("no such file") => Ok(()),
            Err(failure) => Err(failure.to_string()),
            Ok(_) => Err(format!("it started {NO_PROGRAM}")),
        }
    }

    /// What is mounted in order to see whether it can be. Programs do what they can where something is not permitted.
    fn probed_mounts(&self) -> Value {
        match self {
            Self::Own(_) => json!([
                { "destination": "/proc", "type": "proc", "source": "proc" },
                { "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"] },
            ]),
            Self::Crun(_) | Self::Runc(_) => json!([]),
        }
    }

    /// Starts a container: what it is, where its output goes, and the group to start it in. The words are the runtime's.
    pub(crate) fn run(
        &self,
        shared: &Shared,
        bundle: &Bundle,
        container: (&Value, &File, Option<&Cell>),
    ) -> Result<First, Failure> {
        let started = match self {
            Self::Own(own) => return own.run(shared, bundle, container),
            Self::Crun(program) | Self::Runc(program) => self.execute(program, (shared, bundle), container),
        };
        started.map_err(|error| Failure::Start { error })
    }

    fn execute(
        &self,
        program: &Path,
        (shared, bundle): (&Shared, &Bundle),
        (document, output, cell): (&Value, &File, Option<&Cell>),
    ) -> Result<First, String> {
        fs::write(bundle.path("config.json"), document.to_string()).map_err(|error| error.to_string())?;
        let command = self.command(program, bundle).map_err(|error| error.to_string())?;
        let directory = CString::new(bundle.directory().as_os_str().as_bytes()).map_err(|error| error.to_string())?;
        let around = Surroundings {
            directory: &directory,
            input: shared.dev_null.as_fd(),
            output: output.as_fd(),
            groups: [
                cell.filter(|_| !self.makes_groups()).map(Cell::members),
                cell.filter(|_| !self.makes_groups()).and_then(Cell::members_of_processors),
            ],
            open_files: shared.open_files,
        };
        let _no_burials = children::adopting();
        let spawned = children::spawn(|| sys::spawn(&mut Stack::new(), &command, &around));
        let spawned = spawned.map_err(|error| format!("{}: {error:?}", program.display()))?;
        let status = wait(&spawned.pidfd);
        children::forget(spawned.pid);
        if status != ExitStatus::Code(0) {
            return Err(self.reason(bundle));
        }
        first(bundle).ok_or_else(|| "the container runtime left no process".to_owned())
    }

    fn command(&self, program: &Path, bundle: &Bundle) -> Result<Command, std::ffi::NulError> {
        let text = |bytes: &[u8]| CString::new(bytes);
        let with = |option: &str, path: PathBuf| text(&[option.as_bytes(), path.as_os_str().as_bytes()].concat());
        let id = bundle.directory().file_name().unwrap_or_default();
        let mut arguments = vec![
            text(program.as_os_str().as_bytes())?,
            with("--root=", bundle.path("state"))?,
            with("--log=", bundle.path("log"))?,
            text(b"--log-format=json")?,
        ];
        if !self.makes_groups() {
            arguments.push(text(b"--cgroup-manager=disabled")?);
        }
        arguments.extend([
            text(b"run")?,
            text(b"--detach")?,
            with("--bundle=", bundle.directory().to_owned())?,
            with("--pid-file=", bundle.path("pid"))?,
            text(id.as_bytes())?,
        ]);
        let candidates = vec![text(program.as_os_str().as_bytes())?];
        let environment = vec![text(b"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")?];
        Ok(Command { candidates, arguments, environment })
    }

    /// The last thing that it logged, without what every message of it begins with.
    fn reason(&self, bundle: &Bundle) -> String {
        let log = fs::read_to_string(bundle.path("log")).unwrap_or_default();
        let messages = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let last = messages.filter_map(|line| line["msg"].as_str().map(str::to_owned)).next_back();
        let last = last.unwrap_or_else(|| format!("{} failed and did not say why", self.name()));
        let plain =
            last.trim_start_matches("runc run failed: ").trim_start_matches("unable to start container process: ");
        plain.trim().to_owned()
    }
}

fn first(bundle: &Bundle) -> Option<First> {
    use rustix::process::{PidfdFlags, pidfd_open};
    let pid = Pid::from_raw(fs::read_to_string(bundle.path("pid")).ok()?.trim().parse().ok()?)?;
    let pidfd = pidfd_open(pid, PidfdFlags::empty()).ok()?;
    children::adopt(pid);
    if !becomes_ours(&pidfd) {
        children::forget(pid);
        return None;
    }
    Some(First { pid, pidfd: Arc::new(pidfd) })
}

/// Waits until a process is a child of ours: the runtime has left a helper between us that is about to go away.
fn becomes_ours(process: &OwnedFd) -> bool {
    let begin = Instant::now();
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    while matches!(waitid(WaitId::PidFd(process.as_fd()), options), Err(Errno::CHILD)) {
        if begin.elapsed() > OURS_LATE {
            let _it_may_run_on_unseen = pidfd_send_signal(process, Signal::KILL);
            return false;
        }
        std::thread::sleep(OURS_POLL);
    }
    true
}
