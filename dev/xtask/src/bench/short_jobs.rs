//! `cargo xtask bench short-jobs`: very short jobs, end to end, durable, with output files, beside the raw limit of
//! launching programs and beside other schedulers, as many at once everywhere, taking turns in one run.

mod contender;
mod longshore;
mod peers;
mod report;
mod slurm;

use super::folder;
use super::row::Row;
use crate::output::{data, talk};
use anyhow::{Context, Result};
use contender::{Contender, Round};
use std::fs;

/// What each job runs.
const PROGRAM: &str = "/bin/true";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Jobs per run; slow peers get fewer, and their rate counts.
    #[arg(long, default_value_t = 20_000)]
    jobs: u32,
    /// Runs of each contender, taking turns; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// 2,000 jobs, one round, and only the raw limit, xargs and Longshore.
    #[arg(long)]
    quick: bool,
    /// Only contenders whose name contains one of these; the raw limit always runs.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let (jobs, rounds) = if args.quick { (2_000, 1) } else { (args.jobs, args.rounds) };
    let slots = std::thread::available_parallelism().context("failed to count the processors")?.get();
    let folder = folder::fresh("short-jobs")?;
    let mut contenders: Vec<(Box<dyn Contender>, Row)> = Vec::new();
    let mut absent: Vec<Row> = Vec::new();
    for (name, prepare) in contender::all(args.quick) {
        if name != contender::RAW && !args.only.is_empty() && !args.only.iter().any(|only| name.contains(only)) {
            continue;
        }
        talk(&format!("preparing {name}"));
        match prepare(&folder) {
            Ok(contender) => contenders.push((contender, Row::new(name))),
            Err(reason) => absent.push(Row::absent(name, &reason)),
        }
    }
    for round in 1..=rounds {
        for (contender, row) in contenders.iter_mut().filter(|(_, row)| row.takes_part()) {
            let jobs = jobs.min(contender.jobs_at_most());
            talk(&format!("round {round} of {rounds}: {}, {jobs} jobs", row.name()));
            let directory = folder.join(format!("{}-{round}", row.name().replace([' ', ','], "-")));
            fs::create_dir_all(&directory).with_context(|| format!("failed to make {}", directory.display()))?;
            match contender.run(&Round { jobs, slots, directory }) {
                Ok(seconds) => row.measured(jobs, seconds),
                // A peer's trouble is said in its row; ours ends the run.
                Err(reason) if report::is_peer(row) => *row = Row::absent(row.name(), &reason),
                Err(reason) => return Err(reason),
            }
        }
    }
    let rows: Vec<Row> = contenders.into_iter().map(|(_, row)| row).chain(absent).collect();
    let figures = report::figures(slots, &rows);
    figures.publish()?;
    data(&format!("\n{}", report::summary(&figures)));
    Ok(())
}
