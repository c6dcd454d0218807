//! Where and how a runner runs things.

use crate::{NetworkMode, Secrets};
use longshore_docker::Address;
use longshore_gpus::Gpu;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Variables that an attempt gets from the agent's own environment unless the job sets them. Nothing else leaks.
const INHERITED: [&str; 7] = ["PATH", "HOME", "LANG", "TZ", "USER", "SHELL", "TMPDIR"];

/// What may run containers, the fastest first: our own launcher takes half the time that crun does, crun a third of runc's.
pub const CONTAINER_RUNTIMES: [&str; 3] = ["own", "crun", "runc"];

/// Enough to keep two cores busy; a launch leaves its thread waiting for the new process to execute.
const LAUNCHERS: usize = 2;

/// Where and how a runner runs things.
#[derive(Clone, Debug)]
pub struct Config {
    /// Holds output (`output/`) and the record of live sessions (`agent/live`). One runner at a time: the caller's lock.
    pub data_dir: PathBuf,
    /// The directory that attempts start in.
    pub work_dir: PathBuf,
    /// Variables of attempts whose jobs do not set them.
    pub inherited: Vec<(OsString, OsString)>,
    /// Threads that launch.
    pub launchers: usize,
    /// Whether attempts are limited to the memory that they ask for, where the machine allows it. Launching costs up to a
    /// tenth more then (the example `launch_rate` shows both), and the same job may fail on one host and pass on another
    /// that cannot limit: so it is the operator's choice.
    pub limit_memory: bool,
    /// Whether an attempt is refused whose limits cannot be enforced here; limits memory as well.
    pub strict_limits: bool,
    /// Where containers' network is, unless their jobs say.
    pub network: NetworkMode,
    /// Where the secrets of containers are looked for.
    pub secrets: Secrets,
    /// What may run containers: `own` for our own launcher, or programs by name on PATH; the preferred first.
    pub oci_runtimes: Vec<String>,
    /// The program that runs containers apart, as root of a user namespace ([`crate::contain`]), where this process is not
    /// root. Without it an ordinary user's runner runs none.
    pub apart: Option<PathBuf>,
    /// The record of live sessions, in the data directory; each runner has its own.
    pub record: &'static str,
    /// Whether an engine runs containers.
    pub container_engine: ContainerEngine,
    /// The GPUs that attempts may have, each one at a time.
    pub gpus: Vec<Gpu>,
    /// How the images of containers are kept.
    pub images: longshore_images::Config,
}

impl Config {
    /// The defaults for a data directory; attempts start in its `work/`.
    pub fn new(data_dir: PathBuf) -> Self {
        let inherited = INHERITED.iter().filter_map(|name| Some(((*name).into(), std::env::var_os(name)?))).collect();
        Self {
            work_dir: data_dir.join("work"),
            data_dir,
            inherited,
            launchers: LAUNCHERS,
            limit_memory: false,
            strict_limits: false,
            network: NetworkMode::default(),
            secrets: Secrets::default(),
            oci_runtimes: CONTAINER_RUNTIMES.map(str::to_owned).to_vec(),
            apart: None,
            record: "agent/live",
            container_engine: ContainerEngine::IfNeeded,
            gpus: Vec::new(),
            images: longshore_images::Config::default(),
        }
    }
}

/// How operators write it.
const AUTO: &str = "auto";
const NONE: &str = "none";

/// Whether containers are run by an engine, Docker or Podman, instead of this crate itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ContainerEngine {
    /// If this crate cannot run containers here, and an engine is found.
    #[default]
    IfNeeded,
    /// Never.
    Never,
    /// Always, by this one.
    At(Address),
}

impl fmt::Display for ContainerEngine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IfNeeded => formatter.write_str(AUTO),
            Self::Never => formatter.write_str(NONE),
            Self::At(address) => address.fmt(formatter),
        }
    }
}

impl FromStr for ContainerEngine {
    type Err = longshore_docker::Error;

    /// Reads `auto`, `none` or the address of an engine's socket.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            AUTO => Ok(Self::IfNeeded),
            NONE => Ok(Self::Never),
            address => address.parse().map(Self::At),
        }
    }
}
