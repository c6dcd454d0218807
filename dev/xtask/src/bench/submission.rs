//! `cargo xtask bench submission`: calls of SubmitJob a second over 16 connections, each durable before its answer, while the
//! only slot is taken; beside what the same server answers without writing, and beside what the disk makes durable
//! when 16 writers wait for each other. And the time to the answer to one array job.

use super::figures::{Figure, Figures};
use super::folder;
use super::load::{self, Connection};
use super::server::{self, Server};
use anyhow::{Context, Result};
use serde_json::json;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

const CONNECTIONS: u32 = 16;
/// What the record of a job takes on disk, about.
const RECORD: usize = 1_024;
/// How long the disk is measured.
const DISK_FOR: Duration = Duration::from_secs(2);

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Calls.
    #[arg(long, default_value_t = 50_000)]
    jobs: u32,
    /// Children of the array job.
    #[arg(long, default_value_t = 1_000_000)]
    children: u32,
    /// 5,000 calls.
    #[arg(long)]
    quick: bool,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    server::build()?;
    let folder = folder::fresh("submission")?;
    let jobs = if args.quick { 5_000 } else { args.jobs };
    let server = Server::start(&folder, 1)?;
    let mut connection = Connection::open(server.authority())?;
    let job = json!({
        "jobName": "waits", "jobQueue": "default", "jobDefinition": "host",
        "containerOverrides": { "command": ["/bin/sleep", "100000"] },
    });
    connection.call("SubmitJob", &job)?;
    let submit = load::request(server.authority(), "SubmitJob", &job.to_string());
    let describe = json!({ "jobs": ["00000000-0000-0000-0000-000000000000"] }).to_string();
    let describe = load::request(server.authority(), "DescribeJobs", &describe);
    let rate = |request: &[u8]| -> Result<f64> {
        let begin = Instant::now();
        load::repeat(server.authority(), request, jobs, CONNECTIONS)?;
        Ok(f64::from(jobs) / begin.elapsed().as_secs_f64())
    };
    let (read, submitted) = (rate(&describe)?, rate(&submit)?);
    let disk = durable_records(&folder)?;
    let mut array = job.clone();
    array["arrayProperties"] = json!({ "size": args.children });
    let begin = Instant::now();
    connection.call("SubmitJob", &array)?;
    let array_ms = begin.elapsed().as_secs_f64() * 1e3;
    let what = "SubmitJob over 16 connections";
    let figures = vec![
        Figure::new(what, submitted, "1/s").beside("DescribeJobs of no job", read),
        Figure::new(what, submitted, "1/s").beside("fdatasync of 16 records at once", disk),
        Figure::new(format!("answer to an array of {}", args.children), array_ms, "ms"),
    ];
    Figures { bench: "submission", title: format!("{jobs} calls, one slot, which is taken"), figures }.publish()
}

/// Records a second that the disk makes durable, as many at a time as there are connections.
fn durable_records(folder: &Path) -> Result<f64> {
    let mut file = File::create(folder.join("records")).context("failed to make a file")?;
    let group = vec![b'x'; RECORD * CONNECTIONS as usize];
    let begin = Instant::now();
    let mut groups = 0.0;
    while begin.elapsed() < DISK_FOR {
        file.write_all(&group).and_then(|()| file.sync_data()).context("failed to write durably")?;
        groups += 1.0;
    }
    Ok(groups * f64::from(CONNECTIONS) / begin.elapsed().as_secs_f64())
}
