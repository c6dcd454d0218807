//! `cargo xtask bench latency`: from the call of SubmitJob to the first thing that the job's process does, on an idle
//! server, beside the start of the same process by itself. The process writes to a pipe that this program reads.

use super::figures::{Figure, Figures, quantile};
use super::folder;
use super::load::Connection;
use super::server::{self, Server};
use crate::stage::command;
use anyhow::{Context, Result, bail};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::json;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

/// The pause between two looks whether a job has ended.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Jobs, one after another.
    #[arg(long, default_value_t = 1_000)]
    jobs: usize,
    /// 100 jobs.
    #[arg(long)]
    quick: bool,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    server::build()?;
    let folder = folder::fresh("latency")?;
    let jobs = if args.quick { 100 } else { args.jobs };
    let server = Server::start(&folder, 1)?;
    let mut sign = Sign::make(&folder)?;
    let mut connection = Connection::open(server.authority())?;
    // The first jobs warm what every later one finds warm.
    for _ in 0..10 {
        submitted(&mut connection, &mut sign)?;
    }
    let mut ours = Vec::new();
    let mut direct = Vec::new();
    for _ in 0..jobs {
        ours.push(submitted(&mut connection, &mut sign)?);
        direct.push(spawned(&mut sign)?);
    }
    let row = |part: f64, name: &str, ours: &mut Vec<f64>, direct: &mut Vec<f64>| {
        let what = format!("from SubmitJob to the process's first act, {name}");
        Figure::new(what, quantile(ours, part), "ms").beside("posix_spawn of it", quantile(direct, part))
    };
    let figures = vec![row(0.5, "p50", &mut ours, &mut direct), row(0.99, "p99", &mut ours, &mut direct)];
    Figures { bench: "latency", title: format!("{jobs} jobs, one after another, idle server"), figures }.publish()
}

/// A pipe with a name, and the program that writes to it.
struct Sign {
    pipe: File,
    script: String,
}

impl Sign {
    fn make(folder: &Path) -> Result<Self> {
        let path = folder.join("sign");
        mknodat(CWD, &path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).context("failed to make a named pipe")?;
        // Open for writing too, so that it has never ended.
        let pipe = File::options().read(true).write(true).open(&path).context("failed to open the named pipe")?;
        Ok(Self { pipe, script: format!("echo > '{}'", path.display()) })
    }

    fn command(&self) -> [&str; 3] {
        ["/bin/sh", "-c", &self.script]
    }

    fn wait(&mut self) -> Result<()> {
        self.pipe.read_exact(&mut [0]).context("failed to read from the named pipe")
    }
}

/// Milliseconds from before the call; the job has ended on return.
fn submitted(connection: &mut Connection, sign: &mut Sign) -> Result<f64> {
    let job = json!({
        "jobName": "sign", "jobQueue": "default", "jobDefinition": "host",
        "containerOverrides": { "command": sign.command() },
    });
    let begin = Instant::now();
    let id = connection.call("SubmitJob", &job)?["jobId"].clone();
    sign.wait()?;
    let seconds = begin.elapsed().as_secs_f64();
    loop {
        let answer = connection.call("DescribeJobs", &json!({ "jobs": [id] }))?;
        match answer["jobs"][0]["status"].as_str() {
            Some("SUCCEEDED") => return Ok(seconds * 1e3),
            Some("FAILED") | None => bail!("the job failed: {answer}"),
            Some(_) => std::thread::sleep(LOOK_AGAIN),
        }
    }
}

fn spawned(sign: &mut Sign) -> Result<f64> {
    let [program, arguments @ ..] = sign.command();
    let mut command = command(program, &arguments);
    let begin = Instant::now();
    let mut child = command.spawn().context("failed to start the process")?;
    sign.wait()?;
    let seconds = begin.elapsed().as_secs_f64();
    child.wait().context("failed to wait for the process")?;
    Ok(seconds * 1e3)
}
