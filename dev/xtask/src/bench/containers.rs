//! `cargo xtask bench containers`: containers a second through the API, durable and with output files, beside plain `crun run` and
//! `runc run` of the same root and `podman run` with as many at once, taking turns in one run; and how long a container takes to start when its
//! image is here and when it is not.

mod image;
mod latency;
mod longshore;
mod plain;
mod podman;
mod report;

use super::row::Row;
use crate::output::talk;
use crate::packages;
use crate::stage::root;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// What is run, serves images and has the root of all containers.
const PACKAGES: &[&str] = &["busybox-static", "crun", "docker-registry", "podman", "python3", "runc"];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Containers per run.
    #[arg(long, default_value_t = 400)]
    containers: u32,
    /// Containers at once.
    #[arg(long, default_value_t = 4)]
    at_once: usize,
    /// Runs of each contender, taking turns; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Containers whose start is timed, with an image that is here and with one that is not.
    #[arg(long, default_value_t = 10)]
    starts: usize,
    /// 40 containers, one round, three starts.
    #[arg(long)]
    quick: bool,
}

/// One run: so many containers, so many at once, everything written below the directory.
#[derive(Debug)]
struct Round<'a> {
    containers: u32,
    at_once: usize,
    directory: PathBuf,
    image: &'a image::Image,
}

/// Runs the containers and returns the seconds that it took.
type Contender = fn(&Round<'_>) -> Result<f64>;

/// A name, by how much fewer containers it runs because it is slow, and how.
const CONTENDERS: [(&str, u32, Contender); 6] = [
    ("crun run", 1, |round| plain::run("crun", &[], round)),
    ("crun run, no control groups", 1, |round| plain::run("crun", &["--cgroup-manager=disabled"], round)),
    ("runc run", 1, |round| plain::run("runc", &[], round)),
    (report::OURS, 1, longshore::run),
    ("podman run", 10, podman::run),
    ("longshore by podman", 10, podman::engine),
];

pub(crate) fn run(args: &Args) -> Result<()> {
    let (containers, rounds, starts) =
        if args.quick { (40, 1, 3) } else { (args.containers, args.rounds.max(1), args.starts.max(1)) };
    packages::ensure(PACKAGES)?;
    super::server::build()?;
    let folder = folder()?;
    let image = image::make(&folder)?;
    let mut rows: Vec<Row> = CONTENDERS.iter().map(|(name, ..)| Row::new(name)).collect();
    for round in 1..=rounds {
        for (row, (name, fewer, contender)) in rows.iter_mut().zip(CONTENDERS).filter(|(row, _)| row.takes_part()) {
            let containers = (containers / fewer).max(1);
            talk(&format!("round {round} of {rounds}: {name}, {containers} containers"));
            let directory = folder.join(format!("{}-{round}", name.replace([' ', ','], "-")));
            fs::create_dir_all(&directory).with_context(|| format!("failed to make {}", directory.display()))?;
            match contender(&Round { containers, at_once: args.at_once, directory, image: &image }) {
                Ok(seconds) => row.measured(containers, seconds),
                // A peer's trouble is said in its row; ours ends the run.
                Err(reason) if name != report::OURS => *row = Row::absent(name, &reason),
                Err(reason) => return Err(reason),
            }
        }
    }
    talk(&format!("{starts} starts with images that are here, and with images that are not"));
    let latency = latency::measure(&folder, &image, starts)?;
    report::figures(args.at_once, &rows, &latency).publish()
}

/// A fresh folder for everything that this run writes.
fn folder() -> Result<PathBuf> {
    let folder = root().join("target/bench/containers");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("failed to remove {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("failed to make {}", folder.display()))?;
    Ok(folder)
}

/// Loads the image into the store of a server that is about to start in `directory`.
fn load(directory: &Path, image: &image::Image) -> Result<()> {
    let program = root().join("target/release/longshore");
    let mut command = crate::stage::command(program, &["image", "load"]);
    command.arg(&image.archive).arg("--data-dir").arg(directory.join("data"));
    let output = command.output().context("failed to start longshore image load")?;
    anyhow::ensure!(output.status.success(), "longshore image load: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
