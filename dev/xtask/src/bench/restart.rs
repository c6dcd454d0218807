//! `cargo xtask bench restart`: kill -9 of a server with many single jobs queued and its slots taken, to the first job that
//! it starts afterwards; and what memory each queued job takes. The jobs are short, and those that run go on meanwhile, so
//! a slot is soon free. The peer is a server with few jobs queued.

use super::figures::{Figure, Figures};
use super::folder;
use super::load::{self, Connection};
use super::server::{self, Server};
use crate::output::talk;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const CONNECTIONS: u32 = 16;
/// The pause between two looks whether a job has started.
const LOOK_AGAIN: Duration = Duration::from_millis(5);
/// How many jobs few are.
const FEW: u32 = 1_000;
/// How long a start may take.
const START_WITHIN: Duration = Duration::from_mins(2);

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many single jobs wait, one run for each.
    #[arg(long, value_delimiter = ',', default_values_t = [100_000, 1_000_000])]
    queued: Vec<u32>,
    /// 10,000 and 20,000 jobs.
    #[arg(long)]
    quick: bool,
}

/// What one depth shows.
struct Measured {
    seconds: f64,
    bytes: f64,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    server::build()?;
    let folder = folder::fresh("restart")?;
    let slots = std::thread::available_parallelism().context("failed to count the processors")?.get();
    let few = measure(&folder.join("few"), FEW, slots)?;
    let mut figures = Vec::new();
    let quick = [10_000, 20_000];
    for &queued in if args.quick { &quick[..] } else { &args.queued } {
        let deep = measure(&folder.join(queued.to_string()), queued, slots)?;
        let what = format!("kill -9 to the first start, {queued} queued");
        figures.push(Figure::new(what, deep.seconds, "s").beside("with 1,000 queued", few.seconds));
        let bytes = (deep.bytes - few.bytes) / f64::from(queued - FEW.min(queued - 1));
        figures.push(Figure::new(format!("resident memory a queued job, {queued}"), bytes, "bytes"));
    }
    Figures { bench: "restart", title: format!("single jobs, {slots} slots"), figures }.publish()
}

fn measure(directory: &Path, queued: u32, slots: usize) -> Result<Measured> {
    talk(&format!("{queued} queued"));
    fs::create_dir_all(directory).with_context(|| format!("failed to make {}", directory.display()))?;
    let server = Server::start(directory, slots)?;
    let job = json!({
        "jobName": "waits", "jobQueue": "default", "jobDefinition": "host",
        "containerOverrides": { "command": ["/bin/sleep", "0.2"] },
    });
    let submit = load::request(server.authority(), "SubmitJob", &job.to_string());
    load::repeat(server.authority(), &submit, queued, CONNECTIONS)?;
    first_start(&mut Connection::open(server.authority())?, 0.0)?;
    server.kill()?;
    let begin = Instant::now();
    let killed = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64() * 1e3;
    let server = Server::start(directory, slots)?;
    first_start(&mut Connection::open(server.authority())?, killed)?;
    Ok(Measured { seconds: begin.elapsed().as_secs_f64(), bytes: server.resident()? })
}

/// Waits until a job runs that was started after that time, in milliseconds since 1970.
fn first_start(connection: &mut Connection, after: f64) -> Result<()> {
    let begin = Instant::now();
    let list = json!({ "jobQueue": "default", "jobStatus": "RUNNING" });
    let started = |job: &Value| job["startedAt"].as_f64().is_some_and(|time| time > after);
    while begin.elapsed() < START_WITHIN {
        let answer = connection.call("ListJobs", &list)?;
        if answer["jobSummaryList"].as_array().is_some_and(|jobs| jobs.iter().any(started)) {
            return Ok(());
        }
        std::thread::sleep(LOOK_AGAIN);
    }
    bail!("no job has started within {} s", START_WITHIN.as_secs())
}
