//! Fixed pieces of the server's work, one a process, so that what each takes can be counted: `cargo xtask bench
//! instructions` does. They read no clock and draw nothing at random. And what fills a database for `cargo xtask bench
//! queries`.

mod fill;
mod output;
mod rows;
mod writing;

use anyhow::{Result, ensure};
use clap::Parser;
use longshore_engine::{Change, Config, Engine};
use longshore_store::Store;
use longshore_types::{JobRef, Timestamp};
use rows::Rows;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use writing::Writing;

/// As in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Children in one commit.
const COMMITTED: u32 = 1_000;
/// Children and single jobs that are there already.
const KEPT: u32 = 10_000;
/// Calls of DescribeJobs, and jobs in each: the most that it takes.
const CALLS: u32 = 10;
const PER_CALL: u32 = 100;

#[derive(Debug, Parser)]
enum Work {
    /// Writes what the others read; not counted.
    Prepare { directory: PathBuf },
    /// One commit of a thousand children, with their log streams and events.
    Commit { directory: PathBuf },
    /// What DescribeJobs reads of a hundred children, ten times.
    Describe { directory: PathBuf },
    /// A start-up with an array of 10,000 ended children and 10,000 single jobs.
    Restore { directory: PathBuf },
    /// Many jobs into a server's database.
    Fill(fill::Args),
}

fn main() -> Result<()> {
    let kept = |directory: &Path| directory.join("kept.db");
    match Work::parse() {
        Work::Prepare { directory } => prepare(&kept(&directory)),
        Work::Commit { directory } => commit(&directory.join("commit.db")),
        Work::Describe { directory } => describe(&kept(&directory)),
        Work::Restore { directory } => restore(&kept(&directory)),
        Work::Fill(args) => fill::run(&args),
    }
}

fn prepare(path: &Path) -> Result<()> {
    let rows = Rows::new()?;
    let mut changes = vec![Change::PutJob(Arc::new(rows.array(KEPT)))];
    for number in 1..=KEPT {
        changes.push(Change::PutJob(Arc::new(rows.job(number))));
        changes.extend(rows.ended_child(number - 1));
    }
    write(path, changes)
}

fn commit(path: &Path) -> Result<()> {
    let rows = Rows::new()?;
    write(path, (0..COMMITTED).flat_map(|index| rows.ended_child(index)).collect())
}

fn write(path: &Path, changes: Vec<Change>) -> Result<()> {
    let mut writing = Writing::start(Store::open(path)?)?;
    writing.commit(changes)?;
    writing.finish()
}

fn describe(path: &Path) -> Result<()> {
    let reader = Store::open(path)?.reader();
    for call in 0..CALLS {
        let child = |place: u32| JobRef::Child(rows::job_id(0), (call * 7_919 + place * 97) % KEPT);
        let found = reader.jobs(&(0..PER_CALL).map(child).collect::<Vec<_>>())?;
        ensure!(found.iter().all(Option::is_some), "a child is missing");
    }
    Ok(())
}

fn restore(path: &Path) -> Result<()> {
    let snapshot = Store::open(path)?.load()?;
    let engine = Engine::restore(Config::default(), 7, Timestamp::from_millis(0), snapshot);
    // To its end: it would be the operating system that takes its memory back.
    drop(engine);
    Ok(())
}
