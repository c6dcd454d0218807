//! The command line. It must not act.

use crate::network::Weight;
use crate::search::Algorithm;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  shortest-path paths                                      paths of the built-in five-node network
  shortest-path generate --nodes 10000 --output road.tntp  a network to play with
  shortest-path paths --network road.tntp --output results
  shortest-path aggregate --input results
  BUCKET_NAME=results shortest-path paths --network s3://networks/road.tntp
  BUCKET_NAME=results shortest-path aggregate --array-job-id 8f1c…

S3 is reached as AWS SDKs do: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION,
AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_CONTAINER_CREDENTIALS_FULL_URI and _RELATIVE_URI.

Exit codes: 0 success, 1 failure, 2 wrong command line.";

#[derive(Debug, Parser)]
#[command(name = "shortest-path", version, about = "All-pairs shortest paths as an array job", after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Compute the paths from this child's share of the origins.
    Paths(Paths),
    /// Join the results of all children of an array job into one summary.
    Aggregate(Aggregate),
    /// Generate a road-like network.
    Generate(Generate),
}

#[derive(Debug, Args)]
pub(crate) struct Paths {
    /// A TNTP or DIMACS .gr file, as a path or s3://BUCKET/KEY, or `five-node` for the built-in network.
    #[arg(long, env = "NETWORK", default_value = "five-node")]
    pub(crate) network: String,
    /// The column of a TNTP file that is the weight of a link.
    #[arg(long, env = "WEIGHT", value_enum, default_value_t = Weight::FreeFlowTime)]
    pub(crate) weight: Weight,
    /// How to search. The results are the same.
    #[arg(long, value_enum, default_value_t = Algorithm::Auto)]
    pub(crate) algorithm: Algorithm,
    /// Threads to search with.
    #[arg(long, env = "THREADS", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: u16,
    /// Keep every distance in the result file, not only what aggregation needs.
    #[arg(long)]
    pub(crate) distances: bool,
    /// Write a line of JSON with times in milliseconds to standard error.
    #[arg(long)]
    pub(crate) timings: bool,
    #[command(flatten)]
    pub(crate) target: Target,
    /// Write the result file to this folder instead.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) output: Option<PathBuf>,
    /// The id of this job; a child's `:INDEX` is cut off.
    #[arg(long, env = "AWS_BATCH_JOB_ID", default_value = "local", value_name = "ID")]
    pub(crate) job_id: String,
    /// Which child of the array this is, from 0.
    #[arg(long, env = "AWS_BATCH_JOB_ARRAY_INDEX", default_value_t = 0, value_name = "INDEX")]
    pub(crate) array_index: u32,
    /// Of how many children.
    #[arg(long, env = "AWS_BATCH_JOB_ARRAY_SIZE", default_value_t = 1, value_name = "SIZE")]
    pub(crate) array_size: u32,
}

/// Where results are.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// The bucket of the result files; without one, results are shown.
    #[arg(long, env = "BUCKET_NAME")]
    pub(crate) bucket: Option<String>,
    /// What the keys of the result files start with.
    #[arg(long, env = "RESULT_PREFIX", default_value = "", hide_default_value = true)]
    pub(crate) prefix: String,
}

#[derive(Debug, Args)]
pub(crate) struct Aggregate {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Read the result files from this folder instead, and write the summary there.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) input: Option<PathBuf>,
    /// The array job whose results to join; not needed when results of only one are there.
    #[arg(long, env = "ARRAY_JOB_ID", value_name = "ID")]
    pub(crate) array_job_id: Option<String>,
    /// Show the summary as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Generate {
    /// How many nodes.
    #[arg(long, value_parser = clap::value_parser!(u32).range(2..=20_000_000))]
    pub(crate) nodes: u32,
    /// The same seed gives the same network.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// A path or s3://BUCKET/KEY; `.gr` gives DIMACS, anything else TNTP. Without it the network is shown as TNTP.
    #[arg(long)]
    pub(crate) output: Option<String>,
}
