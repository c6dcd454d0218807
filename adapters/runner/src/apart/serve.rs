//! The process that runs an ordinary user's containers: root of a user namespace, first of its processes, so that all of
//! them end with it. It does what its runner says, and goes when that goes.

use super::enter;
use super::wire::{Order, Said};
use crate::{Config, ContainerEngine, NetworkMode, Runner, Secrets, limit};
use longshore_agent::{Launch, Signal};
use rustix::mount::{MountFlags, MountPropagationFlags, mount, mount_change};
use rustix::process::{Signal as Death, set_parent_process_death_signal};
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::RawFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// What it has to know, in its arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Settings {
    pub(super) data_dir: PathBuf,
    pub(super) work_dir: PathBuf,
    pub(super) strict_limits: bool,
    pub(super) isolated: bool,
    pub(super) oci_runtimes: Vec<String>,
    pub(super) secrets: Option<PathBuf>,
    /// The process that starts it, as that sees itself.
    pub(super) agent: u32,
}

/// Why it does not begin.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("its settings cannot be read: {0}")]
    Settings(serde_json::Error),
    #[error("it cannot have mounts of its own: {0}")]
    Mounts(rustix::io::Errno),
    #[error("/proc cannot be mounted in a user namespace of this machine, which containers need: {0}")]
    Proc(rustix::io::Errno),
    #[error("{error}: {source}", source = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default())]
    Runner { error: crate::Error },
}

pub(super) fn serve(socket: RawFd, settings: &str) -> io::Result<()> {
    let socket = UnixStream::from(enter::adopt(socket));
    let writer = Arc::new(Mutex::new(socket.try_clone()?));
    let runner = match begin(settings, &writer) {
        Ok(runner) => runner,
        Err(error) => {
            let (enforcement, unenforced, missing) = (String::new(), Vec::new(), Some(error.to_string()));
            return say(&writer, &Said::Ready { enforcement, unenforced, missing });
        }
    };
    let (enforcement, missing) = (runner.containers_enforcement().unwrap_or_default(), runner.runs_containers().err());
    let unenforced = runner.unenforced_of_containers();
    say(&writer, &Said::Ready { enforcement, unenforced, missing })?;
    for line in BufReader::new(socket).lines() {
        let order = serde_json::from_str(&line?).map_err(io::Error::other)?;
        carry_out(&runner, order);
    }
    Ok(())
}

fn begin(settings: &str, writer: &Arc<Mutex<UnixStream>>) -> Result<Runner, Error> {
    let settings: Settings = serde_json::from_str(settings).map_err(Error::Settings)?;
    let _no_parent_to_outlive = set_parent_process_death_signal(Some(Death::KILL));
    mount_change("/", MountPropagationFlags::REC | MountPropagationFlags::PRIVATE).map_err(Error::Mounts)?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    mount("proc", "/proc", "proc", flags, None).map_err(Error::Proc)?;
    limit::work_for(settings.agent);
    let config = Config {
        work_dir: settings.work_dir,
        strict_limits: settings.strict_limits,
        network: if settings.isolated { NetworkMode::Isolated } else { NetworkMode::Host },
        oci_runtimes: settings.oci_runtimes,
        secrets: Secrets { file: settings.secrets },
        record: "agent/live-apart",
        // Whether one is used was decided by whoever started this.
        container_engine: ContainerEngine::Never,
        launchers: 1,
        ..Config::new(settings.data_dir)
    };
    let writer = Arc::clone(writer);
    let tell = move |event| {
        if let Some(said) = Said::of(event) {
            let _nobody_listens_any_more = say(&writer, &said);
        }
    };
    Runner::start(config, tell).map_err(|error| Error::Runner { error })
}

fn say(writer: &Mutex<UnixStream>, said: &Said) -> io::Result<()> {
    let mut line = serde_json::to_vec(said)?;
    line.push(b'\n');
    writer.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line)
}

fn carry_out(runner: &Runner, order: Order) {
    match order {
        Order::Launch { attempt, job, address, container, gpus } => {
            runner.launch_with(Box::new(Launch { attempt, job, address, container: *container }), gpus);
        }
        Order::Withdraw(output) => runner.withdraw(output),
        Order::Terminate(output) => runner.signal(output, Signal::Terminate),
        Order::Kill(output) => runner.signal(output, Signal::Kill),
        Order::Release(attempt) => runner.release(attempt),
    }
}
