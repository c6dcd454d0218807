//! `cargo xtask bench dispatch`: the control plane alone (`bench/dispatch`) at growing depths, a process each, so that memory
//! can be read off it: placements per second, what one costs, and what each waiting job costs in memory.

use crate::output::{data, talk};
use crate::stage::{command, root, run as run_stage};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;

const PROGRAM: &str = "target/release/dispatch";
/// Jobs that end between two commits: one by one, and as many as come together under load.
const BATCHES: [u32; 2] = [1, 100];

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
        for batch in BATCHES {
            talk(&format!("{queued} queued, {batch} ending at a time"));
            let flags =
                [("queued", queued), ("hosts", hosts), ("placements", placements / (100 / batch)), ("batch", batch)];
            let words: Vec<String> = flags.iter().map(|(name, value)| format!("--{name}={value}")).collect();
            rows.push(measure(&words)?);
        }
    }
    let children = depths.iter().copied().max().unwrap_or(1);
    let array = measure(&["--array".to_owned(), format!("--queued={children}")])?;
    let report = json!({ "rows": rows, "array": array });
    let folder = root().join("bench/results");
    fs::create_dir_all(&folder).with_context(|| format!("failed to make {}", folder.display()))?;
    let file = folder.join("dispatch.json");
    fs::write(&file, format!("{report:#}\n")).with_context(|| format!("failed to write {}", file.display()))?;
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

/// The last line is the ratio that matters: what a placement costs at the greatest depth to what it costs at the least.
fn table(rows: &[Value], array: &Value) -> Result<String> {
    let mut text = format!(
        "{:>9}  {:>5}  {:>12}  {:>14}  {:>10}  {:>9}\n",
        "queued", "batch", "placements/s", "us a placement", "submits/s", "bytes/job"
    );
    for row in rows {
        let number = |name: &str| row[name].as_f64().with_context(|| format!("{PROGRAM} did not say {name}"));
        writeln!(
            text,
            "{:>9}  {:>5}  {:>12.0}  {:>14.1}  {:>10.0}  {:>9.0}",
            number("queued")?,
            number("batch")?,
            number("placements_per_second")?,
            number("microseconds_per_placement")?,
            number("submits_per_second")?,
            number("bytes_per_queued_job")?,
        )?;
    }
    let of_array = |name: &str| array[name].as_f64().with_context(|| format!("{PROGRAM} did not say {name}"));
    writeln!(
        text,
        "array of {}: {:.1} bytes a child, submitted in {:.3} s",
        of_array("children")?,
        of_array("bytes_per_queued_child")?,
        of_array("seconds_to_submit")?
    )?;
    let cost = |row: Option<&Value>| row.and_then(|row| row["microseconds_per_placement"].as_f64());
    let last = BATCHES.len() - 1;
    let (least, most) = (cost(rows.get(last)).unwrap_or(0.0), cost(rows.last()).unwrap_or(0.0));
    write!(text, "cost at the greatest depth / at the least, {} at a time: {:.2}", BATCHES[last], most / least)?;
    Ok(text)
}
