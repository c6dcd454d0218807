//! What takes part: ourselves, the raw limit, and the peers.

use super::longshore::{Array, Singles};
use super::peers::{GnuParallel, HyperQueue, Raw, Xargs, moto};
use super::slurm::Slurm;
use anyhow::Result;
use std::path::{Path, PathBuf};

/// The name of the row that ratios are of.
pub(super) const RAW: &str = "raw limit";

/// One run: so many jobs, so many at once, everything written below the directory.
#[derive(Debug)]
pub(super) struct Round {
    pub(super) jobs: u32,
    pub(super) slots: usize,
    pub(super) directory: PathBuf,
}

/// Something that runs many short jobs.
pub(super) trait Contender {
    /// Runs the jobs to their end and returns the seconds that it took.
    fn run(&mut self, round: &Round) -> Result<f64>;

    /// More would take too long.
    fn jobs_at_most(&self) -> u32 {
        u32::MAX
    }
}

/// Makes a contender ready; the error says why it cannot take part.
pub(super) type Prepare = fn(&Path) -> Result<Box<dyn Contender>>;

/// Everything that may take part, by name.
pub(super) fn all(quick: bool) -> Vec<(&'static str, Prepare)> {
    let ours: [(&str, Prepare); 4] = [
        (RAW, |folder| Ok(Box::new(Raw::build(folder)?))),
        ("longshore, one array", |_| Ok(Box::new(Array::build()?))),
        ("longshore, single jobs", |_| Ok(Box::new(Singles::build()?))),
        ("xargs -P", |_| Ok(Box::new(Xargs))),
    ];
    let peers: [(&str, Prepare); 4] = [
        ("GNU parallel", |_| Ok(Box::new(GnuParallel::install()?))),
        ("HyperQueue", |folder| Ok(Box::new(HyperQueue::install(folder)?))),
        ("Slurm", |folder| Ok(Box::new(Slurm::install(folder)?))),
        ("moto's Batch", |_| moto()),
    ];
    ours.into_iter().chain(peers.into_iter().filter(|_| !quick)).collect()
}
