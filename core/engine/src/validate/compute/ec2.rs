//! `computeResources` of EC2 and Spot environments (`CE-2`, `CE-5` to `CE-8`).

use super::{launch_template, require};
use crate::command::ComputeResourcesInput;
use crate::error::Error;
use longshore_types::Document;
use serde_json::Value;

const IMAGE_TYPES: [&str; 10] = [
    "ECS_AL2",
    "ECS_AL2_NVIDIA",
    "ECS_AL2023",
    "ECS_AL2023_NVIDIA",
    "EKS_AL2",
    "EKS_AL2_NVIDIA",
    "EKS_AL2023",
    "EKS_AL2023_NVIDIA",
    "EKS_BOTTLEROCKET",
    "EKS_BOTTLEROCKET_NVIDIA",
];

/// What is asked of the resources.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asks {
    pub(super) spot: bool,
    pub(super) eks: bool,
    /// Whether the members that only make sense in a real VPC are required.
    pub(super) infrastructure: bool,
}

/// Checks the resources; their sizes are checked by the caller.
pub(super) fn resources(compute: &ComputeResourcesInput, asks: Asks) -> Result<(), Error> {
    let document = Value::Object(compute.document.0.clone());
    let strategy = document["allocationStrategy"].as_str();
    if asks.infrastructure {
        infrastructure(compute, &document)?;
        let best_fit = matches!(strategy, None | Some("BEST_FIT"));
        let fleet_role = filled_text(&document["spotIamFleetRole"]);
        let needed = asks.spot && best_fit && !asks.eks;
        require(!needed || fleet_role, "compute resource spotIamFleetRole is required.")?;
    }
    let text = "allocationStrategy is required for EKS Compute Environments.";
    require(!asks.eks || strategy.is_some() || !asks.infrastructure, text)?;
    members(&compute.document)
}

/// Members that creations and updates have in common.
pub(super) fn members(document: &Document) -> Result<(), Error> {
    let document = Value::Object(document.0.clone());
    let bid = document["bidPercentage"].as_i64();
    require(bid.is_none_or(|bid| (0..=100).contains(&bid)), "Bid percentage must be between 0 to 100.")?;
    instance_types(&document, document["allocationStrategy"].as_str())?;
    let configurations = document["ec2Configuration"].as_array().map_or(&[][..], Vec::as_slice);
    // AWS's text is not known (`CE-6`).
    require(configurations.len() <= 2, "ec2Configuration can have at most 2 entries.")?;
    for configuration in configurations {
        let known = configuration["imageType"].as_str().is_some_and(|kind| IMAGE_TYPES.contains(&kind));
        require(known, "Invalid imageType in ComputeResources.ec2Configuration")?;
    }
    launch_template::launch_template(&document["launchTemplate"], &document["instanceTypes"])
}

fn infrastructure(compute: &ComputeResourcesInput, document: &Value) -> Result<(), Error> {
    require(compute.min_vcpus.is_some(), "Resource minvCpus is required.")?;
    require(filled(&document["instanceTypes"]), "Resource instanceTypes are required.")?;
    let groups = filled(&document["securityGroupIds"]) || document["launchTemplate"].is_object();
    require(groups, "Security group ids are required.")?;
    require(filled_text(&document["instanceRole"]), "Instance role is required.")
}

/// `CE-5`.
fn instance_types(document: &Value, strategy: Option<&str>) -> Result<(), Error> {
    let types: Vec<&str> =
        document["instanceTypes"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let arm = types.iter().filter(|kind| is_arm(kind)).count();
    let one_architecture = arm == 0 || arm == types.len();
    require(one_architecture, "arm-based instance type cannot be used with other instance types")?;
    let bundled = types.iter().any(|kind| matches!(*kind, "optimal" | "default_x86_64" | "default_arm64"));
    let ordered = strategy.filter(|name| name.ends_with("_ORDERED") || name.ends_with("_PRIORITIZED"));
    match ordered {
        Some(name) if bundled => Err(Error::invalid(format!(
            "Instance type bundles (e.g. optimal, default_x86_64) are not allowed for {name} allocation strategy."
        ))),
        _ => Ok(()),
    }
}

/// Families of Arm processors have a `g` after the generation (`m6g`, `c7gn`); the first was `a1`.
fn is_arm(kind: &str) -> bool {
    let family = kind.split('.').next().unwrap_or_default();
    let generation = family.find(|character: char| character.is_ascii_digit());
    let after = generation.map(|at| family[at..].trim_start_matches(|character: char| character.is_ascii_digit()));
    kind == "default_arm64" || family == "a1" || after.is_some_and(|after| after.starts_with('g'))
}

fn filled(list: &Value) -> bool {
    list.as_array().is_some_and(|list| !list.is_empty())
}

fn filled_text(text: &Value) -> bool {
    text.as_str().is_some_and(|text| !text.is_empty())
}
