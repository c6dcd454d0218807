//! Which scheduling policy a request means: policies go by ARN alone (`ID-3`).

use crate::command::PolicyRef;
use crate::engine::Engine;
use crate::entity::{PolicyKind, SchedulingPolicy};
use crate::error::Error;
use crate::validate;
use longshore_types::Name;

/// The policy, which exists.
pub(super) fn find<'a>(engine: &'a Engine, policy: &PolicyRef) -> Result<&'a SchedulingPolicy, Error> {
    let name = policy.name.as_ref();
    let name = name.ok_or_else(|| Error::invalid("Only scheduling policy Arn can be allowed."))?;
    let not_found = || Error::invalid(format!("SchedulingPolicy {} not found.", policy.text));
    engine.policies.get(name).ok_or_else(not_found)
}

/// The policy that a queue of this type is to have (`JQ-4`); an empty text means none.
pub(super) fn of_queue(engine: &Engine, policy: Option<&PolicyRef>, kind: Option<&str>) -> Result<Option<Name>, Error> {
    let Some(policy) = policy.filter(|policy| !policy.text.is_empty()) else { return Ok(None) };
    let policy = find(engine, policy)?;
    if matches!(policy.kind, PolicyKind::QuotaShare(_)) && kind != Some(validate::SERVICE_TYPE) {
        let text = "Quota Management feature is only supported for SageMaker Training job queues.";
        return Err(Error::invalid(text));
    }
    Ok(Some(policy.name.clone()))
}
