//! Changes of `computeResources` and `updatePolicy` (`CE-15` to `CE-18`).

use super::{PROVIDER_TAG, ec2, fargate, is_service_linked, require, sizes};
use crate::command::ComputeResourcesInput;
use crate::entity::{ComputeEnvironment, ComputeResources};
use crate::error::Error;
use longshore_types::Document;
use serde_json::Value;

/// Checks an update against what is there; gives the resources that result (`CE-15` to `CE-18`).
pub(crate) fn updated_resources(
    environment: &ComputeEnvironment,
    update: &ComputeResourcesInput,
) -> Result<ComputeResources, Error> {
    let numbers = [update.min_vcpus, update.max_vcpus, update.desired_vcpus];
    let some = update.kind.is_some() || numbers.iter().any(Option::is_some) || !update.document.is_empty();
    require(some, "At least one compute-resources attribute must be specified")?;
    // AWS's text is not known.
    let current = environment.compute.as_ref();
    let current = current
        .ok_or_else(|| Error::invalid("computeResources is not applicable to unmanaged Compute Environments"))?;
    if current.is_fargate() {
        fargate::members(update)?;
    }
    let mut updated = current.clone();
    updated.kind = update.kind.clone().unwrap_or(updated.kind);
    updated.max_vcpus = update.max_vcpus.unwrap_or(updated.max_vcpus);
    updated.min_vcpus = update.min_vcpus.or(updated.min_vcpus);
    updated.desired_vcpus = desired(environment, current, &updated, update.desired_vcpus)?;
    for (member, value) in &update.document.0 {
        updated.document.0.insert(member.clone(), value.clone());
    }
    updated.document.0.retain(|member, value| !clears(member, value));
    changed_kind(&current.kind, &updated.kind)?;
    infrastructure(environment, update, &updated)?;
    scaling_policy(&updated.document)?;
    sizes(&updated)?;
    if !updated.is_fargate() {
        ec2::members(&updated.document)?;
    }
    Ok(updated)
}

/// `desiredvCpus` after the update: what is asked for, which is not less than there is, else what there is between the
/// new bounds (`CE-16`).
fn desired(
    environment: &ComputeEnvironment,
    current: &ComputeResources,
    updated: &ComputeResources,
    asked: Option<i64>,
) -> Result<Option<i64>, Error> {
    let Some(asked) = asked else {
        let bounded = |desired: i64| desired.min(updated.max_vcpus).max(updated.min_vcpus.unwrap_or(0));
        return Ok(updated.desired_vcpus.map(bounded));
    };
    // AWS's text is known for Fargate only.
    let on_eks = environment.is_eks();
    require(!on_eks, "desiredvCpus is not applicable for EKS.")?;
    require(
        asked >= current.desired_vcpus.unwrap_or(0),
        "Manually scaling down compute environment is not supported. Disconnecting job queues from compute \
         environment will cause it to scale-down to minvCpus.",
    )?;
    Ok(Some(asked))
}

/// `CE-17`: an environment stays with those whose hosts are like its own. AWS's text is not known.
fn changed_kind(current: &str, new: &str) -> Result<(), Error> {
    let alike: &[&str] = match current {
        "EC2" | "SPOT" => &["EC2", "SPOT"],
        "FARGATE" | "FARGATE_SPOT" => &["FARGATE", "FARGATE_SPOT"],
        _ => &["ECS_MANAGED_INSTANCES"],
    };
    let text =
        format!("Compute resource type {current} cannot be changed to {new}. Valid types: [{}]", alike.join(", "));
    require(alike.contains(&new), text)
}

/// `CE-18`: an empty text takes these members away, and the wish for the newest image is not kept.
fn clears(member: &str, value: &Value) -> bool {
    let emptied = |members: &[&str]| members.iter().any(|member| value[member] == "");
    match member {
        "updateToLatestImageVersion" => true,
        "imageId" | "ec2KeyPair" | "placementGroup" => *value == "",
        "launchTemplate" => emptied(&["launchTemplateId", "launchTemplateName"]),
        "scalingPolicy" => value["minScaleDownDelayMinutes"] == 0,
        _ => false,
    }
}

/// The members of an update that are more than scaling, by their wire names.
fn infrastructure_fields<'a>(environment: &ComputeEnvironment, update: &'a ComputeResourcesInput) -> Vec<&'a str> {
    let fargate = environment.is_fargate();
    let scaling =
        |member: &str| member == "scalingPolicy" || fargate && matches!(member, "subnets" | "securityGroupIds");
    let mut fields: Vec<&str> = update.document.0.keys().map(String::as_str).filter(|key| !scaling(key)).collect();
    if !fargate {
        fields.extend(update.kind.as_ref().map(|_| "type"));
    }
    fields
}

/// Whether an update replaces what attempts run on (`CE-17`).
pub(crate) fn replaces_infrastructure(environment: &ComputeEnvironment, update: &ComputeResourcesInput) -> bool {
    !infrastructure_fields(environment, update).is_empty()
}

/// `CE-17`: what is more than scaling needs the service-linked role, and a strategy that can be updated. An environment
/// with a provider of its own has no strategy.
fn infrastructure(
    environment: &ComputeEnvironment,
    update: &ComputeResourcesInput,
    updated: &ComputeResources,
) -> Result<(), Error> {
    let fields = infrastructure_fields(environment, update);
    if fields.is_empty() {
        return Ok(());
    }
    let custom = environment.service_role.as_deref().is_some_and(|role| !role.is_empty() && !is_service_linked(role));
    let strategy = updated.document.0.get("allocationStrategy").and_then(Value::as_str);
    let managed_instances = updated.kind == "ECS_MANAGED_INSTANCES";
    let provided = environment.tags.contains_key(PROVIDER_TAG);
    let best_fit = !managed_instances && !provided && matches!(strategy, None | Some("BEST_FIT"));
    let text = "can be updated only for Non-fargate Compute Environment having a Batch Service Linked Role";
    require(!custom && !best_fit, format!("Following fields [{}] {text}", fields.join(", ")))
}

/// `CE-12`; AWS's text is not known.
fn scaling_policy(document: &Document) -> Result<(), Error> {
    let policy = document.0.get("scalingPolicy").unwrap_or(&Value::Null);
    let minutes = policy["minScaleDownDelayMinutes"].as_i64().unwrap_or(0);
    let valid = minutes == 0 || (20..=10_080).contains(&minutes);
    require(valid, "minScaleDownDelayMinutes must be 0, or between 20 and 10080.")
}

/// `updatePolicy` of an update (`CE-17`); AWS's text is not known.
pub(crate) fn update_policy(document: &Document) -> Result<(), Error> {
    let policy = document.0.get("updatePolicy").unwrap_or(&Value::Null);
    let minutes = policy["jobExecutionTimeoutMinutes"].as_i64();
    let valid = minutes.is_none_or(|minutes| (1..=7_200).contains(&minutes));
    require(valid, "jobExecutionTimeoutMinutes must be between 1 and 7200.")
}
