//! Commands on scheduling policies.

use crate::entity::Tags;
use longshore_types::{Document, Name};

/// `fairsharePolicy` as written; weights are in units of one [`crate::entity::WEIGHT_ONE`]th.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FairShareInput {
    /// `shareDecaySeconds`.
    pub decay_s: Option<i64>,
    /// `computeReservation`.
    pub reservation: Option<i64>,
    /// `shareDistribution` as (shareIdentifier, weightFactor).
    pub distribution: Option<Vec<(String, Option<i64>)>>,
}

/// CreateSchedulingPolicy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreateSchedulingPolicy {
    /// `name`.
    pub name: String,
    /// `fairsharePolicy`.
    pub fair_share: Option<FairShareInput>,
    /// `quotaSharePolicy`, echoed.
    pub quota_share: Option<Document>,
    /// `tags`.
    pub tags: Tags,
}

/// UpdateSchedulingPolicy; what is absent stays as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateSchedulingPolicy {
    /// `arn`.
    pub policy: PolicyRef,
    /// `fairsharePolicy`.
    pub fair_share: Option<FairShareInput>,
    /// `quotaSharePolicy`, echoed.
    pub quota_share: Option<Document>,
}

/// A scheduling policy as a request names it: by ARN alone (`ID-3`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyRef {
    /// The text of the request, for refusals.
    pub text: String,
    /// The name in it; `None` when it is not the ARN of a scheduling policy.
    pub name: Option<Name>,
}
