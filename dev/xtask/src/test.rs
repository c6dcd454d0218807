//! `cargo xtask test`: installs what the tests need and runs every check and every test, in stages.
//! Nothing is skipped quietly: what is missing and cannot be installed fails the run.

mod install;
mod kernel;

use crate::stage::{Stages, command, root, run as run_command};
use anyhow::{Result, bail};

/// A name and what it does.
type Stage = (&'static str, fn() -> Result<()>);

/// The stages, in order.
const STAGES: &[Stage] = &[
    ("install", install::run),
    ("fmt", fmt),
    ("clippy", clippy),
    ("tidy", tidy),
    ("codegen", codegen),
    ("doc", doc),
    ("rust", rust),
    ("build", build),
    ("simulation", simulation),
    ("black-box", black_box),
    ("bench", bench),
];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Run only these stages: install, fmt, clippy, tidy, codegen, doc, rust, build, simulation, black-box, bench.
    #[arg(long, value_name = "STAGE", value_delimiter = ',')]
    only: Vec<String>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    if let Some(unknown) = args.only.iter().find(|name| !STAGES.iter().any(|(stage, _)| stage == *name)) {
        let names: Vec<&str> = STAGES.iter().map(|(stage, _)| *stage).collect();
        bail!("no such stage: {unknown}; the stages are {}", names.join(", "));
    }
    let mut stages = Stages::default();
    let mut chosen =
        STAGES.iter().filter(|(name, _)| args.only.is_empty() || args.only.iter().any(|only| only == name));
    let result = chosen.try_for_each(|&(name, stage)| stages.run(name, stage));
    crate::output::data(&stages.summary());
    result
}

fn fmt() -> Result<()> {
    run_command(&mut command("cargo", &["fmt", "--all", "--check"]))
}

fn clippy() -> Result<()> {
    run_command(&mut command("cargo", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn tidy() -> Result<()> {
    run_command(&mut command("cargo", &["xtask", "tidy"]))
}

fn codegen() -> Result<()> {
    run_command(&mut command("cargo", &["xtask", "codegen", "--check"]))
}

fn doc() -> Result<()> {
    let mut doc = command("cargo", &["doc", "--workspace", "--no-deps"]);
    run_command(doc.env("RUSTDOCFLAGS", "-D warnings"))
}

/// Property tests try the same cases in every run, so that a change is judged by what it changes. Plain `cargo test`
/// tries new ones each time.
fn rust() -> Result<()> {
    run_command(command("cargo", &["test", "--workspace", "--no-fail-fast"]).env("PROPTEST_RNG_SEED", "20261121"))
}

/// The programs that the black-box tests and benches run, as users get them.
pub(crate) fn build() -> Result<()> {
    run_command(&mut command("cargo", &["build", "--release", "-p", "longshore", "-p", "shortest-path"]))
}

/// Random lives of the server and its agents, in the program as users get it; the failing ones of the past are among the
/// tests of `sim`.
fn simulation() -> Result<()> {
    let program = root().join("target/release/longshore");
    run_command(&mut command(program, &["sim", "fuzz", "--seeds", "20000"]))
}

fn black_box() -> Result<()> {
    let python = root().join(".venv/bin/python");
    run_command(&mut command(python, &["-m", "pytest", "tests"]))
}

fn bench() -> Result<()> {
    run_command(&mut command("cargo", &["xtask", "bench", "instructions"]))?;
    run_command(&mut command("cargo", &["xtask", "bench", "shortest-path", "--quick"]))
}
