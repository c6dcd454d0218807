//! `longshore agent`: the arguments of the program that runs attempts on a host. What it does is in `crate::agent`.

use longshore_gpus::Offer;
use std::path::PathBuf;

use super::Exit;
use super::{ContainerRuntime, Engine, Network};

/// Run the host agent, which the server starts by itself on its own machine
#[derive(Debug, clap::Args)]
pub(crate) struct AgentOptions {
    /// Where the agent keeps what it knows of its attempts, and their output
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: PathBuf,

    /// The server's socket
    #[arg(long, value_name = "PATH")]
    pub(crate) socket: PathBuf,

    /// vCPUs that jobs may use in all, instead of what the machine has
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) vcpus: Option<u32>,

    /// Memory that jobs may use in all, in MiB, instead of what the machine has
    #[arg(long = "memory", value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) memory_mib: Option<u64>,

    /// End jobs that use more memory than they asked for, as AWS does; needs control groups that this user may change
    #[arg(long, env = "LONGSHORE_LIMIT_MEMORY", value_parser = clap::builder::FalseyValueParser::new())]
    pub(crate) limit_memory: bool,

    /// Refuse jobs whose limits cannot be enforced on this host; limits memory as well
    #[arg(long, env = "LONGSHORE_STRICT_LIMITS", value_parser = clap::builder::FalseyValueParser::new())]
    pub(crate) strict_limits: bool,

    /// The network of containers whose jobs do not say
    #[arg(long, env = "LONGSHORE_NETWORK", value_enum, default_value_t)]
    pub(crate) network: Network,

    /// Who runs containers: the agent itself (`none`), Docker or Podman (the address of its socket), or whoever can (`auto`)
    #[arg(long, env = "LONGSHORE_CONTAINER_ENGINE", value_name = "ADDRESS", default_value = "auto")]
    pub(crate) container_engine: Engine,

    /// What runs containers, where the agent does
    #[arg(long, env = "LONGSHORE_CONTAINER_RUNTIME", value_enum, default_value_t)]
    pub(crate) container_runtime: ContainerRuntime,

    /// The GPUs that jobs may use: `auto` for all, `none`, or how many at most
    #[arg(long, env = "LONGSHORE_GPUS", value_name = "NUMBER", default_value = "auto")]
    pub(crate) gpus: Offer,

    /// Where CDI specifications of GPUs are looked for, instead of /etc/cdi and /var/run/cdi; may be repeated
    #[arg(long = "cdi-dir", env = "LONGSHORE_CDI_DIR", value_name = "DIR", value_delimiter = ':')]
    pub(crate) cdi_dirs: Vec<PathBuf>,

    /// A JSON file with the values of secrets, by their names or ARNs
    #[arg(long, env = "LONGSHORE_SECRETS", value_name = "FILE")]
    pub(crate) secrets: Option<PathBuf>,

    /// Bytes that images may take; beyond them those that were not used for longest are removed, if they can be pulled again
    #[arg(long, value_name = "BYTES")]
    pub(crate) image_limit: Option<u64>,

    /// The soft limit on open files of jobs, instead of this process's own
    #[arg(long, value_name = "NUMBER", hide = true)]
    pub(crate) open_files: Option<u64>,
}

pub(super) fn run(args: AgentOptions) -> anyhow::Result<Exit> {
    crate::agent::run(args)?;
    Ok(Exit::Success)
}
