//! `computeResources` of Fargate environments (`CE-4`).

use super::require;
use crate::command::ComputeResourcesInput;
use crate::error::Error;

const MEMBERS: [&str; 2] = ["subnets", "securityGroupIds"];

/// Checks the resources; their sizes are checked by the caller.
pub(super) fn resources(compute: &ComputeResourcesInput) -> Result<(), Error> {
    members(compute)?;
    let count = |member: &str| compute.document.0.get(member).and_then(|list| list.as_array()).map_or(0, Vec::len);
    require(count("subnets") <= 16, "Fargate supports a maximum of 16 subnets.")?;
    require(count("securityGroupIds") >= 1, "Security group ids are required.")?;
    require(count("securityGroupIds") <= 5, "Fargate supports a maximum of 5 security groups.")
}

/// Only the type, the maximum, subnets and security groups.
pub(super) fn members(compute: &ComputeResourcesInput) -> Result<(), Error> {
    require(compute.min_vcpus.is_none(), "minvCpus is not applicable for Fargate.")?;
    require(compute.desired_vcpus.is_none(), "desiredvCpus is not applicable for Fargate.")?;
    let other = compute.document.0.keys().find(|member| !MEMBERS.contains(&member.as_str()));
    match other {
        Some(member) => Err(Error::invalid(format!("{member} is not applicable for Fargate."))),
        None => Ok(()),
    }
}
