//! Distances from many origins at once over a hierarchy (PHAST; Delling, Goldberg, Nowatzyk and Werneck 2011): an
//! upward search from the origins, then one linear pass over all nodes, the same for every origin. Each node has a row
//! of distances, a lane for each origin of the batch, so that one vector instruction serves them all.

use super::hierarchy::Hierarchy;
use super::lane::Lane;
use crate::record::Record;
use std::collections::BinaryHeap;

/// Origins in a batch. A row of 32-bit distances is one cache line.
pub(super) const LANES: usize = 16;

type Row<D> = [D; LANES];

/// Memory for one batch at a time.
#[derive(Debug)]
pub(super) struct Sweep<'a, D> {
    hierarchy: &'a Hierarchy<D>,
    rows: Vec<Row<D>>,
    reached: Vec<bool>,
    queue: BinaryHeap<u32>,
}

/// The records of a batch in the making, a lane for each origin.
#[derive(Debug, Clone, Copy)]
struct Tally<D> {
    reachable: [u32; LANES],
    /// The sums of the distances' low and high halves, which cannot overflow.
    low: [u64; LANES],
    high: [u64; LANES],
    farthest: Row<D>,
    destination: [u32; LANES],
    checksum: [u64; LANES],
}

impl<'a, D: Lane> Sweep<'a, D> {
    pub(super) fn new(hierarchy: &'a Hierarchy<D>) -> Self {
        let nodes = hierarchy.upward.count();
        Self { hierarchy, rows: vec![[D::FAR; LANES]; nodes], reached: vec![false; nodes], queue: BinaryHeap::new() }
    }

    /// The records of up to [`LANES`] origins, in their order.
    pub(super) fn run(&mut self, origins: &[u32]) -> Vec<Record> {
        assert!(origins.len() <= LANES, "a batch has one origin a lane");
        self.search_upward(origins);
        let mut own = [u32::MAX; LANES];
        for (own, &origin) in own.iter_mut().zip(origins) {
            *own = self.hierarchy.sink[origin as usize];
        }
        let tally = self.sweep_downward(&own);
        origins.iter().enumerate().map(|(lane, &origin)| tally.record(lane, origin)).collect()
    }

    /// Of the last batch, unless `destination` is the lane's own origin; `None` when there is no path.
    pub(super) fn distance(&self, lane: usize, destination: u32) -> Option<u64> {
        let distance = self.rows[self.hierarchy.sink[destination as usize] as usize][lane];
        (distance < D::FAR).then(|| distance.units())
    }

    /// Distances over links that only climb; each node passes its row on after all below it have.
    fn search_upward(&mut self, origins: &[u32]) {
        for (lane, &origin) in origins.iter().enumerate() {
            let source = self.hierarchy.source[origin as usize];
            self.reach(source);
            self.rows[source as usize][lane] = D::default();
        }
        while let Some(at) = self.queue.pop() {
            let row = self.rows[at as usize];
            for link in self.hierarchy.upward.row(at as usize) {
                self.reach(link.earlier);
                relax(&mut self.rows[link.earlier as usize], &row, link.weight);
            }
        }
    }

    fn reach(&mut self, at: u32) {
        if !std::mem::replace(&mut self.reached[at as usize], true) {
            self.rows[at as usize] = [D::FAR; LANES];
            self.queue.push(at);
        }
    }

    /// `own`: where each lane's origin is met as a destination, to be left out.
    fn sweep_downward(&mut self, own: &[u32; LANES]) -> Tally<D> {
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512dq") && is_x86_feature_detected!("avx512vl") {
                #[expect(unsafe_code, reason = "the same code compiled for wider vectors")]
                // SAFETY: this processor has the features that the function is compiled for.
                return unsafe { self.pass_avx512(own) };
            }
            if is_x86_feature_detected!("avx2") {
                #[expect(unsafe_code, reason = "the same code compiled for wider vectors")]
                // SAFETY: this processor has the features that the function is compiled for.
                return unsafe { self.pass_avx2(own) };
            }
        }
        self.pass(own)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512dq,avx512vl")]
    fn pass_avx512(&mut self, own: &[u32; LANES]) -> Tally<D> {
        self.pass(own)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn pass_avx2(&mut self, own: &[u32; LANES]) -> Tally<D> {
        self.pass(own)
    }

    #[inline(always)]
    fn pass(&mut self, own: &[u32; LANES]) -> Tally<D> {
        let mut tally = Tally::new();
        let own = *own;
        for at in 0..self.hierarchy.destinations {
            let reached = std::mem::replace(&mut self.reached[at], false);
            let mut row = if reached { self.rows[at] } else { [D::FAR; LANES] };
            for link in self.hierarchy.downward.row(at) {
                relax(&mut row, &self.rows[link.earlier as usize], link.weight);
            }
            self.rows[at] = row;
            let mut counts = [false; LANES];
            for lane in 0..LANES {
                counts[lane] = (row[lane] < D::FAR) & (own[lane] != at as u32);
            }
            tally.add(&row, &counts, self.hierarchy.node[at], self.hierarchy.multiplier[at]);
        }
        self.reached[self.hierarchy.destinations..].fill(false);
        tally
    }
}

#[inline(always)]
fn relax<D: Lane>(row: &mut Row<D>, from: &Row<D>, weight: D) {
    for lane in 0..LANES {
        row[lane] = row[lane].min(from[lane].plus(weight));
    }
}

impl<D: Lane> Tally<D> {
    fn new() -> Self {
        Self {
            reachable: [0; LANES],
            low: [0; LANES],
            high: [0; LANES],
            farthest: [D::NONE; LANES],
            destination: [u32::MAX; LANES],
            checksum: [0; LANES],
        }
    }

    /// What [`Record::add`] does, in every lane that `counts`, without branches.
    #[inline(always)]
    fn add(&mut self, row: &Row<D>, counts: &[bool; LANES], destination: u32, multiplier: u64) {
        for lane in 0..LANES {
            let distance = if counts[lane] { row[lane] } else { D::NONE };
            self.reachable[lane] += u32::from(counts[lane]);
            let most = self.farthest[lane];
            let farther = (distance > most) | ((distance == most) & (destination < self.destination[lane]));
            self.farthest[lane] = distance.max(most);
            self.destination[lane] = if farther { destination } else { self.destination[lane] };
        }
        for lane in 0..LANES {
            let units = if counts[lane] { row[lane].units() } else { 0 };
            let term = units.wrapping_add(u64::from(counts[lane])).wrapping_mul(multiplier);
            self.low[lane] += units & 0xffff_ffff;
            self.high[lane] += units >> 32;
            self.checksum[lane] = self.checksum[lane].wrapping_add(term);
        }
    }

    fn record(&self, lane: usize, origin: u32) -> Record {
        let reachable = self.reachable[lane];
        Record {
            origin,
            reachable,
            sum: u128::from(self.low[lane]) + (u128::from(self.high[lane]) << 32),
            farthest: (reachable > 0).then(|| (self.farthest[lane].units(), self.destination[lane])),
            checksum: self.checksum[lane],
        }
    }
}
