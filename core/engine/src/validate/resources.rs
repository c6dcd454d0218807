//! `resourceRequirements` of definitions and overrides (`CPU-2`).

use super::{Platform, require};
use crate::entity::{ResourceKind, ResourceRequirement, parse_milli};
use crate::error::Error;

/// The requirements, each of a known kind that occurs once, with a number that means something.
pub(crate) fn resource_requirements(
    entries: &[(String, String)],
    platform: Platform,
) -> Result<Vec<ResourceRequirement>, Error> {
    let mut requirements: Vec<ResourceRequirement> = Vec::with_capacity(entries.len());
    for (kind, value) in entries {
        let kind = self::kind(kind)?;
        let first = requirements.iter().all(|earlier| earlier.kind != kind);
        require(first, "Cannot provide duplicates in resourceRequirements.")?;
        amount(kind, value, platform)?;
        requirements.push(ResourceRequirement { kind, value: value.clone() });
    }
    Ok(requirements)
}

fn kind(text: &str) -> Result<ResourceKind, Error> {
    let kinds = [ResourceKind::Gpu, ResourceKind::Vcpu, ResourceKind::Memory];
    let unknown = || Error::invalid(format!("ResourceType {text} is not valid. Valid types: [GPU, VCPU, MEMORY]"));
    kinds.into_iter().find(|kind| kind.as_str() == text).ok_or_else(unknown)
}

fn amount(kind: ResourceKind, value: &str, platform: Platform) -> Result<(), Error> {
    let kind_text = kind.as_str();
    let not_a_number = || {
        format!(
            "Value {value} for type {kind_text} in resourceRequirement is not valid. Please provide a numeric value."
        )
    };
    let whole = value.parse::<u64>().ok();
    match kind {
        ResourceKind::Vcpu => {
            let milli = parse_milli(value).ok_or_else(|| Error::invalid(not_a_number()))?;
            vcpu(milli, value, platform)
        }
        ResourceKind::Memory => {
            let mib = whole.ok_or_else(|| Error::invalid(not_a_number()))?;
            require(mib >= 4, format!("Memory must be at least 4 Mib, got {value} Mib."))
        }
        ResourceKind::Gpu => {
            require(whole.is_some(), not_a_number())?;
            require(platform != Platform::Fargate, "GPU is not applicable for Fargate.")
        }
    }
}

/// Fractions only exist off EC2.
fn vcpu(milli: u64, value: &str, platform: Platform) -> Result<(), Error> {
    match platform {
        Platform::Ec2 => {
            require(milli >= 1_000, format!("vCPU must be at least 1, got {value}."))?;
            // AWS's text for 1.5 on EC2 is not known.
            require(milli.is_multiple_of(1_000), format!("vCPU must be a whole number on EC2, got {value}."))
        }
        Platform::Fargate | Platform::ManagedInstances => {
            require(milli > 0, format!("vCPU must be more than 0, got {value}."))
        }
    }
}

#[cfg(test)]
mod tests;
