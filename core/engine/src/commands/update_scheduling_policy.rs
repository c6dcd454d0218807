//! UpdateSchedulingPolicy. Queues that have the policy go by what it says from now on; its kind never changes.

use super::scheduling_policy::find;
use crate::command::{Response, UpdateSchedulingPolicy};
use crate::engine::Engine;
use crate::entity::PolicyKind;
use crate::error::Error;
use crate::validate;

pub(super) fn apply(engine: &mut Engine, command: UpdateSchedulingPolicy) -> Result<Response, Error> {
    let mut policy = find(engine, &command.policy)?.clone();
    // AWS's text is not known.
    let other_kind = || Error::invalid("The type of a scheduling policy cannot be changed.");
    policy.kind = match (policy.kind, &command.fair_share, command.quota_share) {
        (_, Some(_), Some(_)) => return Err(validate::both_kinds()),
        (kind, None, None) => kind,
        (PolicyKind::FairShare(_), Some(input), None) => PolicyKind::FairShare(validate::fair_share(input)?),
        (PolicyKind::QuotaShare(_), None, Some(quota)) => PolicyKind::QuotaShare(quota),
        _ => return Err(other_kind()),
    };
    let name = policy.name.clone();
    engine.put_policy(policy);
    let queues = engine.queues.values().filter(|queue| queue.scheduling_policy.as_ref() == Some(&name));
    let queues: Vec<_> = queues.map(|queue| queue.name.clone()).collect();
    queues.iter().for_each(|queue| engine.adopt_policy(queue));
    engine.unscheduled = true;
    Ok(Response::Done)
}

#[cfg(test)]
mod tests;
