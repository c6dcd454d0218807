//! All distances from a range of origins. The parent chooses the algorithm; both give the same records, bit for bit.

mod contraction;
mod dijkstra;
mod graph;
mod heap;
mod hierarchy;
mod lane;
mod sweep;

#[cfg(test)]
mod tests;

use crate::network::Network;
use crate::record::Record;
use dijkstra::UNREACHABLE;
use heap::Entry;
use hierarchy::Hierarchy;
use lane::Lane;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use sweep::{LANES, Sweep};

pub(crate) use dijkstra::Dijkstra;
pub(crate) use graph::Graph;

/// Contracting a network takes about as long as Dijkstra's algorithm from so many origins.
const WORTH_CONTRACTING: usize = 192;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Algorithm {
    /// `sweep` for many origins of a network, `dijkstra` for few.
    Auto,
    /// One search from each origin.
    Dijkstra,
    /// Contract the network once, then sweep it for 16 origins at a time.
    Sweep,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) algorithm: Algorithm,
    pub(crate) threads: usize,
    /// Keep all distances, too.
    pub(crate) distances: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) record: Record,
    /// By destination; `None` where there is no path. Empty unless asked for.
    pub(crate) distances: Vec<Option<u64>>,
}

#[derive(Debug)]
pub(crate) struct Search {
    /// In the order of the origins.
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) preparing: Duration,
    pub(crate) searching: Duration,
}

pub(crate) fn run(network: &Network, origins: Range<u32>, plan: Plan) -> Search {
    if lane::fits::<i32>(network.longest) {
        with::<i32>(network, origins, plan)
    } else {
        with::<i64>(network, origins, plan)
    }
}

fn with<D: Lane>(network: &Network, origins: Range<u32>, plan: Plan) -> Search {
    match plan.algorithm {
        Algorithm::Auto if origins.len() < WORTH_CONTRACTING => by_dijkstra::<D>(network, origins, plan),
        Algorithm::Dijkstra => by_dijkstra::<D>(network, origins, plan),
        Algorithm::Auto | Algorithm::Sweep => by_sweep::<D>(network, origins, plan),
    }
}

fn by_dijkstra<D: Lane>(network: &Network, origins: Range<u32>, plan: Plan) -> Search {
    let start = Instant::now();
    let graph = Graph::new(network);
    let preparing = start.elapsed();
    let origins: Vec<u32> = origins.collect();
    let outcomes = in_batches(&origins, plan.threads, || {
        let mut dijkstra = Dijkstra::<D::Entry>::new(&graph);
        move |batch: &[u32]| batch.iter().map(|&origin| search_one(&mut dijkstra, origin, network, plan)).collect()
    });
    Search { outcomes, preparing, searching: start.elapsed() - preparing }
}

fn search_one<E: Entry>(dijkstra: &mut Dijkstra<'_, E>, origin: u32, network: &Network, plan: Plan) -> Outcome {
    dijkstra.search(origin);
    let found = |node| Some(dijkstra.distance(node)).filter(|&distance| distance != UNREACHABLE);
    let mut record = Record::new(origin);
    for node in (0..network.nodes).filter(|&node| node != origin) {
        if let Some(distance) = found(node) {
            record.add(node, distance);
        }
    }
    let distances = if plan.distances { (0..network.nodes).map(found).collect() } else { Vec::new() };
    Outcome { record, distances }
}

fn by_sweep<D: Lane>(network: &Network, origins: Range<u32>, plan: Plan) -> Search {
    let start = Instant::now();
    let hierarchy = Hierarchy::<D>::new(network);
    let preparing = start.elapsed();
    // Neighbours in one batch share most of their upward search.
    let mut origins: Vec<u32> = origins.collect();
    origins.sort_by_key(|&origin| hierarchy.source[origin as usize]);
    let mut outcomes = in_batches(&origins, plan.threads, || {
        let mut sweep = Sweep::new(&hierarchy);
        move |batch: &[u32]| sweep_batch(&mut sweep, batch, network, plan)
    });
    outcomes.sort_by_key(|outcome| outcome.record.origin);
    Search { outcomes, preparing, searching: start.elapsed() - preparing }
}

fn sweep_batch<D: Lane>(sweep: &mut Sweep<'_, D>, batch: &[u32], network: &Network, plan: Plan) -> Vec<Outcome> {
    let records = sweep.run(batch);
    let distances = |lane, origin| {
        let found = |node| if node == origin { Some(0) } else { sweep.distance(lane, node) };
        if plan.distances { (0..network.nodes).map(found).collect() } else { Vec::new() }
    };
    (0..).zip(records).map(|(lane, record)| Outcome { distances: distances(lane, record.origin), record }).collect()
}

/// Runs a worker on every batch of origins, each thread with a worker of its own; outcomes in the order of `origins`.
fn in_batches<W, F>(origins: &[u32], threads: usize, worker: W) -> Vec<Outcome>
where
    W: Fn() -> F + Sync,
    F: FnMut(&[u32]) -> Vec<Outcome>,
{
    let batches: Vec<&[u32]> = origins.chunks(LANES).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut run = worker();
        let mut done = Vec::new();
        while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.extend(run(batch));
        }
        done
    };
    if threads <= 1 {
        return work();
    }
    let mut outcomes: Vec<Outcome> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles.into_iter().flat_map(|handle| handle.join().expect("a worker does not panic")).collect()
    });
    outcomes.sort_by_key(|outcome| outcome.record.origin);
    outcomes
}
