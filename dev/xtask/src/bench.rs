//! `cargo xtask bench`: one file per benchmark, each against a named peer that is run in the same minute.

mod containers;
mod dispatch;
mod efficiency;
mod figures;
mod folder;
pub(crate) mod instructions;
mod latency;
mod load;
mod logs;
mod plot;
mod queries;
mod restart;
mod row;
mod s3;
mod server;
mod short_jobs;
mod shortest_path;
mod submission;

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
    /// Calls of SubmitJob a second, and the answer to an array of a million.
    Submission(submission::Args),
    /// From SubmitJob to the process's first act, on an idle server.
    Latency(latency::Args),
    /// How much of the time of all slots is work, for jobs of 5 s to 10 ms.
    Efficiency(efficiency::Args),
    /// DescribeJobs and ListJobs with a million jobs active and a million ended, while short jobs run.
    Queries(queries::Args),
    /// kill -9 with a million jobs queued, to the first start; and the memory that a queued job takes.
    Restart(restart::Args),
    /// Instructions of fixed pieces of work, against those that are checked in; fails if there are many more.
    Instructions(instructions::Args),
    /// The output of one job of 1 GB against a file, and the lag of following it.
    Logs(logs::Args),
    /// The AWS CLI copying to the server and back, against `cp`.
    S3(s3::Args),
    /// `examples/shortest-path` against Boost's Dijkstra.
    ShortestPath(shortest_path::Args),
}

pub(crate) fn run(args: &Args) -> Result<()> {
    match &args.bench {
        Bench::Dispatch(args) => dispatch::run(args),
        Bench::Containers(args) => containers::run(args),
        Bench::ShortJobs(args) => short_jobs::run(args),
        Bench::Submission(args) => submission::run(args),
        Bench::Latency(args) => latency::run(args),
        Bench::Efficiency(args) => efficiency::run(args),
        Bench::Queries(args) => queries::run(args),
        Bench::Restart(args) => restart::run(args),
        Bench::Instructions(args) => instructions::run(args),
        Bench::Logs(args) => logs::run(args),
        Bench::S3(args) => s3::run(args),
        Bench::ShortestPath(args) => shortest_path::run(args),
    }
}
