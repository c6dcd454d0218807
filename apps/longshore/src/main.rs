//! The one binary of Longshore. This file only hands the arguments to the command line.

mod agent;
mod backup;
mod cli;
mod client;
mod data_home;
mod doctor;
mod interrupt;
mod output;
mod run;
mod serve;
mod watch;
mod workload;

use clap::Parser;

/// Much of what the server does is making and dropping small things, rows above all: docs/internals/performance.md has figures.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    std::process::ExitCode::from(cli::Cli::parse().run() as u8)
}
