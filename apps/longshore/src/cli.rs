//! The command line: one file per verb below `cli/`; this file only names and dispatches them and turns their errors
//! into exit codes. It does no work of its own.

mod agent;
mod backup;
mod cancel;
mod completions;
mod connection;
mod contain;
mod container_engine;
mod container_runtime;
mod describe;
mod doctor;
mod events;
mod explain;
mod image;
mod jobs;
mod limits;
mod logs;
mod network;
mod restore;
mod run;
mod serve;
mod sim;
mod stop;
mod submit;
mod terminate;
#[cfg(test)]
mod tests;
mod values;
mod version;
mod wait;

use clap::{Parser, Subcommand};

pub(crate) use agent::AgentOptions;
pub(crate) use container_engine::Engine;
pub(crate) use container_runtime::ContainerRuntime;
pub(crate) use logs::drain as drain_logs;
pub(crate) use network::Network;
pub(crate) use serve::{Bounds, History, Keep, ServeOptions};
pub(crate) use wait::counts;

/// How the program ends. The numbers are documented in docs/guide/command-line.md and stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Success = 0,
    /// A job failed, or the operation did.
    Failure = 1,
    /// Wrong arguments, a wrong workload or configuration file.
    Usage = 2,
    /// No server answers.
    Unreachable = 3,
    /// Ctrl-C or SIGTERM.
    Interrupted = 130,
}

impl Exit {
    /// That of a program of ours.
    const fn of_code(code: i32) -> Self {
        match code {
            0 => Self::Success,
            2 => Self::Usage,
            3 => Self::Unreachable,
            130 => Self::Interrupted,
            _ => Self::Failure,
        }
    }
}

/// Wrong use that only the verb itself can see.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct UsageError(pub(crate) String);

const EXIT_CODES: &str = "Exit codes:
  0  done; where jobs were waited for, all of them succeeded
  1  a job failed, or the operation did
  2  wrong arguments, workload file or configuration
  3  no server answers
  130  interrupted";

#[derive(Debug, Parser)]
#[command(name = "longshore", version, about = "Batch computing with the AWS Batch API, on your own machines",
    after_help = EXIT_CODES, max_term_width = 110)]
pub(crate) struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Serve(Box<serve::Args>),
    Agent(AgentOptions),
    Run(run::Args),
    Submit(submit::Args),
    Jobs(jobs::Args),
    Describe(describe::Args),
    Explain(explain::Args),
    Logs(logs::Args),
    Events(events::Args),
    Wait(wait::Args),
    Cancel(cancel::Args),
    Terminate(terminate::Args),
    Image(image::Args),
    Limits(limits::Args),
    Doctor(doctor::Args),
    Backup(backup::Args),
    Restore(restore::Args),
    Sim(sim::Args),
    Completions(completions::Args),
    #[command(hide = true)]
    Contain(contain::Args),
    Version(version::Args),
}

impl Cli {
    /// Does what the verb says, and tells what went wrong.
    pub(crate) fn run(self) -> Exit {
        let result = match self.verb {
            Verb::Serve(args) => serve::run(*args),
            Verb::Agent(args) => agent::run(args),
            Verb::Run(args) => run::run(args),
            Verb::Submit(args) => submit::run(args),
            Verb::Jobs(args) => jobs::run(&args),
            Verb::Describe(args) => describe::run(&args),
            Verb::Explain(args) => explain::run(&args),
            Verb::Logs(args) => logs::run(&args),
            Verb::Events(args) => events::run(&args),
            Verb::Wait(args) => wait::run(&args),
            Verb::Cancel(args) => cancel::run(&args),
            Verb::Terminate(args) => terminate::run(&args),
            Verb::Image(args) => image::run(&args),
            Verb::Limits(args) => limits::run(&args),
            Verb::Doctor(args) => doctor::run(&args),
            Verb::Backup(args) => backup::run(&args),
            Verb::Restore(args) => restore::run(&args),
            Verb::Sim(args) => sim::run(&args),
            Verb::Completions(args) => completions::run(&args),
            Verb::Contain(args) => contain::run(&args),
            Verb::Version(args) => version::run(&args),
        };
        result.unwrap_or_else(|error| {
            crate::output::error(&error);
            exit_of(&error)
        })
    }
}

fn exit_of(error: &anyhow::Error) -> Exit {
    for cause in error.chain() {
        match cause.downcast_ref() {
            Some(crate::client::Error::Unreachable { .. }) => return Exit::Unreachable,
            Some(crate::client::Error::BadEndpoint { .. }) => return Exit::Usage,
            _ => {}
        }
        if cause.is::<crate::interrupt::Interrupted>() {
            return Exit::Interrupted;
        }
        if cause.is::<UsageError>() || cause.is::<crate::workload::Error>() {
            return Exit::Usage;
        }
    }
    Exit::Failure
}
