//! Measures durable rows per second for commits of several sizes, the longest commit, and how fast a start-up loads:
//! `cargo run --release -p longshore-store --example commits [directory]`.
#![expect(clippy::print_stdout, reason = "its output is the measurement")]

use longshore_engine::Change;
use longshore_engine::entity::{
    Array, ChildDefault, ChildRow, Container, CurrentAttempt, DefinitionId, Job, JobSpec, Run, Work,
};
use longshore_store::Store;
use longshore_types::{AttemptId, HostId, JobId, JobStatus, Resources, Timestamp};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

const ROWS: u32 = 200_000;

fn main() -> Result<(), Box<dyn Error>> {
    let root = std::env::args().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    for group in [1_u32, 100, 1_000, 10_000] {
        let rows = if group == 1 { 5_000 } else { ROWS };
        measure(&root, "children", (group, rows), |number| child(number % ROWS))?;
        measure(&root, "jobs", (group, rows), |number| Change::PutJob(Arc::new(job(u64::from(number) + 2, None))))?;
    }
    load(&root)
}

/// Commits `rows` rows in groups, each waiting for the one before, as the control plane does.
fn measure(
    root: &Path,
    kind: &str,
    (group, rows): (u32, u32),
    change: impl Fn(u32) -> Change,
) -> Result<(), Box<dyn Error>> {
    let path = fresh(root)?;
    let (done, outcomes) = channel();
    let writer = Store::open(&path)?.writer(move |outcome| drop(done.send(outcome)))?;
    let start = Instant::now();
    let mut slowest = Duration::ZERO;
    for number in 0..rows / group {
        let changes = (number * group..(number + 1) * group).map(&change).collect();
        let sent = Instant::now();
        writer.commit(u64::from(number), changes)?;
        outcomes.recv()??;
        slowest = slowest.max(sent.elapsed());
    }
    let rate = f64::from(rows) / start.elapsed().as_secs_f64();
    println!(
        "{kind:8} in groups of {group:6}: {rate:8.0} rows/s, slowest commit {:6.1} ms",
        slowest.as_secs_f64() * 1e3
    );
    Ok(())
}

fn load(root: &Path) -> Result<(), Box<dyn Error>> {
    let path = fresh(root)?;
    let (done, outcomes) = channel();
    let writer = Store::open(&path)?.writer(move |outcome| drop(done.send(outcome)))?;
    let mut changes = vec![Change::PutJob(Arc::new(job(1, Some(ROWS))))];
    changes.extend((0..ROWS).map(child));
    changes.extend((0..ROWS).map(|number| Change::PutJob(Arc::new(job(u64::from(number) + 2, None)))));
    writer.commit(1, changes)?;
    outcomes.recv()??;
    drop(writer);
    let start = Instant::now();
    let snapshot = Store::open(&path)?.load()?;
    let rows = snapshot.jobs.len() + snapshot.children.len();
    println!("loaded {rows} rows in {:.2} s", start.elapsed().as_secs_f64());
    Ok(())
}

fn fresh(root: &Path) -> std::io::Result<PathBuf> {
    let directory = root.join("longshore-store-commits");
    match std::fs::remove_dir_all(&directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    std::fs::create_dir(&directory)?;
    Ok(directory.join("longshore.db"))
}

fn id(number: u64) -> JobId {
    JobId::from_random(u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}

fn child(index: u32) -> Change {
    let attempt = AttemptId::from_random(u128::from(index) << 90 | 7);
    let current = CurrentAttempt {
        id: attempt,
        host: HostId::from_random(1),
        incarnation: 1,
        environment: "default".parse().expect("a valid name"),
        placed_at: Timestamp::from_millis(1),
        log_stream: Some(format!("definition/default/{attempt}")),
        containers: Vec::new(),
        holds: Vec::new(),
        stopping: None,
        replaced: false,
        address: None,
        held_back: false,
        seat: None,
    };
    let run = Run { current: Some(Box::new(current)), ..Run::new(JobStatus::Starting) };
    Change::PutChild(Box::new(ChildRow { job: id(1), index, run }))
}

fn job(seq: u64, size: Option<u32>) -> Job {
    let container = Container { image: "host".into(), command: vec!["true".into()], ..Container::default() };
    let spec = JobSpec {
        work: Work::Container(container),
        parameters: BTreeMap::new(),
        retry: None,
        timeout_s: None,
        platform_capabilities: Vec::new(),
        consumables: Vec::new(),
        demand: Resources { vcpu_milli: 1_000, memory_mib: 128, gpus: 0 },
    };
    let default = ChildDefault::Runnable;
    let spawned = |size| Array { spawned_at: Some(Timestamp::default()), default, ..Array::new(size) };
    let array = size.map(spawned).map(Box::new);
    Job {
        id: id(seq),
        seq,
        name: "job".parse().expect("a valid name"),
        queue: "default".parse().expect("a valid name"),
        definition: DefinitionId { name: "definition".parse().expect("a valid name"), revision: 1 },
        spec: Arc::new(spec),
        tags: BTreeMap::new(),
        propagate_tags: None,
        share_identifier: None,
        scheduling_priority: None,
        depends_on: Vec::new(),
        created_at: Timestamp::from_millis(i64::try_from(seq).unwrap_or(0)),
        run: Run::new(JobStatus::Runnable),
        array,
        gang: None,
    }
}
