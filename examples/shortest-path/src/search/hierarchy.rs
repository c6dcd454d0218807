//! The contracted network laid out for sweeps: nodes by falling level, links by the node at their lower end.

use super::contraction::contract;
use super::graph::{breadth_first, rows};
use super::lane::Lane;
use crate::network::Network;
use crate::record::multiplier;

/// A link or shortcut to (upward) or from (downward) a node at an earlier position.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Link<D> {
    pub(super) earlier: u32,
    pub(super) weight: D,
}

/// Position 0 is the most important node. Positions from `destinations` on only send links.
#[derive(Debug)]
pub(super) struct Hierarchy<D> {
    pub(super) destinations: usize,
    pub(super) upward: Rows<Link<D>>,
    pub(super) downward: Rows<Link<D>>,
    /// The network's node of each destination's position, and its multiplier in the checksum.
    pub(super) node: Vec<u32>,
    pub(super) multiplier: Vec<u64>,
    /// By the network's node: where a path ends, and where it starts.
    pub(super) sink: Vec<u32>,
    pub(super) source: Vec<u32>,
}

#[derive(Debug)]
pub(super) struct Rows<T> {
    first: Vec<u32>,
    items: Vec<T>,
}

impl<T> Rows<T> {
    pub(super) fn count(&self) -> usize {
        self.first.len() - 1
    }

    #[inline(always)]
    pub(super) fn row(&self, at: usize) -> &[T] {
        &self.items[self.first[at] as usize..self.first[at + 1] as usize]
    }
}

impl<D: Lane> Hierarchy<D> {
    pub(super) fn new(network: &Network) -> Self {
        let contraction = contract::<D::Entry>(network);
        let destinations = network.nodes as usize;
        let order = falling_levels(network, &contraction.level);
        let mut position = vec![0u32; order.len()];
        for (at, &node) in (0..).zip(&order) {
            position[node as usize] = at;
        }
        let source = (0..network.nodes)
            .map(|node| position[if network.may_pass(node) { node } else { network.nodes + node } as usize])
            .collect();
        Self {
            destinations,
            upward: lay_out(&order, &position, &contraction.outgoing),
            downward: lay_out(&order[..destinations], &position, &contraction.incoming),
            multiplier: order[..destinations].iter().map(|&node| multiplier(node)).collect(),
            node: order[..destinations].to_vec(),
            sink: position[..destinations].to_vec(),
            source,
        }
    }
}

/// Within a level neighbours stay close; nodes that only send come last.
fn falling_levels(network: &Network, level: &[u32]) -> Vec<u32> {
    let mut order = breadth_first(network);
    order.sort_by_key(|&node| std::cmp::Reverse(level[node as usize]));
    order.extend(network.nodes..network.nodes + network.first_through);
    order
}

fn lay_out<D: Lane>(order: &[u32], position: &[u32], links: &[Vec<(u32, u64)>]) -> Rows<Link<D>> {
    let pairs = (0..).zip(order).flat_map(|(at, &node)| {
        links[node as usize].iter().map(move |&(other, weight)| {
            (at, Link { earlier: position[other as usize], weight: D::from_units(weight) })
        })
    });
    let (first, items) = rows(order.len(), pairs);
    Rows { first, items }
}
