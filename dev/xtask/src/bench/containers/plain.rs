//! A runtime by itself, as its users run it: the specification that it writes, a read-only root, one program after another.

use super::Round;
use crate::stage::command;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

pub(super) fn run(program: &str, options: &[&str], round: &Round<'_>) -> Result<f64> {
    specify(program, round)?;
    let id = |number: u32| format!("longshore-bench-{program}-{}-{number}", std::process::id());
    let one = |number: u32| -> Result<()> {
        let mut run = command(program, options);
        run.arg("run").arg("--bundle").arg(&round.directory).arg(id(number)).stdin(Stdio::null());
        let output = run.output().with_context(|| format!("failed to start {program}"))?;
        ensure!(output.status.success(), "{program} run failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        Ok(())
    };
    side_by_side(round, one)
}

/// Seconds that all containers of a round take, so many at once.
pub(super) fn side_by_side(round: &Round<'_>, one: impl Fn(u32) -> Result<()> + Sync) -> Result<f64> {
    let (begin, one) = (Instant::now(), &one);
    std::thread::scope(|scope| {
        let worker = |first| move || (first..round.containers).step_by(round.at_once.max(1)).try_for_each(one);
        let first_numbers = 0..u32::try_from(round.at_once.max(1))?;
        let workers: Vec<_> = first_numbers.map(|first| scope.spawn(worker(first))).collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| anyhow::anyhow!("a thread panicked"))?)
    })?;
    Ok(begin.elapsed().as_secs_f64())
}

/// The runtime's own specification, with the program and the root of this benchmark.
fn specify(program: &str, round: &Round<'_>) -> Result<()> {
    let path = round.directory.join("config.json");
    spec(program, &round.directory)?;
    let mut document: Value = serde_json::from_slice(&fs::read(&path)?).context("failed to read a specification")?;
    document["process"]["terminal"] = json!(false);
    document["process"]["args"] = json!(["true"]);
    document["process"]["env"] = json!(["PATH=/bin"]);
    // A limit above the caller's own is not for everybody to set.
    document["process"]["rlimits"] = json!([]);
    document["root"] = json!({ "path": round.image.root, "readonly": true });
    fs::write(&path, document.to_string()).with_context(|| format!("failed to write {}", path.display()))
}

fn spec(program: &str, directory: &Path) -> Result<()> {
    let status = command(program, &["spec"]).current_dir(directory).status();
    ensure!(status.with_context(|| format!("failed to start {program}"))?.success(), "{program} spec failed");
    Ok(())
}
