//! All-pairs shortest paths as an array job. Children compute the paths from their shares of the origins (`paths`),
//! a dependent job joins their results (`aggregate`). It knows AWS Batch by its environment variables, S3 by its
//! protocol, and nothing else of where it runs. This file only dispatches.

mod cli;
mod commands;
mod mix;
mod network;
mod output;
mod record;
mod result_file;
mod road;
mod search;
mod share;
mod storage;
mod summary;

use clap::Parser;
use std::process::ExitCode;

/// Exit codes: 0 success, 1 a failure with its message, 2 (from clap) a wrong command line.
fn main() -> ExitCode {
    let done = match cli::Cli::parse().command {
        cli::Command::Paths(args) => commands::paths::run(&args),
        cli::Command::Aggregate(args) => commands::aggregate::run(&args),
        cli::Command::Generate(args) => commands::generate::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::remark(&format!("shortest-path: error: {}", with_causes(&error)));
            ExitCode::FAILURE
        }
    }
}

/// The error and what caused it, on one line.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
