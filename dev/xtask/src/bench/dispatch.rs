//! `cargo xtask bench dispatch`: the control plane alone (`bench/dispatch`) at growing depths, a process each, so that memory
//! can be read off it: placements per second, what one costs, and what each waiting job costs in memory; with queues that
//! have a fair-share policy, and with such as are first in, first out.

use super::plot::{Bar, bars};
use crate::output::{data, talk};
use crate::stage::{command, root, run as run_stage};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;

const PROGRAM: &str = "target/release/dispatch";
/// Jobs that end between two commits: one by one, and as many as come together under load.
const BATCHES: [u32; 2] = [1, 100];
/// Flags for the order in which queues are served: shares, and first in, first out.
const ORDERS: [Option<&str>; 2] = [None, Some("--fifo")];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many jobs wait, one run for each.
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 100_000, 1_000_000])]
    queued: Vec<u32>,
    /// Hosts of 64 vCPUs.
    #[arg(long, default_value_t = 1_000)]
    hosts: u32,
    /// Fewer hosts, jobs and placements.
    #[arg(long)]
    quick: bool,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    run_stage(&mut command("cargo", &["build", "--release", "--quiet", "--package", "dispatch"]))?;
    let (hosts, placements) = if args.quick { (100, 2_000) } else { (args.hosts, 50_000) };
    let quick = [2_000, 20_000];
    let depths = if args.quick { &quick[..] } else { &args.queued };
    let mut rows = Vec::new();
    for &queued in depths {
        for (batch, order) in BATCHES.into_iter().flat_map(|batch| ORDERS.map(|order| (batch, order))) {
            talk(&format!("{queued} queued, {batch} ending at a time {}", order.unwrap_or_default()));
            let flags = [
                ("queued", queued),
                ("hosts", hosts),
                ("placements", placements / (10 / batch.min(10))),
                ("batch", batch),
            ];
            let words = flags.iter().map(|(name, value)| format!("--{name}={value}"));
            rows.push(measure(&words.chain(order.map(str::to_owned)).collect::<Vec<_>>())?);
        }
    }
    let children = depths.iter().copied().max().unwrap_or(1);
    let array = measure(&["--array".to_owned(), format!("--queued={children}"), format!("--hosts={hosts}")])?;
    let report = json!({ "rows": rows, "array": array });
    let folder = root().join("bench/results");
    fs::create_dir_all(&folder).with_context(|| format!("failed to make {}", folder.display()))?;
    for (kind, text) in [("json", format!("{report:#}\n")), ("svg", plot(&rows))] {
        let file = folder.join(format!("dispatch.{kind}"));
        fs::write(&file, text).with_context(|| format!("failed to write {}", file.display()))?;
    }
    data(&table(&rows, &array)?);
    Ok(())
}

fn measure(words: &[String]) -> Result<Value> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = command(root().join(PROGRAM), &words).output().with_context(|| format!("failed to start {PROGRAM}"))?;
    if !done.status.success() {
        bail!("{PROGRAM} {} failed: {}", words.join(" "), String::from_utf8_lossy(&done.stderr));
    }
    serde_json::from_slice(&done.stdout).with_context(|| format!("failed to read what {PROGRAM} says"))
}

fn plot(rows: &[Value]) -> String {
    let bar = |row: &Value| Bar {
        name: format!("{} queued, {}, {}", row["queued"], row["batch"], row["order"].as_str().unwrap_or_default()),
        value: row["placements_per_second"].as_f64().unwrap_or_default(),
        ours: row["batch"] == BATCHES[1],
    };
    bars("placements per second of processor time", &rows.iter().map(bar).collect::<Vec<_>>())
}

/// The last line is the ratio that matters: what a placement costs at the greatest depth to what it costs at the least.
fn table(rows: &[Value], array: &Value) -> Result<String> {
    let mut text = format!(
        "{:>9}  {:>5}  {:<10}  {:>12}  {:>14}  {:>10}  {:>9}\n",
        "queued", "batch", "order", "placements/s", "us a placement", "submits/s", "bytes/job"
    );
    for row in rows {
        let number = |name: &str| row[name].as_f64().with_context(|| format!("{PROGRAM} did not say {name}"));
        writeln!(
            text,
            "{:>9}  {:>5}  {:<10}  {:>12.0}  {:>14.1}  {:>10.0}  {:>9.0}",
            number("queued")?,
            number("batch")?,
            row["order"].as_str().unwrap_or_default(),
            number("placements_per_second")?,
            number("microseconds_per_placement")?,
            number("submits_per_second")?,
            number("bytes_per_queued_job")?,
        )?;
    }
    let of_array = |name: &str| array[name].as_f64().with_context(|| format!("{PROGRAM} did not say {name}"));
    writeln!(
        text,
        "array of {}, submitted in {:.3} s: {:.1} bytes a child that waits, {:.0} one that runs, {:.1} one that has ended",
        of_array("children")?,
        of_array("seconds_to_submit")?,
        of_array("bytes_per_queued_child")?,
        of_array("bytes_per_running_child")?,
        of_array("bytes_per_ended_child")?,
    )?;
    let cost = |row: Option<&Value>| row.and_then(|row| row["microseconds_per_placement"].as_f64()).unwrap_or(0.0);
    let fair: Vec<&Value> =
        rows.iter().filter(|row| row["batch"] == BATCHES[1] && row["order"] == "fair share").collect();
    let (least, most) = (cost(fair.first().copied()), cost(fair.last().copied()));
    write!(text, "cost at the greatest depth / at the least, {} at a time: {:.2}", BATCHES[1], most / least)?;
    Ok(text)
}
