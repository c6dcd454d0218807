//! Developer commands: `cargo xtask <command>`. One file per command; this file only dispatches.
//! It must not know anything about how a command does its work.

mod bench;
mod codegen;
mod demo;
mod metrics;
mod output;
mod packages;
mod stage;
mod test;
mod tidy;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Developer commands of Longshore")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure ourselves against a named peer, in one run.
    Bench(bench::Args),
    /// Regenerate the checked-in API crates from their models.
    Codegen(codegen::Args),
    /// Build everything and run the main job end to end.
    Demo(demo::Args),
    /// Print the figures of house style.
    Metrics(metrics::Args),
    /// Install what the tests need and run everything.
    Test(test::Args),
    /// Check what the compiler does not: rings, sizes, names, headers, documents.
    Tidy(tidy::Args),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Bench(args) => bench::run(&args),
        Command::Codegen(args) => codegen::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Metrics(args) => metrics::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Tidy(args) => tidy::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::talk(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
