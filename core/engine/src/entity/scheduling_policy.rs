//! Scheduling policies (spec section 20.2).

use super::Tags;
use longshore_types::{Document, Name, Timestamp};
use serde::{Deserialize, Serialize};

/// Weights are whole numbers of this part of one: the finest weight there is (`FSS-1`).
pub const WEIGHT_ONE: u64 = 10_000;

/// A scheduling policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SchedulingPolicy {
    /// Its name, unique.
    pub name: Name,
    /// What it decides.
    pub kind: PolicyKind,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
    /// When it was created.
    pub created_at: Timestamp,
}

/// What a scheduling policy decides; it never changes its kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyKind {
    /// `fairsharePolicy`: whose turn it is in a queue.
    FairShare(FairShare),
    /// `quotaSharePolicy`, echoed: only queues of service jobs can have it.
    QuotaShare(Document),
}

/// `fairsharePolicy`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FairShare {
    /// `shareDecaySeconds`, if given (`FSS-3`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decay_s: Option<u64>,
    /// `computeReservation`, if given: a percentage below 100 (`FSS-4`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reservation: Option<u64>,
    /// `shareDistribution`, in the order given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distribution: Option<Vec<ShareWeight>>,
}

/// One entry of `shareDistribution`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareWeight {
    /// A share identifier, or with a trailing `*` the beginning of some.
    pub identifier: String,
    /// `weightFactor` in units of one [`WEIGHT_ONE`]th, if given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<u64>,
}

impl ShareWeight {
    /// Whether the entry is about this share.
    pub fn covers(&self, share: &str) -> bool {
        match self.identifier.strip_suffix('*') {
            Some(prefix) => share.starts_with(prefix),
            None => share == self.identifier,
        }
    }
}

impl FairShare {
    /// The weight of a share: use counts that many times as much. One where the policy says nothing (`FSS-6`).
    pub fn weight_of(&self, share: &str) -> u64 {
        let entry = self.distribution.iter().flatten().find(|entry| entry.covers(share));
        entry.and_then(|entry| entry.weight).unwrap_or(WEIGHT_ONE)
    }

    /// Over how many milliseconds past use counts (`FSS-3`, A5).
    pub fn window_ms(&self) -> u64 {
        let seconds = self.decay_s.filter(|seconds| *seconds > 0).unwrap_or(600);
        seconds.saturating_mul(1_000)
    }
}
