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
/// What callgrind writes.
const OUT: &str = "callgrind.out";

/// A piece of work that is counted.
struct Piece {
    name: &'static str,
    program: &'static str,
    arguments: Vec<String>,
    /// The function that it is, if what is around it does not count.
    only: Option<&'static str>,
}

/// Every piece; those of `bench/work` find their files in a folder.
fn pieces(folder: &Path) -> [Piece; 4] {
    let of_work = |name, piece: &str| {
        let arguments = vec![piece.to_owned(), folder.display().to_string()];
        Piece { name, program: WORK, arguments, only: None }
    };
    let placing = "--unmeasured --queued 2000 --hosts 10 --placements 500 --batch 100";
    [
        of_work("commit of 1,000 children", "commit"),
        of_work("DescribeJobs of 100 children, ten times", "describe"),
        of_work("start-up with 20,000 jobs and children", "restore"),
        // What it takes to fill the queues and the hosts is no placement.
        Piece {
            name: "500 placements, 2,000 jobs queued",
            program: DISPATCH,
            arguments: placing.split(' ').map(str::to_owned).collect(),
            only: Some("dispatch::world::World::end"),
        },
    ]
}

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
    run_command(&mut command(root().join(WORK), &["prepare", &folder.display().to_string()]))?;
    let mut counts = Counts::new();
    for piece in pieces(&folder) {
        counts.insert(piece.name.to_owned(), count(&folder, &piece)?);
        if functions {
            tell_functions(&folder, piece.name)?;
        }
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

fn count(folder: &Path, piece: &Piece) -> Result<u64> {
    let Piece { program, arguments, only, .. } = piece;
    talk(&format!("counting {program} {}", arguments.join(" ")));
    let mut valgrind = command("valgrind", &["--tool=callgrind"]);
    valgrind.arg(format!("--callgrind-out-file={}", folder.join(OUT).display()));
    valgrind.args(only.map(|function| format!("--toggle-collect={function}")));
    let done = valgrind.arg(root().join(program)).args(arguments).output().context("failed to start valgrind")?;
    let said = String::from_utf8_lossy(&done.stderr);
    if !done.status.success() {
        bail!("{program} failed under valgrind ({}): {said}", done.status);
    }
    judge::collected(&said).with_context(|| format!("callgrind has not said what it counted: {said}"))
}
