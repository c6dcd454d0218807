//! Links in the order in which a search wants them: by node, neighbours close in memory. It must not search.

use crate::network::Network;

/// No node.
pub(crate) const NONE: u32 = u32::MAX;

/// Outgoing links by node (compressed sparse rows). Nodes are renumbered breadth first for locality.
#[derive(Debug)]
pub(crate) struct Graph {
    first: Vec<u32>,
    links: Vec<(u32, u64)>,
    /// The network's node of each of ours.
    pub(crate) outside: Vec<u32>,
    /// Our node of each of the network's.
    pub(crate) inside: Vec<u32>,
    may_pass: Vec<bool>,
}

impl Graph {
    pub(crate) fn new(network: &Network) -> Self {
        let outside = breadth_first(network);
        let mut inside = vec![NONE; outside.len()];
        for (ours, &theirs) in (0..).zip(&outside) {
            inside[theirs as usize] = ours;
        }
        let renumbered = network
            .links
            .iter()
            .filter(|link| link.from != link.to)
            .map(|link| (inside[link.from as usize], (inside[link.to as usize], link.weight)));
        let (first, links) = rows(outside.len(), renumbered);
        let may_pass = outside.iter().map(|&node| network.may_pass(node)).collect();
        Self { first, links, outside, inside, may_pass }
    }

    pub(crate) fn nodes(&self) -> usize {
        self.outside.len()
    }

    pub(crate) fn links(&self, node: u32) -> &[(u32, u64)] {
        &self.links[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }

    pub(crate) fn may_pass(&self, node: u32) -> bool {
        self.may_pass[node as usize]
    }
}

/// Compressed sparse rows of `(row, item)` pairs; the order within a row is kept.
pub(crate) fn rows<T: Copy + Default>(
    count: usize,
    pairs: impl Iterator<Item = (u32, T)> + Clone,
) -> (Vec<u32>, Vec<T>) {
    let mut first = vec![0u32; count + 1];
    for (row, _) in pairs.clone() {
        first[row as usize + 1] += 1;
    }
    for row in 0..count {
        first[row + 1] += first[row];
    }
    let mut next = first.clone();
    let mut items = vec![T::default(); first[count] as usize];
    for (row, item) in pairs {
        let slot = &mut next[row as usize];
        items[*slot as usize] = item;
        *slot += 1;
    }
    (first, items)
}

/// All nodes, breadth first over links in either direction, so that neighbours get close numbers.
pub(crate) fn breadth_first(network: &Network) -> Vec<u32> {
    let both = network.links.iter().flat_map(|link| [(link.from, link.to), (link.to, link.from)]);
    let (first, neighbours) = rows(network.nodes as usize, both);
    let mut order = Vec::with_capacity(network.nodes as usize);
    let mut seen = vec![false; network.nodes as usize];
    for root in 0..network.nodes {
        if std::mem::replace(&mut seen[root as usize], true) {
            continue;
        }
        let mut next = order.len();
        order.push(root);
        while let Some(&node) = order.get(next) {
            next += 1;
            for &neighbour in &neighbours[first[node as usize] as usize..first[node as usize + 1] as usize] {
                if !std::mem::replace(&mut seen[neighbour as usize], true) {
                    order.push(neighbour);
                }
            }
        }
    }
    order
}
