//! `cargo xtask bench shortest-path`: `examples/shortest-path` and `bench/shortest-path/boost.cpp` on the same origins,
//! one thread each, taking turns. Distances and checksums must agree, or there is no result.

mod programs;
mod report;
mod verify;

use crate::output::{data, talk};
use crate::stage::root;
use anyhow::{Context, Result};
use programs::{Case, Program, Programs, Times};
use std::fs;
use std::path::{Path, PathBuf};

/// The share of one child of this many, from the middle of the network, is the smaller case.
const CHILDREN: u32 = 32;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A TNTP network. Default: ChicagoRegional_net.tntp in the folder $LONGSHORE_DATA, or without that
    /// variable a generated network.
    #[arg(long)]
    network: Option<PathBuf>,
    /// A smaller generated network and fewer repetitions.
    #[arg(long)]
    quick: bool,
}

/// The times of one program on one case, a run each.
#[derive(Debug, serde::Serialize)]
struct Measured {
    case: Case,
    program: Program,
    runs: Vec<Times>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let programs = Programs::build()?;
    let network = network(args, &programs)?;
    talk(&format!("network {}", network.display()));
    verify::distances(&programs, &network)?;
    let mut measured = Vec::new();
    for (case, repetitions) in
        [(Case::OneChild, if args.quick { 3 } else { 9 }), (Case::AllOrigins, if args.quick { 1 } else { 3 })]
    {
        talk(&format!("{case}: {repetitions} runs each, taking turns"));
        measured.extend(take_turns(&programs, &network, case, repetitions)?);
    }
    let checksum = verify::checksums(&programs, &measured)?;
    let report = report::Report::new(&network, &checksum, measured);
    let file = root().join("bench/results/shortest-path.json");
    write(&file, &report.to_json()?)?;
    data(&report.to_text());
    Ok(())
}

fn take_turns(programs: &Programs, network: &Path, case: Case, repetitions: usize) -> Result<Vec<Measured>> {
    let started = |&program: &Program| Measured { case, program, runs: Vec::new() };
    let mut measured: Vec<Measured> = Program::of_case(case).iter().map(started).collect();
    for _ in 0..repetitions {
        for entry in &mut measured {
            entry.runs.push(programs.run(entry.program, network, case)?);
        }
    }
    Ok(measured)
}

fn network(args: &Args, programs: &Programs) -> Result<PathBuf> {
    if let Some(network) = &args.network {
        // Programs run at the root of the workspace.
        return network.canonicalize().with_context(|| format!("failed to find the network {}", network.display()));
    }
    if let Some(folder) = std::env::var_os("LONGSHORE_DATA").filter(|folder| !folder.is_empty()) {
        let network = Path::new(&folder).join("ChicagoRegional_net.tntp");
        return network.canonicalize().with_context(|| {
            format!("failed to find {}; correct LONGSHORE_DATA, unset it, or give --network", network.display())
        });
    }
    programs.generate(if args.quick { 3_000 } else { 12_000 })
}

fn write(file: &Path, text: &str) -> Result<()> {
    let folder = file.parent().context("failed to find the folder of results")?;
    fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
    fs::write(file, text).with_context(|| format!("failed to write {}", file.display()))
}
