//! `cargo xtask bench queries`: DescribeJobs of 100 jobs and pages of ListJobs with a million jobs active and a million ended,
//! while short jobs run; beside the same server's answer to DescribeJobs of no job, under the same load.
//!
//! Half of the jobs are single ones, half the children of one array. A server runs two jobs; then `bench/work` writes
//! copies of them into its database, by its own store and in its own rows, and the server starts again.

mod kinds;

use super::figures::{Figure, Figures, quantile};
use super::folder;
use super::load::{self, Connection};
use super::server::{self, Server};
use crate::output::talk;
use crate::stage::{command, root, run as run_command};
use anyhow::{Context, Result, ensure};
use kinds::{Filled, Kind};
use serde_json::Value;
use std::path::Path;
use std::time::Instant;

const WORK: &str = "target/release/work";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Single jobs that have ended, single jobs that wait, children that have ended, and children that wait.
    #[arg(long, default_value_t = 500_000)]
    each: u32,
    /// Calls of each kind.
    #[arg(long, default_value_t = 1_000)]
    calls: u32,
    /// 10,000 of each, 200 calls.
    #[arg(long)]
    quick: bool,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    server::build()?;
    run_command(&mut command("cargo", &["build", "--quiet", "--release", "--package", "work"]))?;
    let folder = folder::fresh("queries")?;
    let (each, calls) = if args.quick { (10_000, 200) } else { (args.each, args.calls) };
    let filled = fill(&folder, each)?;
    let begin = Instant::now();
    let server = Server::start(&folder, std::thread::available_parallelism()?.get())?;
    let ready = begin.elapsed().as_secs_f64();
    let mut connection = Connection::open(server.authority())?;
    let mut figures = vec![Figure::new(format!("start of the server, {} active", 2 * each), ready, "s")];
    for kind in Kind::ALL {
        let wire = |(operation, body): (&str, Value)| load::request(server.authority(), operation, &body.to_string());
        let asked = (0..calls).map(|call| Ok(wire(filled.request(&mut connection, kind, call)?)));
        let asked = asked.collect::<Result<Vec<_>>>()?;
        let mut ours = times(&mut connection, &asked)?;
        let mut peer = times(&mut connection, &vec![wire(Filled::nobody()); asked.len()])?;
        for (part, suffix) in [(0.5, "p50"), (0.99, "p99")] {
            let figure = Figure::new(format!("{}, {suffix}", kind.name()), quantile(&mut ours, part), "ms");
            figures.push(figure.beside("DescribeJobs of no job", quantile(&mut peer, part)));
        }
    }
    let title = format!("{0} jobs active and {0} ended, half of them children; short jobs run", 2 * each);
    Figures { bench: "queries", title, figures }.publish()
}

/// Runs a single job and an array, and fills the database with copies.
fn fill(folder: &Path, each: u32) -> Result<Filled> {
    let server = Server::start(folder, 1)?;
    let single = server.run_to_success(&["submit", "--", "/bin/true"])?;
    let array = server.run_array(2, &["/bin/true"])?;
    drop(server);
    let id = |job: &Value| job["jobId"].as_str().map(str::to_owned).context("the job has no id");
    let (single, array) = (id(&single)?, id(&array)?);
    talk(&format!("filling the database with {} jobs", 4 * each));
    let begin = Instant::now();
    let database = folder.join("data/longshore.db").display().to_string();
    let words = ["fill", &database, &single, &array, &each.to_string()];
    let output = command(root().join(WORK), &words).output().with_context(|| format!("failed to start {WORK}"))?;
    ensure!(output.status.success(), "{WORK} failed: {}", String::from_utf8_lossy(&output.stderr));
    talk(&format!("filled in {:.0} s", begin.elapsed().as_secs_f64()));
    Filled::read(&output.stdout, each)
}

/// Milliseconds of each call, until all of the answer is here; it is not read.
fn times(connection: &mut Connection, requests: &[Vec<u8>]) -> Result<Vec<f64>> {
    let mut call = |request: &Vec<u8>| -> Result<f64> {
        let begin = Instant::now();
        connection.ask(request)?;
        Ok(begin.elapsed().as_secs_f64() * 1e3)
    };
    requests.iter().map(&mut call).collect()
}
