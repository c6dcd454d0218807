//! The agent of this machine: a process of its own that outlives the server, so that jobs run on while the server stops,
//! crashes or is upgraded. Started when there is none, and again when it has died.

use super::commander::LoopHandle;
use super::control_loop::Event;
use super::data_dir::DataDir;
use super::open_files::OpenFiles;
use crate::cli::{ContainerRuntime, Engine, Network, ServeOptions};
use anyhow::Context;
use longshore_gpus::Offer;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often to look whether the agent lives.
const CHECK: Duration = Duration::from_millis(500);
/// Between two starts of an agent that keeps dying.
const RESTART_PAUSE: Duration = Duration::from_secs(2);
/// How long an agent may take to end its attempts and itself: longer than the time between SIGTERM and SIGKILL.
const STOP_MAX: Duration = Duration::from_secs(40);

/// Keeps an agent alive until it is stopped.
#[derive(Debug)]
pub(super) struct AgentKeeper {
    stop: Sender<bool>,
    thread: JoinHandle<()>,
}

/// Starts the agent if there is none, and keeps looking.
pub(super) fn keep(
    data_dir: &DataDir,
    (options, open_files): (&ServeOptions, &OpenFiles),
    handle: LoopHandle,
) -> anyhow::Result<AgentKeeper> {
    let start = Start {
        program: std::env::current_exe().context("failed to find this program's own file")?,
        data_dir: data_dir.path().to_owned(),
        socket: data_dir.socket(),
        lock: data_dir.agent_lock(),
        vcpus: options.vcpus,
        memory_mib: options.memory_mib,
        strict_limits: options.strict_limits,
        network: options.network,
        container_engine: options.container_engine.clone(),
        container_runtime: options.container_runtime,
        gpus: options.gpus,
        cdi_dirs: options.cdi_dirs.clone(),
        secrets: options.secrets.clone(),
        image_limit: options.bounds.images,
        open_files: open_files.found,
    };
    let mut child = if start.agent_lives() { None } else { Some(start.spawn()?) };
    let (stop, stopped) = channel();
    let run = move || loop {
        match stopped.recv_timeout(CHECK) {
            Ok(end_agent) => {
                return if end_agent {
                    start.end(&handle, child)
                };
            }
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {}
        }
        let exited = child.as_mut().map(Child::try_wait);
        if let Some(Ok(Some(status))) = exited {
            tracing::warn!(%status, "the agent has ended");
            child = None;
        }
        if child.is_none() && !start.agent_lives() {
            match start.spawn() {
                Ok(started) => child = Some(started),
                Err(error) => tracing::error!("{error:#}"),
            }
            std::thread::sleep(RESTART_PAUSE);
        }
    };
    let thread = std::thread::Builder::new().name("agent-keeper".into()).spawn(run)?;
    Ok(AgentKeeper { stop, thread })
}

impl AgentKeeper {
    /// Stops looking. With `end_agent` the agent is asked to end its attempts and itself, and waited for.
    pub(super) fn stop(self, end_agent: bool) {
        // A keeper that is gone has nothing left to stop.
        let _ = self.stop.send(end_agent);
        if self.thread.join().is_err() {
            tracing::error!("the agent's keeper panicked");
        }
    }
}

/// How to start the agent.
struct Start {
    program: PathBuf,
    data_dir: PathBuf,
    socket: PathBuf,
    lock: PathBuf,
    vcpus: Option<u32>,
    memory_mib: Option<u64>,
    strict_limits: bool,
    network: Network,
    container_engine: Engine,
    container_runtime: ContainerRuntime,
    gpus: Offer,
    cdi_dirs: Vec<PathBuf>,
    secrets: Option<PathBuf>,
    image_limit: Option<u64>,
    /// What jobs may have open.
    open_files: Option<u64>,
}

impl Start {
    /// Whether some agent holds this data directory, ours or one of an earlier server.
    fn agent_lives(&self) -> bool {
        let Ok(lock) = File::open(&self.lock) else { return false };
        matches!(lock.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock))
    }

    fn spawn(&self) -> anyhow::Result<Child> {
        let directory = self.data_dir.join("agent");
        std::fs::create_dir_all(&directory).with_context(|| format!("failed to create {}", directory.display()))?;
        let log_path = directory.join("agent.log");
        let log = File::options().create(true).append(true).open(&log_path);
        let log = log.with_context(|| format!("failed to open {}", log_path.display()))?;
        let mut command = Command::new(&self.program);
        command.arg("agent").arg("--data-dir").arg(&self.data_dir).arg("--socket").arg(&self.socket);
        if let Some(vcpus) = self.vcpus {
            command.args(["--vcpus", &vcpus.to_string()]);
        }
        if let Some(memory_mib) = self.memory_mib {
            command.args(["--memory", &memory_mib.to_string()]);
        }
        if self.strict_limits {
            command.arg("--strict-limits");
        }
        command.arg("--network").arg(self.network.to_string());
        command.arg("--container-engine").arg(self.container_engine.to_string());
        command.arg("--container-runtime").arg(self.container_runtime.to_string());
        command.arg("--gpus").arg(self.gpus.to_string());
        for directory in &self.cdi_dirs {
            command.arg("--cdi-dir").arg(directory);
        }
        if let Some(secrets) = &self.secrets {
            command.arg("--secrets").arg(secrets);
        }
        if let Some(limit) = self.image_limit {
            command.args(["--image-limit", &limit.to_string()]);
        }
        if let Some(open_files) = self.open_files {
            command.args(["--open-files", &open_files.to_string()]);
        }
        let output = log.try_clone().context("failed to share the agent's log")?;
        let child = command.stdin(Stdio::null()).stdout(output).stderr(log).spawn();
        child.with_context(|| format!("failed to start {} agent", self.program.display()))
    }

    fn end(&self, handle: &LoopHandle, child: Option<Child>) {
        handle.send(Event::ShutdownAgents);
        let start = Instant::now();
        let mut child = child;
        let gone = |child: &mut Option<Child>| match child {
            Some(child) => !matches!(child.try_wait(), Ok(None)),
            None => !self.agent_lives(),
        };
        while !gone(&mut child) {
            if start.elapsed() > STOP_MAX {
                tracing::error!("the agent did not end in time");
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
