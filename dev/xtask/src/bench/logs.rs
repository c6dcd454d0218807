//! `cargo xtask bench logs`: a job that writes lines of 100 bytes, beside the same program writing to a file; and how long a
//! line takes to whoever follows the job's output.

use super::figures::{Figure, Figures, quantile};
use super::folder;
use super::server::{self, Server};
use crate::stage::{command, run as run_command};
use anyhow::{Context, Result, bail};
use std::fs::File;
use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Without its end.
const LINE: usize = 99;
/// Of 1 GiB each. The job has most of them for its memory: the pages of what it writes count as its own, and with less room
/// than output it would wait for the disk, which the same program without a limit need not.
const SLOTS: usize = 4;
const MEMORY_MIB: &str = "3072";
/// Lines of the job that is followed.
const FOLLOWED: u32 = 100;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Bytes that the job writes.
    #[arg(long, default_value_t = 1_000_000_000)]
    bytes: u64,
    /// Jobs and files, taking turns; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// 100 MB.
    #[arg(long)]
    quick: bool,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    server::build()?;
    let folder = folder::fresh("logs")?;
    let bytes = if args.quick { 100_000_000 } else { args.bytes };
    let server = Server::start(&folder, SLOTS)?;
    let script = format!("yes '{}' | head -c {bytes}", "x".repeat(LINE));
    let (mut ours, mut direct) = (Vec::new(), Vec::new());
    for round in 0..args.rounds.max(1) {
        settle()?;
        direct.push(to_file(&folder.join(format!("direct-{round}")), &script)?);
        settle()?;
        ours.push(as_job(&server, &script)?);
    }
    let megabytes = bytes as f64 / 1e6;
    let rate = |seconds: &mut [f64]| megabytes / quantile(seconds, 0.5);
    let mut lag = lags(&server)?;
    let figures = vec![
        Figure::new("output of one job", rate(&mut ours), "MB/s").beside("to a file", rate(&mut direct)),
        Figure::new("lag of `longshore logs -f`, p50", quantile(&mut lag, 0.5), "ms"),
        Figure::new("lag of `longshore logs -f`, p99", quantile(&mut lag, 0.99), "ms"),
    ];
    Figures { bench: "logs", title: format!("{megabytes} MB in lines of {} bytes", LINE + 1), figures }.publish()
}

/// Seconds from the start of the process to its end, by the server's own record.
fn as_job(server: &Server, script: &str) -> Result<f64> {
    let job = server.run_to_success(&["submit", "--memory", MEMORY_MIB, "--", "/bin/sh", "-c", script])?;
    let time = |member: &str| job[member].as_f64().with_context(|| format!("the job has no {member}"));
    Ok((time("stoppedAt")? - time("startedAt")?) / 1e3)
}

/// Lets everything that was written before reach the disk, so that nobody pays for what another has written.
fn settle() -> Result<()> {
    run_command(&mut command("sync", &[]))
}

/// The file stays, as the job's does: pages of one that is removed never have to be written.
fn to_file(path: &Path, script: &str) -> Result<f64> {
    let file = File::create(path).context("failed to make a file")?;
    let begin = Instant::now();
    let status = command("/bin/sh", &["-c", script]).stdout(file).status().context("failed to start the shell")?;
    let seconds = begin.elapsed().as_secs_f64();
    if !status.success() {
        bail!("the shell failed ({status})");
    }
    Ok(seconds)
}

/// Milliseconds from the writing of each line to its arrival at a follower.
fn lags(server: &Server) -> Result<Vec<f64>> {
    let script = format!("for line in $(seq {FOLLOWED}); do date +%s%N; sleep 0.03; done");
    let id = server.ask(&["submit", "--", "/bin/sh", "-c", &script])?;
    let mut lags = Vec::new();
    server.follow(&["logs", "-f", String::from_utf8_lossy(&id).trim()], |line| {
        let arrived = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as f64;
        let written: f64 = line.trim().parse().with_context(|| format!("not a time: {line:?}"))?;
        lags.push((arrived - written) / 1e6);
        Ok(())
    })?;
    if lags.len() != FOLLOWED as usize {
        bail!("{} of {FOLLOWED} lines have arrived", lags.len());
    }
    Ok(lags)
}
