//! Compute environments and their `computeResources` (spec sections 18.1 and 26.3).

mod ec2;
mod fargate;
mod launch_template;
mod update;

use super::{eks, require};
use crate::command::CreateComputeEnvironment;
use crate::entity::{ComputeResources, ResourceState};
use crate::error::Error;
use serde_json::Value;

pub(crate) use update::{replaces_infrastructure, update_policy, updated_resources};

/// The tag that names an environment's provider of hosts. Nothing of EC2 is asked of an environment that has it.
pub(crate) const PROVIDER_TAG: &str = "longshore:provider";

/// Checks a creation; gives the resources of a managed environment.
pub(crate) fn created_environment(command: &CreateComputeEnvironment) -> Result<Option<ComputeResources>, Error> {
    let enabled = command.state.as_deref().is_none_or(|state| state == ResourceState::Enabled.as_str());
    require(enabled, "Compute Environment must be created in ENABLED state.")?;
    match command.kind.as_str() {
        "MANAGED" => managed(command).map(Some),
        "UNMANAGED" => unmanaged(command).map(|()| None),
        other => {
            let valid = "[MANAGED, UNMANAGED]";
            Err(Error::invalid(format!("Compute Environment type {other} is not valid. Valid types: {valid}")))
        }
    }
}

/// `CE-1`.
fn unmanaged(command: &CreateComputeEnvironment) -> Result<(), Error> {
    let role = command.service_role.as_deref().filter(|role| !role.is_empty());
    let provided = command.tags.contains_key(PROVIDER_TAG);
    require(role.is_some() || provided, "ServiceRole is required.")?;
    let linked = role.is_some_and(is_service_linked);
    require(!linked, "Service Linked Role cannot be used with UNMANAGED Compute Environment")?;
    // AWS's text is not known.
    let text = "computeResources is not applicable to unmanaged Compute Environments";
    require(command.compute.is_none(), text)
}

fn managed(command: &CreateComputeEnvironment) -> Result<ComputeResources, Error> {
    let text = "unmanagedvCpus is not applicable to managed Compute Environments";
    require(command.unmanaged_vcpus.is_none(), text)?;
    // AWS's text is not known.
    let compute = command.compute.as_ref();
    let compute = compute.ok_or_else(|| Error::invalid("computeResources is required for managed environments."))?;
    let kind = compute.kind.as_deref().unwrap_or_default();
    let cluster = command.document.0.get("eksConfiguration");
    let eks = cluster.is_some();
    match kind {
        "EC2" | "SPOT" => {
            cluster.map_or(Ok(()), eks_configuration)?;
            let infrastructure = !command.tags.contains_key(PROVIDER_TAG);
            ec2::resources(compute, ec2::Asks { spot: kind == "SPOT", eks, infrastructure })?;
        }
        _ if eks => return Err(Error::invalid("Supported compute types for EKS compute environments are [EC2, SPOT]")),
        "FARGATE" | "FARGATE_SPOT" => fargate::resources(compute)?,
        // Stored and treated as EC2 (`MI-2`).
        "ECS_MANAGED_INSTANCES" => {}
        other => {
            let valid = "[EC2, SPOT, FARGATE, FARGATE_SPOT, ECS_MANAGED_INSTANCES]";
            let text = format!("Compute resource type {other} is not valid. Valid types: {valid}");
            return Err(Error::invalid(text));
        }
    }
    let is_fargate = kind.starts_with("FARGATE");
    let min_vcpus = if is_fargate { None } else { Some(compute.min_vcpus.unwrap_or(0)) };
    let resources = ComputeResources {
        kind: kind.to_owned(),
        min_vcpus,
        max_vcpus: compute.max_vcpus.unwrap_or(0),
        desired_vcpus: if is_fargate { None } else { compute.desired_vcpus.or(min_vcpus) },
        document: compute.document.clone(),
    };
    sizes(&resources)?;
    Ok(resources)
}

/// `CE-8`.
fn eks_configuration(configuration: &Value) -> Result<(), Error> {
    let arn = configuration["eksClusterArn"].as_str().unwrap_or_default();
    let cluster = arn.starts_with("arn:") && arn.contains(":eks:") && arn.contains(":cluster/");
    require(cluster, "eksClusterArn must be an EKS cluster ARN.")?;
    eks::namespace(configuration["kubernetesNamespace"].as_str())
}

/// `CE-3`.
fn sizes(resources: &ComputeResources) -> Result<(), Error> {
    let (min, max) = (resources.min_vcpus.unwrap_or(0), resources.max_vcpus);
    require(min >= 0, "minvCpus should be greater than or equal to 0.")?;
    require(max >= min, "maxvCpus should be greater than or equal to minvCpus.")?;
    let desired = resources.desired_vcpus.unwrap_or(min);
    require((min..=max).contains(&desired), "desiredvCpus should be between minvCpus and maxvCpus.")
}

/// Whether this is the role that AWS makes for Batch itself.
pub(crate) fn is_service_linked(role: &str) -> bool {
    role.contains("AWSServiceRoleForBatch")
}

#[cfg(test)]
mod tests;
