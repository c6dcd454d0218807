//! `cargo xtask bench efficiency`: how much of the time of all slots is work, for jobs of several lengths: the work by the
//! time that passed times the slots. A job sleeps for its length, so the rest is all that is added to it, the start of
//! its process too; xargs has the same sleeps to start.

use super::figures::{Figure, Figures};
use super::folder;
use super::server::{self, Server};
use crate::output::talk;
use crate::stage::command;
use anyhow::{Context, Result, bail};
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

/// Seconds of a job, and how many of them a slot runs: in full, and quickly.
const LENGTHS: [(&str, u32, u32); 4] = [("5", 4, 1), ("1", 12, 3), ("0.1", 100, 20), ("0.01", 600, 100)];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Fewer jobs of each length.
    #[arg(long)]
    quick: bool,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    server::build()?;
    let folder = folder::fresh("efficiency")?;
    let slots = std::thread::available_parallelism().context("failed to count the processors")?.get();
    let mut figures = Vec::new();
    for (length, full, quick) in LENGTHS {
        let jobs = if args.quick { quick } else { full } * u32::try_from(slots)?;
        talk(&format!("{jobs} jobs of {length} s on {slots} slots"));
        let work = length.parse::<f64>()? * f64::from(jobs) / slots as f64;
        let peer = work / xargs(length, jobs, slots)?;
        let ours = work / longshore(&folder.join(length), length, jobs, slots)?;
        figures.push(Figure::new(format!("jobs of {length} s"), ours, "").beside("xargs -P", peer));
    }
    let title = format!("work / (time x slots), {slots} slots, one array of each length");
    Figures { bench: "efficiency", title, figures }.publish()
}

/// From the acceptance of the array to the end of its last child, by the server's own record.
fn longshore(directory: &Path, length: &str, jobs: u32, slots: usize) -> Result<f64> {
    std::fs::create_dir_all(directory).with_context(|| format!("failed to make {}", directory.display()))?;
    let server = Server::start(directory, slots)?;
    // A server is ready before its agent is; how long that takes is not what is measured.
    server.run_array(u32::try_from(slots)?.max(2), &["/bin/sleep", "0.2"])?;
    let job = server.run_array(jobs, &["/bin/sleep", length])?;
    let time = |member: &str| job[member].as_f64().with_context(|| format!("the array has no {member}"));
    Ok((time("stoppedAt")? - time("createdAt")?) / 1e3)
}

fn xargs(length: &str, jobs: u32, slots: usize) -> Result<f64> {
    let slots = slots.to_string();
    let mut xargs = command("xargs", &["-P", &slots, "-n", "1", "/bin/sleep"]);
    let begin = Instant::now();
    let mut child = xargs.stdin(Stdio::piped()).spawn().context("failed to start xargs")?;
    let mut input = child.stdin.take().context("xargs has no input")?;
    input.write_all(format!("{length}\n").repeat(jobs as usize).as_bytes()).context("failed to feed xargs")?;
    drop(input);
    if !child.wait().context("failed to wait for xargs")?.success() {
        bail!("xargs failed");
    }
    Ok(begin.elapsed().as_secs_f64())
}
