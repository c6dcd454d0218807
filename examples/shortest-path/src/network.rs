//! The network: nodes, links and exact weights. It must not know how paths are searched or where files come from.
//!
//! Weights are integers in units of 10^-`decimals`, so that the length of a path is the same whatever the order in
//! which its links are added, and results can be compared bit by bit.

mod decimal;
mod dimacs;
mod five_node;
mod tntp;

#[cfg(test)]
mod tests;

pub(crate) use decimal::Decimal;
pub(crate) use five_node::five_node;

use crate::mix::mix;

/// Path lengths stay below this, so that adding a link to any of them cannot overflow a signed 64-bit integer.
const LENGTH_LIMIT: u128 = (1 << 62) - 1;

/// More decimals than any file needs; 10^18 still fits a `u64`.
const DECIMALS_LIMIT: u8 = 18;

/// Which column of a TNTP file is the weight of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Weight {
    /// The column `free_flow_time`.
    FreeFlowTime,
    /// The column `length`.
    Length,
}

/// How nodes are shown to people; inside they count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// 1, 2, 3 …
    Numbers,
    /// A, B, C …
    Letters,
}

impl Naming {
    pub(crate) fn name(self, node: u32) -> String {
        match self {
            Self::Letters if node < 26 => char::from(b'A' + node as u8).to_string(),
            _ => (u64::from(node) + 1).to_string(),
        }
    }
}

/// A directed link. Nodes count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) weight: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Network {
    pub(crate) nodes: u32,
    /// Nodes below this one start or end paths and are never passed through (0: all may be passed).
    pub(crate) first_through: u32,
    /// A weight of 1 stands for 10^-`decimals`.
    pub(crate) decimals: u8,
    /// True when the file has more decimals than fit, so that weights were rounded.
    pub(crate) rounded: bool,
    pub(crate) naming: Naming,
    pub(crate) links: Vec<Link>,
    /// No path is longer than this.
    pub(crate) longest: u64,
}

/// Where in which file something is wrong, and what was expected instead.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum Error {
    #[error(
        "{file}: neither a TNTP nor a DIMACS network: expected the first line to be `<NUMBER OF …>`, `c …` or `p sp …`"
    )]
    UnknownFormat { file: String },
    #[error("{file}:{line}: expected {expected}, found `{found}`")]
    Malformed { file: String, line: usize, expected: &'static str, found: String },
    #[error("{file}:{line}: node {node} is out of range: the file declares nodes 1 to {nodes}")]
    NodeOutOfRange { file: String, line: usize, node: u64, nodes: u32 },
    #[error("{file}:{line}: negative weight {found}: shortest paths need weights of zero or more")]
    NegativeWeight { file: String, line: usize, found: String },
    #[error("{file}: expected {expected} before the first link")]
    MissingHeader { file: String, expected: &'static str },
    #[error("{file}: the header declares {declared} links, but {found} follow: is the file cut short?")]
    LinkCount { file: String, declared: usize, found: usize },
    #[error("{file}: weights are too large: the longest path would exceed 2^62 units")]
    TooLong { file: String },
}

/// What a reader of one format hands over.
struct Draft {
    nodes: u32,
    first_through: u32,
    links: Vec<(u32, u32, Decimal)>,
}

/// Reads a network in any known format; `file` is only for messages.
pub(crate) fn parse(text: &str, file: &str, weight: Weight) -> Result<Network, Error> {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let draft = match first.as_bytes() {
        [b'<' | b'~', ..] => tntp::parse(text, file, weight)?,
        [b'c'] | [b'c' | b'p', b' ' | b'\t', ..] => dimacs::parse(text, file)?,
        _ => return Err(Error::UnknownFormat { file: file.to_owned() }),
    };
    Network::build(draft).ok_or_else(|| Error::TooLong { file: file.to_owned() })
}

impl Network {
    /// Chooses the finest unit in which every path still fits, exact whenever the file's decimals allow.
    fn build(draft: Draft) -> Option<Self> {
        let wanted = draft.links.iter().map(|(.., weight)| weight.decimals()).max().unwrap_or(0);
        let (decimals, links, longest) = (0..=wanted.min(DECIMALS_LIMIT)).rev().find_map(|decimals| {
            let links = scale(&draft.links, decimals)?;
            let longest = longest(&links, draft.nodes)?;
            Some((decimals, links, longest))
        })?;
        Some(Self {
            nodes: draft.nodes,
            first_through: draft.first_through,
            decimals,
            rounded: decimals < wanted || draft.links.iter().any(|(.., weight)| weight.cut),
            naming: Naming::Numbers,
            links,
            longest,
        })
    }

    /// Identifies the network: equal for equal nodes, links, weights and order.
    pub(crate) fn fingerprint(&self) -> u64 {
        let head = [u64::from(self.nodes), u64::from(self.first_through), u64::from(self.decimals)];
        let links = self.links.iter().flat_map(|link| [u64::from(link.from) << 32 | u64::from(link.to), link.weight]);
        head.into_iter().chain(links).fold(0, |state, value| mix(state ^ value))
    }

    pub(crate) fn may_pass(&self, node: u32) -> bool {
        node >= self.first_through
    }
}

/// The links in units of 10^-`decimals`; `None` when a weight does not fit.
fn scale(links: &[(u32, u32, Decimal)], decimals: u8) -> Option<Vec<Link>> {
    links.iter().map(|&(from, to, weight)| Some(Link { from, to, weight: weight.in_units(decimals)? })).collect()
}

/// A path leaves each node at most once, so it is no longer than the sum of every node's heaviest link.
fn longest(links: &[Link], nodes: u32) -> Option<u64> {
    let mut heaviest = vec![0u64; nodes as usize];
    for link in links {
        let slot = &mut heaviest[link.from as usize];
        *slot = (*slot).max(link.weight);
    }
    let sum: u128 = heaviest.into_iter().map(u128::from).sum();
    u64::try_from(sum).ok().filter(|&sum| u128::from(sum) < LENGTH_LIMIT)
}
