//! `cargo xtask demo`: builds everything and runs the main job end to end, on nothing but what is in this repository.

use crate::stage::{Stages, command, root, run as run_command};
use anyhow::Result;
use std::fs;

/// Nodes of the road-like network: enough that the work is worth distributing, little enough to wait for.
const NODES: &str = "12000";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args) -> Result<()> {
    let mut stages = Stages::default();
    stages.run("build", crate::test::build)?;
    stages.run("five nodes, five children", || workload("examples/workloads/shortest-path-five-node.yaml"))?;
    stages.run("network", generate)?;
    stages.run("road network, 64 children", || workload("examples/workloads/shortest-path-road.yaml"))?;
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

/// Runs a workload file with the programs just built on the path of its jobs.
fn workload(file: &str) -> Result<()> {
    let programs = root().join("target/release");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(programs.clone()).chain(std::env::split_paths(&path)))?;
    run_command(command(programs.join("longshore"), &["run", "--rm", file]).env("PATH", path))
}
