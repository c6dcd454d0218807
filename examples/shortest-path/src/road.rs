//! Generated networks that look like roads: a grid of crossings, moved a little, with streets missing, some diagonals
//! and one-way streets, and fast highways across. Every node can be reached from every other. Integers only, so that a
//! seed gives the same network everywhere.

#[cfg(test)]
mod tests;

use crate::mix::mix;
use std::fmt::Write as _;

/// Crossings are a hundred length units apart before they are moved.
const SPACING: i64 = 100;
/// A highway joins every so many rows and columns, and has an exit at every so many crossings.
const HIGHWAY_EVERY: u32 = 16;
const EXIT_EVERY: u32 = 8;
/// Hundredths of a kilometre and kilometres an hour give thousandths of a minute by this factor.
const MILLIMINUTES: u64 = 600;

/// A directed link; nodes count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Road {
    pub(crate) from: u32,
    pub(crate) to: u32,
    /// In hundredths of a kilometre.
    pub(crate) length: u64,
    /// In kilometres an hour.
    pub(crate) speed: u64,
}

impl Road {
    /// In thousandths of a minute, rounded up.
    fn time(self) -> u64 {
        (self.length * MILLIMINUTES).div_ceil(self.speed)
    }
}

pub(crate) fn generate(nodes: u32, seed: u64) -> Vec<Road> {
    let map = Map::new(nodes, seed);
    let mut dice = Dice(mix(seed ^ 1));
    let mut streets = map.streets();
    dice.shuffle(&mut streets);
    let mut parts = Parts::new(nodes);
    let mut roads = Vec::with_capacity(nodes as usize * 4);
    for (from, to) in streets {
        // What joins two parts stays, both ways; of the rest some are missing and some are one-way.
        let joins = parts.join(from, to);
        let fate = dice.below(100);
        let speed = [30, 30, 50, 50, 70][dice.below(5) as usize];
        if joins || fate < 70 {
            roads.push(map.road(from, to, speed));
        }
        if joins || fate < 65 {
            roads.push(map.road(to, from, speed));
        }
    }
    for (from, to) in map.diagonals() {
        if dice.below(100) < 4 {
            roads.extend([map.road(from, to, 50), map.road(to, from, 50)]);
        }
    }
    for (from, to) in map.highways() {
        roads.extend([map.road(from, to, 110), map.road(to, from, 110)]);
    }
    roads.sort_by_key(|road| (road.from, road.to));
    roads
}

/// Where the crossings are. The last row may be short.
struct Map {
    nodes: u32,
    width: u32,
    places: Vec<(i64, i64)>,
}

impl Map {
    fn new(nodes: u32, seed: u64) -> Self {
        let width = (1..).find(|&width: &u32| u64::from(width).pow(2) >= u64::from(nodes)).expect("nodes fit 32 bits");
        let mut dice = Dice(mix(seed));
        let places = (0..nodes)
            .map(|node| {
                let [east, south] = [node % width, node / width].map(|steps| i64::from(steps) * SPACING);
                (east + dice.below(61) as i64 - 30, south + dice.below(61) as i64 - 30)
            })
            .collect();
        Self { nodes, width, places }
    }

    /// The node so many columns east and rows south, if there is one.
    fn step(&self, node: u32, east: u32, south: u32) -> Option<u32> {
        let inside = node % self.width + east < self.width;
        let other = u64::from(node) + u64::from(south) * u64::from(self.width) + u64::from(east);
        u32::try_from(other).ok().filter(|&other| inside && other < self.nodes)
    }

    fn pairs(&self, steps: &'static [(u32, u32)]) -> impl Iterator<Item = (u32, u32)> {
        (0..self.nodes).flat_map(move |node| {
            steps.iter().filter_map(move |&(east, south)| Some((node, self.step(node, east, south)?)))
        })
    }

    fn streets(&self) -> Vec<(u32, u32)> {
        self.pairs(&[(1, 0), (0, 1)]).collect()
    }

    fn diagonals(&self) -> impl Iterator<Item = (u32, u32)> {
        self.pairs(&[(1, 1)])
    }

    fn highways(&self) -> impl Iterator<Item = (u32, u32)> {
        self.pairs(&[(EXIT_EVERY, 0), (0, EXIT_EVERY)]).filter(|&(from, to)| {
            let (column, row) = (from % self.width, from / self.width);
            let along_row = to - from == EXIT_EVERY;
            let (across, along) = if along_row { (row, column) } else { (column, row) };
            across % HIGHWAY_EVERY == 0 && along % EXIT_EVERY == 0
        })
    }

    fn road(&self, from: u32, to: u32, speed: u64) -> Road {
        let [(x1, y1), (x2, y2)] = [from, to].map(|node| self.places[node as usize]);
        let square = ((x1 - x2).pow(2) + (y1 - y2).pow(2)) as u64;
        Road { from, to, length: square.isqrt().max(1), speed }
    }
}

/// A sequence of numbers that a seed determines.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(1);
        ((u128::from(mix(self.0)) * u128::from(bound)) >> 64) as u64
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}

/// Which nodes are connected so far (union by halving paths).
struct Parts(Vec<u32>);

impl Parts {
    fn new(nodes: u32) -> Self {
        Self((0..nodes).collect())
    }

    fn root(&mut self, mut node: u32) -> u32 {
        while self.0[node as usize] != node {
            let above = self.0[self.0[node as usize] as usize];
            self.0[node as usize] = above;
            node = above;
        }
        node
    }

    /// Whether they were apart.
    fn join(&mut self, one: u32, other: u32) -> bool {
        let (one, other) = (self.root(one), self.root(other));
        self.0[one as usize] = other;
        one != other
    }
}

pub(crate) fn to_tntp(nodes: u32, roads: &[Road]) -> String {
    let mut text = format!(
        "<NUMBER OF ZONES> {nodes}\n<NUMBER OF NODES> {nodes}\n<FIRST THRU NODE> 1\n<NUMBER OF LINKS> {}\n\
         <END OF METADATA>\n\n~\tinit_node\tterm_node\tcapacity\tlength\tfree_flow_time\tb\tpower\tspeed\ttoll\tlink_type\t;\n",
        roads.len()
    );
    for road in roads {
        let (from, to, speed) = (road.from + 1, road.to + 1, road.speed);
        let capacity = speed * 20;
        let length = format!("{}.{:02}", road.length / 100, road.length % 100);
        let time = format!("{}.{:03}", road.time() / 1000, road.time() % 1000);
        _ = writeln!(text, "\t{from}\t{to}\t{capacity}\t{length}\t{time}\t0.15\t4\t{speed}\t0\t1\t;");
    }
    text
}

/// Weights are times in thousandths of a minute.
pub(crate) fn to_dimacs(nodes: u32, roads: &[Road]) -> String {
    let mut text = format!("c generated roads, weights in thousandths of a minute\np sp {nodes} {}\n", roads.len());
    for road in roads {
        _ = writeln!(text, "a {} {} {}", road.from + 1, road.to + 1, road.time());
    }
    text
}
