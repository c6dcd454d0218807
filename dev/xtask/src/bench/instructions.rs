//! `cargo xtask bench instructions`: how many instructions fixed pieces of work take, as callgrind counts them. Unlike times,
//! they are the same on a busy machine, and nearly so on another one; so they are what a change is held to.
//!
//! The figures that are checked in are in `bench/instructions.json`; `--functions` says where they go.

mod functions;
mod judge;

use super::folder;
use crate::output::{data, talk};
use crate::packages;
use crate::stage::{command, root, run as run_command};
use anyhow::{Context, Result, bail};
use functions::Functions;
use judge::{Counts, Judgement};
use std::fs;
use std::path::{Path, PathBuf};

const WORK: &str = "target/release/work";
const DISPATCH: &str = "target/release/dispatch";
/// The pieces that `bench/work` has.
const PIECES: [(&str, &str); 3] = [
    ("commit of 1,000 children", "commit"),
    ("DescribeJobs of 100 children, ten times", "describe"),
    ("start-up with 20,000 jobs and children", "restore"),
];
/// What callgrind writes.
const OUT: &str = "callgrind.out";
const PLACEMENTS: &str = "500 placements, 2,000 jobs queued";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Write what is counted to `bench/instructions.json`, as what later runs are held to.
    #[arg(long)]
    accept: bool,
    /// Say in which functions the instructions of each piece of work are.
    #[arg(long, conflicts_with = "accept")]
    functions: bool,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    packages::ensure(&["valgrind"])?;
    let build = ["build", "--release", "--quiet", "--package", "work", "--package", "dispatch"];
    run_command(&mut command("cargo", &build))?;
    let counts = count_all(args.functions)?;
    let checked_in = checked_in();
    if args.accept {
        let json = serde_json::to_string_pretty(&counts)? + "\n";
        return fs::write(&checked_in, json).with_context(|| format!("failed to write {}", checked_in.display()));
    }
    let known = fs::read(&checked_in).with_context(|| format!("failed to read {}", checked_in.display()))?;
    let known: Counts = serde_json::from_slice(&known).context("failed to read the counts that are checked in")?;
    let judgement = Judgement::of(&known, &counts);
    data(&judgement.to_string());
    if judgement.is_bad() {
        bail!(
            "work takes more instructions than it may; if that is worth it, `cargo xtask bench instructions --accept` \
             writes the new counts, to be committed with the reason"
        );
    }
    Ok(())
}

fn checked_in() -> PathBuf {
    root().join("bench/instructions.json")
}

fn count_all(functions: bool) -> Result<Counts> {
    let folder = folder::fresh("instructions")?;
    let place = folder.display().to_string();
    run_command(&mut command(root().join(WORK), &["prepare", &place]))?;
    let mut counts = Counts::new();
    for (name, piece) in PIECES {
        counts.insert(name.to_owned(), count(&folder, WORK, &[piece, &place])?);
        if functions {
            tell_functions(&folder, name)?;
        }
    }
    let placing = ["--unmeasured", "--queued", "2000", "--hosts", "10", "--placements", "500", "--batch", "100"];
    counts.insert(PLACEMENTS.to_owned(), count(&folder, DISPATCH, &placing)?);
    if functions {
        tell_functions(&folder, PLACEMENTS)?;
    }
    Ok(counts)
}

fn tell_functions(folder: &Path, name: &str) -> Result<()> {
    let mut annotate = command("callgrind_annotate", &["--inclusive=yes", "--threshold=100"]);
    let done = annotate.arg(folder.join(OUT)).output().context("failed to start callgrind_annotate")?;
    if !done.status.success() {
        bail!("callgrind_annotate failed ({}): {}", done.status, String::from_utf8_lossy(&done.stderr));
    }
    let functions: Functions = String::from_utf8_lossy(&done.stdout).parse()?;
    data(&format!("{name}\n\n{functions}"));
    Ok(())
}

fn count(folder: &Path, program: &str, arguments: &[&str]) -> Result<u64> {
    talk(&format!("counting {program} {}", arguments.join(" ")));
    let mut valgrind = command("valgrind", &["--tool=callgrind"]);
    valgrind.arg(format!("--callgrind-out-file={}", folder.join(OUT).display()));
    if program == DISPATCH {
        // What it takes to fill the queues and the hosts is no placement.
        valgrind.arg("--toggle-collect=dispatch::world::World::end");
    }
    let done = valgrind.arg(root().join(program)).args(arguments).output().context("failed to start valgrind")?;
    let said = String::from_utf8_lossy(&done.stderr);
    if !done.status.success() {
        bail!("{program} failed under valgrind ({}): {said}", done.status);
    }
    judge::collected(&said).with_context(|| format!("callgrind has not said what it counted: {said}"))
}
