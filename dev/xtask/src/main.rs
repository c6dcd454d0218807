//! Developer commands: `cargo xtask <command>`. One file per command; this file only dispatches.
//! It must not know anything about how a command does its work.

mod codegen;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Developer commands of Longshore")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Regenerate the checked-in API crates from their models.
    Codegen(codegen::Args),
}

fn main() -> Result<()> {
    match Cli::parse().command {
        Command::Codegen(args) => codegen::run(args),
    }
}
