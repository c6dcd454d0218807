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

fn main() -> std::process::ExitCode {
    std::process::ExitCode::from(cli::Cli::parse().run() as u8)
}
