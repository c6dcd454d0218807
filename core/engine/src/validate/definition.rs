//! What a definition is, and what it runs on (`JD-2`, `FG-1`, `MI-1`).

use super::require;
use crate::command::RegisterJobDefinition;
use crate::entity::DefinitionKind;
use crate::error::Error;

/// The platform that a definition is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Platform {
    /// EC2, and what is not said (`SUB-5`).
    Ec2,
    /// Fargate.
    Fargate,
    /// ECS Managed Instances.
    ManagedInstances,
}

/// The platform named by `platformCapabilities`.
pub(crate) fn platform(capabilities: &[String]) -> Result<Platform, Error> {
    let [capability] = capabilities else {
        require(capabilities.is_empty(), "Exactly 1 capability must be provided.")?;
        return Ok(Platform::Ec2);
    };
    match capability.as_str() {
        "EC2" => Ok(Platform::Ec2),
        "FARGATE" => Ok(Platform::Fargate),
        "MANAGED_INSTANCES" => Ok(Platform::ManagedInstances),
        other => {
            let valid = "[FARGATE, EC2, MANAGED_INSTANCES]";
            Err(Error::invalid(format!("Capability {other} is not valid. Valid capabilities: {valid}")))
        }
    }
}

/// The kind of definition, which has the properties of that kind and of no other.
pub(crate) fn definition_kind(command: &RegisterJobDefinition, platform: Platform) -> Result<DefinitionKind, Error> {
    let has = |member: &str| command.document.0.contains_key(member);
    let (container, ecs, eks, nodes) =
        (command.container.is_some(), has("ecsProperties"), has("eksProperties"), has("nodeProperties"));
    require(!(container && ecs), "Cannot use both ECS containerProperties and ecsProperties")?;
    require(!(container && eks), "Cannot use both ECS containerProperties and eksProperties")?;
    require(!(ecs && eks), "Cannot use both ecsProperties and eksProperties")?;
    require(!(nodes && eks), "Cannot use both nodeProperties and eksProperties")?;
    match command.kind.as_str() {
        "container" => {
            let managed = platform == Platform::ManagedInstances;
            require(!(managed && container), "Cannot use ECS containerProperties for MANAGED_INSTANCES")?;
            // AWS's texts for a definition with nothing in it, or with nodes as well, are not known.
            let some = container || ecs || eks;
            require(some, "One of containerProperties, ecsProperties or eksProperties of container job is required.")?;
            require(!nodes, "nodeProperties can only be used with multinode jobs.")?;
            Ok(DefinitionKind::Container)
        }
        "multinode" => {
            require(nodes, "Node properties of multinode job is required.")?;
            // AWS's text for a container or a task beside the nodes is not known.
            let text = "containerProperties and ecsProperties can not be used with multinode jobs.";
            require(!container && !ecs, text)?;
            require(platform != Platform::Fargate, "Fargate does not support MNP jobs")?;
            require(platform != Platform::ManagedInstances, "MANAGED_INSTANCES does not support MNP jobs")?;
            Ok(DefinitionKind::Multinode)
        }
        other => Err(Error::invalid(format!(
            "Job definition type {other} is not valid. Valid types: [container, multinode]"
        ))),
    }
}

#[cfg(test)]
mod tests;
