//! The raw limit and the peers that are a program or two. Each is run as its users run it.

use super::PROGRAM;
use super::contender::{Contender, Round};
use crate::packages;
use crate::stage::{command, root, run as run_command};
use anyhow::{Context, Result, bail};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// `bench/short-jobs/launch.c`.
pub(super) struct Raw {
    program: PathBuf,
}

impl Raw {
    pub(super) fn build(folder: &Path) -> Result<Self> {
        packages::ensure(&["gcc", "libc6-dev"])?;
        let program = folder.join("launch");
        let mut compiler = command("gcc", &["-O2", "-Wall", "-o"]);
        run_command(compiler.arg(&program).arg("bench/short-jobs/launch.c"))?;
        Ok(Self { program })
    }
}

impl Contender for Raw {
    fn run(&mut self, round: &Round) -> Result<f64> {
        seconds_printed(arguments(&mut Command::new(&self.program), round))
    }
}

/// The arguments that the raw limit and the HyperQueue script share.
fn arguments<'a>(command: &'a mut Command, round: &Round) -> &'a mut Command {
    command.args([round.jobs.to_string(), round.slots.to_string()]).arg(&round.directory).arg(PROGRAM)
}

fn seconds_printed(command: &mut Command) -> Result<f64> {
    let output = command.stderr(Stdio::inherit()).output().context("failed to start a contender")?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!("{} failed ({})", command.get_program().display(), output.status);
    }
    let last = text.trim_end().lines().last().unwrap_or_default();
    last.parse().with_context(|| format!("not a number of seconds: {last:?}"))
}

/// Without output files, which it has none of.
pub(super) struct Xargs;

impl Contender for Xargs {
    fn run(&mut self, round: &Round) -> Result<f64> {
        let slots = round.slots.to_string();
        fed_with_numbers(command("xargs", &["-P", &slots, "-n", "1", "-d", "\\n", PROGRAM]), round.jobs)
    }
}

/// Its output grouping writes a file per job and reads it again.
pub(super) struct GnuParallel;

impl GnuParallel {
    pub(super) fn install() -> Result<Self> {
        packages::ensure(&["parallel"])?;
        Ok(Self)
    }
}

impl Contender for GnuParallel {
    fn run(&mut self, round: &Round) -> Result<f64> {
        let slots = round.slots.to_string();
        fed_with_numbers(command("parallel", &["--will-cite", "-j", &slots, PROGRAM]), round.jobs)
    }

    fn jobs_at_most(&self) -> u32 {
        3_000
    }
}

/// Runs a command that reads one argument a line.
fn fed_with_numbers(mut command: Command, jobs: u32) -> Result<f64> {
    let begin = Instant::now();
    let mut child = command.stdin(Stdio::piped()).spawn().context("failed to start a contender")?;
    let lines: String = (0..jobs).map(|number| format!("{number}\n")).collect();
    let mut input = child.stdin.take().context("the contender has no input")?;
    input.write_all(lines.as_bytes()).context("failed to feed a contender")?;
    drop(input);
    let status = child.wait().context("failed to wait for a contender")?;
    if !status.success() {
        bail!("{} failed ({status})", command.get_program().display());
    }
    Ok(begin.elapsed().as_secs_f64())
}

/// From PyPI, in an environment of its own.
pub(super) struct HyperQueue {
    python: PathBuf,
}

impl HyperQueue {
    pub(super) fn install(folder: &Path) -> Result<Self> {
        packages::ensure(&["python3-venv"])?;
        let venv = folder.join("hyperqueue-venv");
        run_command(command("python3", &["-m", "venv"]).arg(&venv))?;
        let python = venv.join("bin/python");
        run_command(&mut command(&python, &["-m", "pip", "install", "--quiet", "hyperqueue==0.27.0"]))?;
        Ok(Self { python })
    }
}

impl Contender for HyperQueue {
    fn run(&mut self, round: &Round) -> Result<f64> {
        seconds_printed(arguments(
            Command::new(&self.python).arg(root().join("bench/short-jobs/local_cluster.py")),
            round,
        ))
    }
}

/// moto runs each job in a Docker container, or not at all (`batch_simple`): there is no process per job to measure.
pub(super) fn moto() -> Result<Box<dyn Contender>> {
    bail!("not comparable: its jobs are Docker containers, or with batch_simple nothing at all")
}
