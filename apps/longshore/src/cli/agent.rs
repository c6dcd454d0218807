//! `longshore agent`: the arguments of the program that runs attempts on a host. What it does is in `crate::agent`.

use std::path::PathBuf;

use super::Exit;

/// Run the host agent, which the server starts by itself on its own machine
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where the agent keeps what it knows of its attempts, and their output
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,

    /// The server's socket
    #[arg(long, value_name = "PATH")]
    socket: PathBuf,
}

/// Everything that the agent needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AgentOptions {
    pub(crate) data_dir: PathBuf,
    pub(crate) socket: PathBuf,
}

pub(super) fn run(args: Args) -> anyhow::Result<Exit> {
    crate::agent::run(AgentOptions { data_dir: args.data_dir, socket: args.socket })?;
    Ok(Exit::Success)
}
