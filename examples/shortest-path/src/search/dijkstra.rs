//! Dijkstra's algorithm from one origin to all nodes, with the paths. It must not know of shares or files.

use super::graph::{Graph, NONE};
use super::heap::{Entry, Heap};

/// The distance of a node that cannot be reached.
pub(crate) const UNREACHABLE: u64 = u64::MAX;

/// One search at a time; its memory is reused by the next. Nodes here are the network's own.
#[derive(Debug)]
pub(crate) struct Dijkstra<'a, E> {
    graph: &'a Graph,
    distance: Vec<u64>,
    parent: Vec<u32>,
    heap: Heap<E>,
}

impl<'a, E: Entry> Dijkstra<'a, E> {
    pub(crate) fn new(graph: &'a Graph) -> Self {
        let nodes = graph.nodes();
        Self { graph, distance: vec![UNREACHABLE; nodes], parent: vec![NONE; nodes], heap: Heap::new() }
    }

    /// Finds the distances from `origin`; ask for them afterwards.
    pub(crate) fn search(&mut self, origin: u32) {
        let source = self.graph.inside[origin as usize];
        self.distance.fill(UNREACHABLE);
        self.parent.fill(NONE);
        self.distance[source as usize] = 0;
        self.heap.push(0, source);
        while let Some((distance, node)) = self.heap.pop() {
            let stale = distance > self.distance[node as usize];
            if stale || !(node == source || self.graph.may_pass(node)) {
                continue;
            }
            for &(next, weight) in self.graph.links(node) {
                let through = distance + weight;
                if through < self.distance[next as usize] {
                    self.distance[next as usize] = through;
                    self.parent[next as usize] = node;
                    self.heap.push(through, next);
                }
            }
        }
    }

    /// From the last origin; [`UNREACHABLE`] when there is no path.
    pub(crate) fn distance(&self, destination: u32) -> u64 {
        self.distance[self.graph.inside[destination as usize] as usize]
    }

    /// The nodes passed on the way to `destination`: the origin is left out, the destination comes last.
    pub(crate) fn path(&self, destination: u32) -> Vec<u32> {
        let mut node = self.graph.inside[destination as usize];
        let mut path = Vec::new();
        while self.parent[node as usize] != NONE {
            path.push(self.graph.outside[node as usize]);
            node = self.parent[node as usize];
        }
        path.reverse();
        path
    }
}
