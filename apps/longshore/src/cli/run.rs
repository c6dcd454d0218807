//! `longshore run`: the arguments, the directory and the server of a run. What a run does is in `crate::run`.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context as _;

use super::Exit;
use super::connection::variable;
use crate::client::{Client, Credentials};
use crate::data_home::data_home;
use crate::interrupt::Interrupt;
use crate::output;
use crate::run::{Outcome, PrivateServer, PrivateSettings, Run};
use crate::workload::{Context, Workload};

/// Run a workload file on a server of its own, from inputs to results
#[derive(Debug, clap::Args)]
#[command(after_help = "A workload file names jobs in the API's own shapes:

  name: greetings
  jobs:
    - jobName: hello
      jobDefinition: host
      arrayProperties: {size: 3}
      containerOverrides: {command: [sh, -c, 'echo hello from child $AWS_BATCH_JOB_ARRAY_INDEX']}
    - jobName: bye
      jobDefinition: host
      dependsOn: [{job: hello}]
      containerOverrides: {command: [echo, bye]}

The guide has all of it: docs/guide/workload-file.md. Exits 0 only if every job succeeded. Ctrl-C ends the jobs, cleans
up and exits 130.

Examples:
  longshore run greetings.yaml
  longshore run --rm --json greetings.yaml
  longshore run --endpoint http://127.0.0.1:4566 greetings.yaml")]
pub(crate) struct Args {
    /// The workload file
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Run on this server instead of one of its own
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,

    /// Keep logs and data here [default: a new directory below runs/ in longshore's data home]
    #[arg(long, visible_alias = "keep", value_name = "DIR", conflicts_with = "endpoint")]
    data_dir: Option<PathBuf>,

    /// Remove logs and data if every job succeeded
    #[arg(long, conflicts_with_all = ["endpoint", "data_dir"])]
    rm: bool,

    /// Print a summary as JSON at the end
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args) -> anyhow::Result<Exit> {
    let env =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let context = Context { env: env.collect(), server_exists: args.endpoint.is_some() };
    let workload = Workload::load(&args.file, &context)?;
    let interrupt = Interrupt::install().context("cannot listen for signals")?;
    match &args.endpoint {
        Some(endpoint) => {
            let client = Client::new(endpoint, Credentials::from_env(variable))?;
            let run = Run { workload: &workload, client: &client, interrupt: &interrupt, data_dir: None };
            let outcome = run.go()?;
            Ok(finish(outcome, args.json, None))
        }
        None => on_private_server(&args, &workload, &interrupt),
    }
}

fn on_private_server(args: &Args, workload: &Workload, interrupt: &Interrupt) -> anyhow::Result<Exit> {
    let data_dir = match &args.data_dir {
        Some(given) => std::path::absolute(given)?,
        None => fresh_directory(&data_home().join("runs"), &workload.name, SystemTime::now())?,
    };
    let program = std::env::current_exe().context("cannot find the program itself")?;
    let settings = PrivateSettings { program, data_dir: data_dir.clone() };
    let server = PrivateServer::start(&settings, interrupt)?;
    let client = Client::new(&server.endpoint, Credentials::from_env(variable))?;
    let run = Run { workload, client: &client, interrupt, data_dir: Some(data_dir.clone()) };
    let result = run.go();
    server.stop();
    let outcome = result.with_context(|| format!("the run did not finish; its logs are in {}", data_dir.display()))?;
    Ok(finish(outcome, args.json, args.rm.then_some(&data_dir)))
}

/// Tells how it ended; removes the directory if that was asked for and all went well.
fn finish(outcome: Outcome, json: bool, remove: Option<&PathBuf>) -> Exit {
    let (mut summary, exit) = match outcome {
        Outcome::Finished(summary) if summary.succeeded() => (summary, Exit::Success),
        Outcome::Finished(summary) => (summary, Exit::Failure),
        Outcome::Interrupted(summary) => (summary, Exit::Interrupted),
    };
    if let (Some(directory), Exit::Success) = (remove, exit) {
        match std::fs::remove_dir_all(directory) {
            Ok(()) => summary.forget_data_dir(),
            Err(error) => output::warn(format!("cannot remove {}: {error}", directory.display())),
        }
    }
    summary.tell();
    if json {
        output::json(&summary.to_json());
    }
    exit
}

/// Creates `<name>-<time>` below `parent`, with a number behind it if that exists.
fn fresh_directory(parent: &Path, name: &str, now: SystemTime) -> anyhow::Result<PathBuf> {
    std::fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
    let time = humantime::format_rfc3339_seconds(now).to_string().replace(['-', ':'], "");
    for number in 1..1000 {
        let suffix = if number == 1 { String::new() } else { format!("-{number}") };
        let path = parent.join(format!("{name}-{time}{suffix}"));
        match std::fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(|| format!("cannot create {}", path.display())),
        }
    }
    anyhow::bail!("too many runs of {name} in one second below {}", parent.display())
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn two_runs_in_one_second_get_two_directories() {
        let parent = tempfile::tempdir().unwrap();
        let names = [(); 2].map(|()| {
            let path = fresh_directory(parent.path(), "sums", UNIX_EPOCH).unwrap();
            path.file_name().unwrap().to_str().unwrap().to_owned()
        });
        assert_eq!(names, ["sums-19700101T000000Z", "sums-19700101T000000Z-2"]);
    }
}
