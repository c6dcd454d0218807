//! The built-in network of five nodes, small enough to check by hand.

use super::{Decimal, Draft, Naming, Network};

const LINKS: [(u8, u8, u64); 9] = [
    (b'A', b'C', 1),
    (b'B', b'B', 2),
    (b'B', b'D', 1),
    (b'B', b'E', 2),
    (b'C', b'B', 7),
    (b'C', b'D', 3),
    (b'D', b'E', 1),
    (b'E', b'A', 1),
    (b'E', b'B', 1),
];

/// Nodes A to E.
pub(crate) fn five_node() -> Network {
    let node = |letter: u8| u32::from(letter - b'A');
    let links = LINKS.map(|(from, to, weight)| (node(from), node(to), Decimal::integer(weight))).to_vec();
    let network = Network::build(Draft { nodes: 5, first_through: 0, links }).expect("the weights are small");
    Network { naming: Naming::Letters, ..network }
}
