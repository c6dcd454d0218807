//! `cargo xtask demo`: builds everything and runs the main job end to end, on nothing but what is in this repository.

use crate::stage::{Stages, command, root, run as run_command};
use anyhow::{Context, Result};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Nodes of the road-like network: enough that the work is worth distributing, little enough to wait for.
const NODES: &str = "12000";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args) -> Result<()> {
    let mut stages = Stages::default();
    stages.run("build", crate::test::build)?;
    stages.run("five nodes, five children", || workload("five-node"))?;
    stages.run("network", generate)?;
    stages.run("road network, 64 children", || workload("road"))?;
    crate::output::data(&stages.summary());
    Ok(())
}

fn generate() -> Result<()> {
    let directory = root().join("target/demo");
    fs::create_dir_all(&directory)?;
    let program = root().join("target/release/shortest-path");
    let arguments = ["generate", "--nodes", NODES, "--seed", "1", "--output", "target/demo/road.gr"];
    run_command(&mut command(program, &arguments))
}

/// Runs a workload with the programs just built on the path of its jobs, and shows the summary that it ends in.
fn workload(name: &str) -> Result<()> {
    let file = format!("examples/workloads/shortest-path-{name}.yaml");
    let results = root().join("target/demo").join(name);
    if results.exists() {
        fs::remove_dir_all(&results).with_context(|| format!("failed to remove {}", results.display()))?;
    }
    let programs = root().join("target/release");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(programs.clone()).chain(std::env::split_paths(&path)))?;
    run_command(command(programs.join("longshore"), &["run", "--rm", &file]).env("PATH", path))?;
    show_summary(&results)
}

/// What the aggregation wrote, in a few lines.
fn show_summary(results: &Path) -> Result<()> {
    let is_summary = |path: &PathBuf| path.to_string_lossy().ends_with("_summary_shortest-path.json");
    let entries = fs::read_dir(results).with_context(|| format!("failed to read {}", results.display()))?;
    let path = entries.filter_map(|entry| Some(entry.ok()?.path())).find(is_summary);
    let path = path.with_context(|| format!("there is no summary in {}", results.display()))?;
    let summary: Value = serde_json::from_str(&fs::read_to_string(&path)?).context("the summary is not JSON")?;
    let most_central = summary["most_central"].as_array().into_iter().flatten().map(|origin| &origin["node"]);
    let lines = [
        ("reachable pairs", summary["reachable_pairs"].to_string()),
        ("mean distance", summary["mean_distance"].to_string()),
        ("longest path", longest(&summary["max_distance"])),
        ("checksum", summary["checksum"].to_string()),
        ("most central", most_central.map(Value::to_string).collect::<Vec<_>>().join(" ")),
    ];
    for (name, value) in lines {
        crate::output::data(&format!("{name:<16} {}", value.replace('"', "")));
    }
    Ok(())
}

fn longest(farthest: &Value) -> String {
    format!("{} from {} to {}", farthest["distance"], farthest["from"], farthest["to"])
}
