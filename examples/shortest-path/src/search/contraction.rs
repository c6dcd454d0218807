//! Contraction of a network into a hierarchy (Geisberger, Sanders, Schultes and Delling 2008): nodes are taken out one
//! by one, the least important first, and shortcuts keep the distances between those that remain.

use super::heap::{Entry, Heap};
use crate::network::Network;

/// A witness search gives up after settling so many nodes; the price is a superfluous shortcut, never a wrong distance.
const SETTLED_LIMIT: usize = 40;

type Links = Vec<(u32, u64)>;

/// Nodes that may not be passed are split: `node` receives their links, `nodes + node` sends them.
#[derive(Debug)]
pub(super) struct Contraction {
    /// At the time when each node was taken out: its links to nodes of a higher level, and from them.
    pub(super) outgoing: Vec<Links>,
    pub(super) incoming: Vec<Links>,
    /// Links and shortcuts always lead from one level to another.
    pub(super) level: Vec<u32>,
}

/// A link that is needed when a node goes.
struct Shortcut {
    from: u32,
    to: u32,
    weight: u64,
}

/// `E` must hold the lengths of paths.
pub(super) fn contract<E: Entry>(network: &Network) -> Contraction {
    let mut state = State::<E>::new(network);
    let mut queue = Heap::<u128>::new();
    // The halves of split nodes only send or only receive: they need no shortcuts, and senders must be below all others.
    let halves = (network.nodes..network.nodes + network.first_through).chain(0..network.first_through);
    halves.for_each(|half| state.take_out(half));
    for node in network.first_through..network.nodes {
        queue.push(state.priority(node), node);
    }
    while let Some((key, node)) = queue.pop() {
        let current = state.priority(node);
        if current > key && queue.peek().is_some_and(|least| current > least) {
            queue.push(current, node);
        } else {
            state.take_out(node);
        }
    }
    Contraction { outgoing: state.outgoing, incoming: state.incoming, level: state.level }
}

struct State<E> {
    outgoing: Vec<Links>,
    incoming: Vec<Links>,
    level: Vec<u32>,
    longest: u64,
    witness: Witness<E>,
    shortcuts: Vec<Shortcut>,
}

impl<E: Entry> State<E> {
    fn new(network: &Network) -> Self {
        let nodes = network.nodes as usize + network.first_through as usize;
        let mut state = Self {
            outgoing: vec![Vec::new(); nodes],
            incoming: vec![Vec::new(); nodes],
            level: vec![0; nodes],
            longest: network.longest,
            witness: Witness::new(nodes),
            shortcuts: Vec::new(),
        };
        for link in network.links.iter().filter(|link| link.from != link.to) {
            let sender = if network.may_pass(link.from) { link.from } else { network.nodes + link.from };
            state.link(&Shortcut { from: sender, to: link.to, weight: link.weight });
        }
        state
    }

    /// Adds a link, or makes the one that is there as light.
    fn link(&mut self, link: &Shortcut) {
        put(&mut self.outgoing[link.from as usize], link.to, link.weight);
        put(&mut self.incoming[link.to as usize], link.from, link.weight);
    }

    /// Small for nodes whose going costs few shortcuts, level by level so that the hierarchy stays flat.
    fn priority(&mut self, node: u32) -> u64 {
        self.find_shortcuts(node);
        let removed = self.outgoing[node as usize].len() + self.incoming[node as usize].len();
        let score = 2 * self.shortcuts.len() as i64 - removed as i64 + i64::from(self.level[node as usize]);
        score.wrapping_sub(i64::MIN) as u64
    }

    /// Fills `shortcuts` with what must be added when `node` goes.
    fn find_shortcuts(&mut self, node: u32) {
        self.shortcuts.clear();
        let outgoing = &self.outgoing[node as usize];
        for &(from, before) in &self.incoming[node as usize] {
            let needed = outgoing
                .iter()
                .map(|&(to, after)| (to, before + after))
                .filter(|&(to, weight)| to != from && weight <= self.longest);
            self.witness.search(&self.outgoing, from, node, needed.clone());
            for (to, weight) in needed {
                if self.witness.distance(to) > weight {
                    self.shortcuts.push(Shortcut { from, to, weight });
                }
            }
        }
    }

    /// `shortcuts` must be those of `node`.
    fn take_out(&mut self, node: u32) {
        let above = self.level[node as usize] + 1;
        for at in 0..self.outgoing[node as usize].len() {
            let (to, _) = self.outgoing[node as usize][at];
            self.incoming[to as usize].retain(|&(from, _)| from != node);
            self.level[to as usize] = self.level[to as usize].max(above);
        }
        for at in 0..self.incoming[node as usize].len() {
            let (from, _) = self.incoming[node as usize][at];
            self.outgoing[from as usize].retain(|&(to, _)| to != node);
            self.level[from as usize] = self.level[from as usize].max(above);
        }
        let shortcuts = std::mem::take(&mut self.shortcuts);
        for shortcut in &shortcuts {
            self.link(shortcut);
        }
        self.shortcuts = shortcuts;
    }
}

fn put(links: &mut Links, node: u32, weight: u64) {
    match links.iter_mut().find(|(other, _)| *other == node) {
        Some((_, known)) => *known = weight.min(*known),
        None => links.push((node, weight)),
    }
}

/// A short search for ways around a node.
struct Witness<E> {
    distance: Vec<u64>,
    /// A way to this node that is no longer than this makes its shortcut superfluous.
    needed: Vec<Option<u64>>,
    open: usize,
    touched: Vec<u32>,
    heap: Heap<E>,
}

impl<E: Entry> Witness<E> {
    fn new(nodes: usize) -> Self {
        let (distance, needed) = (vec![u64::MAX; nodes], vec![None; nodes]);
        Self { distance, needed, open: 0, touched: Vec::new(), heap: Heap::new() }
    }

    /// Stops as soon as every node of `targets` has a way as short as asked for.
    fn search(
        &mut self,
        outgoing: &[Links],
        from: u32,
        around: u32,
        targets: impl Iterator<Item = (u32, u64)> + Clone,
    ) {
        for node in self.touched.drain(..) {
            self.distance[node as usize] = u64::MAX;
        }
        self.heap.clear();
        for (to, weight) in targets.clone() {
            self.needed[to as usize] = Some(weight);
            self.open += 1;
        }
        let limit = targets.clone().map(|(_, weight)| weight).max().unwrap_or(0);
        self.explore(outgoing, from, around, limit);
        for (to, _) in targets {
            self.needed[to as usize] = None;
        }
        self.open = 0;
    }

    fn explore(&mut self, outgoing: &[Links], from: u32, around: u32, limit: u64) {
        self.reach(from, 0);
        let mut settled = 0;
        while let Some((distance, node)) = self.heap.pop() {
            if self.open == 0 || distance > limit || settled == SETTLED_LIMIT {
                return;
            }
            if distance > self.distance[node as usize] {
                continue;
            }
            settled += 1;
            for &(next, weight) in &outgoing[node as usize] {
                let through = distance + weight;
                if through <= limit && next != around && through < self.distance[next as usize] {
                    self.reach(next, through);
                }
            }
        }
    }

    fn reach(&mut self, node: u32, distance: u64) {
        if self.distance[node as usize] == u64::MAX {
            self.touched.push(node);
        }
        self.distance[node as usize] = distance;
        self.heap.push(distance, node);
        if self.needed[node as usize].is_some_and(|weight| distance <= weight) {
            self.needed[node as usize] = None;
            self.open -= 1;
        }
    }

    /// An upper bound of the distance around the node.
    fn distance(&self, node: u32) -> u64 {
        self.distance[node as usize]
    }
}
