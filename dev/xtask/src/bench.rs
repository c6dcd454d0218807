//! `cargo xtask bench`: one file per benchmark, each against a named peer that is run in the same minute.

mod containers;
mod dispatch;
mod load;
mod plot;
mod server;
mod short_jobs;
mod shortest_path;

use anyhow::Result;
use clap::Subcommand;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Debug, Subcommand)]
enum Bench {
    /// The control plane alone, placing jobs on a thousand simulated hosts, at growing depths.
    Dispatch(dispatch::Args),
    /// Containers through the API against plain `crun run` and `runc run`, and how long they take to start.
    Containers(containers::Args),
    /// Very short jobs against the raw limit of launching, xargs, GNU parallel, HyperQueue and Slurm.
    ShortJobs(short_jobs::Args),
    /// `examples/shortest-path` against Boost's Dijkstra.
    ShortestPath(shortest_path::Args),
}

pub(crate) fn run(args: &Args) -> Result<()> {
    match &args.bench {
        Bench::Dispatch(args) => dispatch::run(args),
        Bench::Containers(args) => containers::run(args),
        Bench::ShortJobs(args) => short_jobs::run(args),
        Bench::ShortestPath(args) => shortest_path::run(args),
    }
}
