//! Service environments, quota shares and service jobs (spec sections 22 and 26.3), as far as they can be judged by
//! themselves. Texts that no source knows are ours.

use super::{require, scheduling_priority};
use crate::command::SubmitServiceJob;
use crate::entity::CapacityLimit;
use crate::error::Error;
use longshore_types::{Document, Limits};
use serde_json::Value;
use std::collections::BTreeSet;

/// The only type of service environments, of their queues and of service jobs that there is.
pub(crate) const SERVICE_TYPE: &str = "SAGEMAKER_TRAINING";
/// Most capacity limits.
const LIMITS: usize = 5;
/// The unit that is no instance type.
const INSTANCES: &str = "NUM_INSTANCES";
/// Longest pattern of `onStatusReason`.
const PATTERN_CHARS: usize = 512;

/// `serviceEnvironmentType` and `serviceJobType`.
pub(crate) fn service_type(kind: &str) -> Result<(), Error> {
    require(kind == SERVICE_TYPE, format!("Type {kind} is not valid. Valid types: [{SERVICE_TYPE}]"))
}

/// `capacityLimits` (`SVC-1`, `SVC-4`): one number of instances, or up to five instance types.
pub(crate) fn capacity_limits(limits: &[CapacityLimit]) -> Result<(), Error> {
    require(!limits.is_empty(), "At least one capacity limit must be specified.")?;
    require(limits.len() <= LIMITS, format!("Number of capacity limits exceeds {LIMITS}."))?;
    let total = limits.iter().filter(|limit| limit.capacity_unit == INSTANCES).count();
    let one_kind = total == 0 || limits.len() == 1;
    require(one_kind, "Capacity units must specify either number of instances OR instance type")?;
    for limit in limits {
        let unit = &limit.capacity_unit;
        let instance_type = unit.starts_with("ml.") && unit.split('.').count() == 3;
        let text =
            format!("Capacity unit {unit} is not valid. Use {INSTANCES} or an instance type, such as ml.m5.large.");
        require(unit == INSTANCES || instance_type, text)?;
        require(limit.max_capacity > 0, "Max capacity must be more than 0.")?;
    }
    let units: BTreeSet<&str> = limits.iter().map(|limit| limit.capacity_unit.as_str()).collect();
    require(units.len() == limits.len(), "Cannot have duplicate capacity units in capacityLimits.")
}

/// `resourceSharingConfiguration` and `preemptionConfiguration` of a quota share, with what they leave out (`SVC-4`).
pub(crate) fn quota_share(mut document: Document) -> Result<Document, Error> {
    let text = "resourceSharingConfiguration and preemptionConfiguration are required.";
    let sharing = document.0.get_mut("resourceSharingConfiguration").ok_or_else(|| Error::invalid(text))?;
    let strategy = sharing["strategy"].as_str().unwrap_or_default().to_owned();
    let strategies = ["RESERVE", "LEND", "LEND_AND_BORROW"];
    let text =
        format!("Resource sharing strategy {strategy} is not valid. Valid strategies: [{}]", strategies.join(", "));
    require(strategies.contains(&strategy.as_str()), text)?;
    let borrows = strategy == "LEND_AND_BORROW";
    match sharing["borrowLimit"].as_i64() {
        Some(limit) => {
            require(borrows, "borrowLimit is only applicable to the strategy LEND_AND_BORROW.")?;
            require(limit >= -1, "borrowLimit must be -1, which is unlimited, or a percentage of at least 0.")?;
        }
        None if borrows => sharing["borrowLimit"] = (-1).into(),
        None => {}
    }
    let preemption = document.0.get("preemptionConfiguration").unwrap_or(&Value::Null);
    let state = preemption["inSharePreemption"].as_str().unwrap_or_default();
    let text = format!("inSharePreemption {state} is not valid. Valid values: [ENABLED, DISABLED]");
    require(matches!(state, "ENABLED" | "DISABLED"), text)?;
    Ok(document)
}

/// What a service job asks for (`SVC-3`).
pub(crate) fn service_job(command: &SubmitServiceJob, limits: &Limits) -> Result<(), Error> {
    let most = limits.submit_service_bytes;
    require(command.body_bytes <= most, format!("A SubmitServiceJob request can have at most {most} bytes."))?;
    service_type(&command.kind)?;
    payload(&command.payload, limits)?;
    scheduling_priority(command.scheduling_priority)?;
    let member = |name: &str| command.document.0.get(name);
    member("retryStrategy").map_or(Ok(()), |strategy| retry_strategy(strategy, limits))?;
    let seconds = member("timeoutConfig").and_then(|timeout| timeout["attemptDurationSeconds"].as_i64());
    super::timeout(seconds)?;
    let retries = member("preemptionConfiguration").and_then(|it| it["preemptionRetriesBeforeTermination"].as_i64());
    require(
        retries.is_none_or(|retries| retries >= 0),
        "preemptionRetriesBeforeTermination cannot be a negative number.",
    )?;
    let preempted = member("preemptionConfiguration").is_none() || command.quota_share.is_some();
    require(preempted, "preemptionConfiguration is only applicable to jobs with a quotaShareName.")
}

/// A request of CreateTrainingJob: a JSON object.
fn payload(text: &str, limits: &Limits) -> Result<(), Error> {
    let most = limits.service_payload_bytes;
    require(text.len() <= most, format!("serviceRequestPayload can have at most {most} bytes."))?;
    let object = serde_json::from_str::<Value>(text).is_ok_and(|value| value.is_object());
    require(object, "serviceRequestPayload must be a JSON object.")
}

/// Only `onStatusReason`, of any printable characters.
fn retry_strategy(strategy: &Value, limits: &Limits) -> Result<(), Error> {
    let attempts = strategy["attempts"].as_i64();
    let attempts = attempts.ok_or_else(|| Error::invalid("RetryAttempts must be provided with retry strategy."))?;
    let most = limits.attempts;
    require((1..=i64::from(most)).contains(&attempts), format!("RetryAttempts must be between 1 and {most}."))?;
    let entries = strategy["evaluateOnExit"].as_array().map_or(&[][..], Vec::as_slice);
    let most = limits.evaluate_on_exit;
    require(entries.len() <= most, format!("EvaluateOnExit can have at most {most} entries."))?;
    for entry in entries {
        let pattern = entry["onStatusReason"].as_str().unwrap_or_default();
        require(!pattern.is_empty(), "EvaluateOnExit should contain onStatusReason")?;
        let length = pattern.chars().count();
        require(length <= PATTERN_CHARS, "Evaluate on exit condition cannot exceed 512 characters.")?;
        let printable = !pattern.chars().any(char::is_control);
        require(printable, "Evaluate on exit condition contains restricted characters.")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
