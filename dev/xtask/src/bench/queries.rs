//! `cargo xtask bench queries`: DescribeJobs of 100 jobs and pages of ListJobs with many jobs active and as many ended, while
//! short jobs run; beside the same server's answer to DescribeJobs of no job, in the same minute and under the same load.

use super::figures::{Figure, Figures, quantile};
use super::folder;
use super::load::{self, Connection};
use super::server::{self, Server};
use crate::output::talk;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const CONNECTIONS: u32 = 16;
/// DescribeJobs takes no more.
const PER_CALL: usize = 100;
/// The pause between two looks whether a job has ended.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Children of the array that has ended, and of the array that is active.
    #[arg(long, default_value_t = 1_000_000)]
    children: u32,
    /// Single jobs that wait besides.
    #[arg(long, default_value_t = 100_000)]
    singles: u32,
    /// Calls of each kind.
    #[arg(long, default_value_t = 1_000)]
    calls: u32,
    /// 20,000 children, 2,000 single jobs, 200 calls.
    #[arg(long)]
    quick: bool,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    server::build()?;
    let folder = folder::fresh("queries")?;
    let (children, singles, calls) =
        if args.quick { (20_000, 2_000, 200) } else { (args.children, args.singles, args.calls) };
    let server = Server::start(&folder, std::thread::available_parallelism()?.get())?;
    let mut connection = Connection::open(server.authority())?;
    talk(&format!("{children} children end, {children} are active, {singles} single jobs wait"));
    let ended = array(&mut connection, children)?;
    terminate(&mut connection, &ended)?;
    let active = array(&mut connection, children)?;
    let single = load::request(server.authority(), "SubmitJob", &job().to_string());
    load::repeat(server.authority(), &single, singles, CONNECTIONS)?;
    let waiting = page(&mut connection, &json!({ "jobQueue": "default", "jobStatus": "RUNNABLE" }))?;

    let nobody = json!({ "jobs": ["00000000-0000-0000-0000-000000000000"] });
    let idle = times(&mut connection, "DescribeJobs", calls, |_| nobody.clone())?;
    let spread = |id: &str, call: u32| {
        let index = |place: u32| (call * 7_919 + place * (children / 100).max(1)) % children;
        json!({ "jobs": (0..100).map(|place| format!("{id}:{}", index(place))).collect::<Vec<_>>() })
    };
    let kinds = [
        ("DescribeJobs(100), waiting single jobs", "DescribeJobs", json!({ "jobs": waiting })),
        ("ListJobs, waiting jobs of the queue", "ListJobs", json!({ "jobQueue": "default", "jobStatus": "RUNNABLE" })),
        ("ListJobs, ended children", "ListJobs", json!({ "arrayJobId": ended, "jobStatus": "FAILED" })),
        ("ListJobs, active children", "ListJobs", json!({ "arrayJobId": active, "jobStatus": "RUNNABLE" })),
    ];
    let mut measured = Vec::new();
    for (name, operation, body) in kinds {
        measured.push((name, times(&mut connection, operation, calls, |_| body.clone())?));
    }
    for (name, id) in [("DescribeJobs(100), ended children", &ended), ("DescribeJobs(100), active children", &active)] {
        measured.push((name, times(&mut connection, "DescribeJobs", calls, |call| spread(id, call))?));
    }
    let mut figures = Vec::new();
    for (name, mut ours) in measured {
        for (part, suffix) in [(0.5, "p50"), (0.99, "p99")] {
            let peer = quantile(&mut idle.clone(), part);
            let figure = Figure::new(format!("{name}, {suffix}"), quantile(&mut ours, part), "ms");
            figures.push(figure.beside("DescribeJobs of no job", peer));
        }
    }
    let title = format!("{children} children active and as many ended, {singles} single jobs wait, short jobs run");
    Figures { bench: "queries", title, figures }.publish()
}

fn job() -> Value {
    json!({
        "jobName": "short", "jobQueue": "default", "jobDefinition": "host",
        "containerOverrides": { "command": ["/bin/true"] },
    })
}

fn array(connection: &mut Connection, children: u32) -> Result<String> {
    let mut array = job();
    array["arrayProperties"] = json!({ "size": children });
    let id = connection.call("SubmitJob", &array)?["jobId"].clone();
    Ok(id.as_str().context("SubmitJob answers no id")?.to_owned())
}

fn terminate(connection: &mut Connection, id: &str) -> Result<()> {
    connection.call("TerminateJob", &json!({ "jobId": id, "reason": "bench" }))?;
    loop {
        let answer = connection.call("DescribeJobs", &json!({ "jobs": [id] }))?;
        match answer["jobs"][0]["status"].as_str() {
            Some("FAILED" | "SUCCEEDED") => return Ok(()),
            Some(_) => std::thread::sleep(LOOK_AGAIN),
            None => bail!("the array is not known: {answer}"),
        }
    }
}

/// The ids of a page of ListJobs.
fn page(connection: &mut Connection, list: &Value) -> Result<Vec<Value>> {
    let answer = connection.call("ListJobs", list)?;
    let jobs = answer["jobSummaryList"].as_array().context("ListJobs answers no list")?;
    // The oldest is of the array, whose children are asked for by themselves.
    Ok(jobs.iter().map(|job| job["jobId"].clone()).take(PER_CALL).collect())
}

/// Milliseconds of each call.
fn times(connection: &mut Connection, operation: &str, calls: u32, body: impl Fn(u32) -> Value) -> Result<Vec<f64>> {
    let mut call = |number: u32| -> Result<f64> {
        let body = body(number);
        let begin = Instant::now();
        connection.call(operation, &body)?;
        Ok(begin.elapsed().as_secs_f64() * 1e3)
    };
    (0..calls).map(&mut call).collect()
}
