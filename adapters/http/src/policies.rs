//! Operations on scheduling policies, and how a policy is written.

mod create_scheduling_policy;
mod delete_scheduling_policy;
mod describe_scheduling_policies;
mod list_scheduling_policies;
mod update_scheduling_policy;

pub(crate) use create_scheduling_policy::create_scheduling_policy;
pub(crate) use delete_scheduling_policy::delete_scheduling_policy;
pub(crate) use describe_scheduling_policies::describe_scheduling_policies;
pub(crate) use list_scheduling_policies::list_scheduling_policies;
pub(crate) use update_scheduling_policy::update_scheduling_policy;

use crate::arn;
use crate::document::rest_of;
use crate::failure::Failure;
use longshore_api_batch::types::{FairsharePolicy, QuotaSharePolicy, ShareAttributes};
use longshore_engine::command::{FairShareInput, PolicyRef};
use longshore_engine::entity::{FairShare, ShareWeight, WEIGHT_ONE};
use longshore_types::Document;

/// What ARNs of scheduling policies say after the account.
const KIND: &str = "scheduling-policy";

/// The policy that a request names, by ARN alone (`ID-3`).
pub(crate) fn policy_ref(text: String) -> PolicyRef {
    let name = arn::name_of(KIND, &text);
    let name = (name != text).then(|| name.parse().ok()).flatten();
    PolicyRef { text, name }
}

/// Weights are whole units in the engine; what is no weight stays none.
fn fair_share_input(policy: FairsharePolicy) -> FairShareInput {
    let units = |weight: f64| (weight * WEIGHT_ONE as f64).round() as i64;
    let entry = |share: ShareAttributes| (share.share_identifier.unwrap_or_default(), share.weight_factor.map(units));
    FairShareInput {
        decay_s: policy.share_decay_seconds,
        reservation: policy.compute_reservation,
        distribution: policy.share_distribution.map(|shares| shares.into_iter().map(entry).collect()),
    }
}

fn fair_share(policy: &FairShare) -> FairsharePolicy {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let entry = |entry: &ShareWeight| ShareAttributes {
        share_identifier: Some(entry.identifier.clone()),
        weight_factor: entry.weight.map(|weight| weight as f64 / WEIGHT_ONE as f64),
    };
    FairsharePolicy {
        compute_reservation: policy.reservation.map(number),
        share_decay_seconds: policy.decay_s.map(number),
        share_distribution: Some(policy.distribution.iter().flatten().map(entry).collect()),
    }
}

fn quota_share_input(policy: Option<QuotaSharePolicy>) -> Result<Option<Document>, Failure> {
    policy.map(|policy| rest_of(&policy, &[])).transpose()
}

#[cfg(test)]
mod tests;
