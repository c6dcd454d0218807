//! `longshore completions`: what a shell needs to complete our arguments.

use clap::CommandFactory;

use super::{Cli, Exit};

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  longshore completions bash > ~/.local/share/bash-completion/completions/longshore")]
pub(crate) struct Args {
    shell: clap_complete::Shell,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "longshore", &mut script);
    crate::output::raw(&String::from_utf8(script)?);
    Ok(Exit::Success)
}
