//! `longshore contain`: what an ordinary user's agent, and `longshore image`, start themselves again with in order to get into
//! a user namespace. Not for people; it has no threads before it is there.

use super::Exit;
use anyhow::Context;
use std::ffi::OsString;
use std::os::fd::RawFd;

/// Go into a user namespace
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The number of the descriptor that leads to whoever started this
    socket: RawFd,

    /// What to do there
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<OsString>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let code = longshore_runner::contain(args.socket, &args.words).context("failed to go on in a user namespace")?;
    Ok(Exit::of_code(code))
}

/// Runs this very command in a user namespace, where this user is not root and files of images are others'. None where it
/// is to be run as it is.
pub(super) fn inside() -> anyhow::Result<Option<Exit>> {
    if longshore_runner::is_root() {
        return Ok(None);
    }
    let program = std::env::current_exe().context("failed to find this program's own file")?;
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    match longshore_runner::run_inside(&program, &words) {
        Ok(code) => Ok(Some(Exit::of_code(code))),
        // Then nothing can be run from images either; to list them one need not be there.
        Err(longshore_runner::ApartError::Forbidden { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
