//! Multi-node parallel jobs (spec section 9): what each node runs, and how far the job's current attempt is.
//!
//! The nodes of a job are described by groups, one per range of the definition. A node's own life is a [`super::Run`],
//! like a child's; before the job was placed for the first time no node has one, and every node is what its job is.

use super::{ConsumableHold, Run, Work};
use longshore_types::{JobStatus, Resources, Timestamp};
use serde::{Deserialize, Serialize};

/// The nodes that a `targetNodes` text means: `a`, `a:b`, `a:`, `:b` or `:` (`MNP-2`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeRange {
    /// The first node.
    pub first: u32,
    /// The last node; absent when the range is open and goes on to the job's last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<u32>,
}

impl NodeRange {
    /// The range that a text means; `None` when it has anything but digits and one colon in it.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let number = |text: &str| if digits(text) { text.parse().ok() } else { None };
        match text.split_once(':') {
            None => number(text).map(|node| Self { first: node, last: Some(node) }),
            Some((first, last)) => Some(Self {
                first: if first.is_empty() { 0 } else { number(first)? },
                last: if last.is_empty() { None } else { Some(number(last)?) },
            }),
        }
    }

    /// Whether a node is meant.
    pub fn contains(self, node: u32) -> bool {
        self.first <= node && self.last.is_none_or(|last| node <= last)
    }

    /// How many nodes of a job with `count` of them are meant: of two ranges the narrower one decides.
    pub fn width(self, count: u32) -> u32 {
        let end = self.last.map_or(count, |last| last.saturating_add(1).min(count));
        end.saturating_sub(self.first)
    }
}

/// What the nodes of a job run: `nodeProperties`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Nodes {
    /// How many there are.
    pub count: u32,
    /// The index of the main node, whose end is the job's (`MNP-5`).
    pub main: u32,
    /// What they run, range by range in the order given; every node is in one of them.
    pub groups: Vec<NodeGroup>,
}

/// One entry of `nodeRangeProperties`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeGroup {
    /// `targetNodes`, as written.
    pub target_nodes: String,
    /// The nodes meant.
    pub range: NodeRange,
    /// What each of them runs.
    pub work: Work,
    /// `instanceTypes`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instance_types: Vec<String>,
}

impl Nodes {
    /// The ordinal of the group that a node is in.
    pub fn group_of(&self, node: u32) -> Option<usize> {
        deciding(node, self.count, self.groups.iter().map(|group| group.range))
    }

    /// What a node runs.
    pub fn work_of(&self, node: u32) -> Option<&Work> {
        self.group_of(node).map(|group| &self.groups[group].work)
    }

    /// By group: what each of its nodes asks of a host, and how many of them there are.
    pub fn demands(&self) -> Vec<(Resources, u32)> {
        let mut demands: Vec<_> = self.groups.iter().map(|group| (group.work.demand(), 0)).collect();
        for group in (0..self.count).filter_map(|node| self.group_of(node)) {
            demands[group].1 += 1;
        }
        demands
    }

    /// What all of them ask for together.
    pub fn demand(&self) -> Resources {
        let each = |(each, count): (Resources, u32)| std::iter::repeat_n(each, count as usize);
        self.demands().into_iter().flat_map(each).fold(Resources::default(), Resources::plus)
    }
}

/// The ordinal of the range that decides what a node runs: of those that contain it the narrowest, of equally narrow ones
/// the last.
fn deciding(node: u32, count: u32, ranges: impl Iterator<Item = NodeRange>) -> Option<usize> {
    let containing = ranges.enumerate().filter(|(_, range)| range.contains(node));
    containing
        .min_by_key(|(ordinal, range)| (range.width(count), std::cmp::Reverse(*ordinal)))
        .map(|(ordinal, _)| ordinal)
}

/// How far a multi-node job's current attempt is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gang {
    /// Set once the main node has ended: what follows when the last of the other nodes is gone (`MNP-5`, `MNP-6`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// What the job holds of consumable resources while anything of it runs (`MNP-11`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<ConsumableHold>,
}

/// What the end of the main node means for the job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Every node is tried again (`MNP-6`).
    Again,
    /// The job has ended.
    Ended {
        /// How.
        status: JobStatus,
        /// Why.
        reason: String,
        /// When.
        at: Timestamp,
    },
}

impl Gang {
    /// The life of a node that has no row yet: it is what its job is.
    pub fn unplaced(job: &Run) -> Run {
        Run {
            status_reason: job.status_reason.clone(),
            stopped_at: job.stopped_at,
            cancelled: job.cancelled,
            terminated: job.terminated,
            ..Run::new(job.status)
        }
    }
}

#[cfg(test)]
mod tests;
