//! What containers on Fargate need and may not have (`FG-1`, `FG-2`, `FG-4`, `VOL-3`, `VOL-5`).

use super::require;
use crate::entity::{Container, Task};
use crate::error::Error;
use longshore_types::Resources;
use serde_json::Value;

const FAMILIES: [&str; 5] = [
    "WINDOWS_SERVER_2019_CORE",
    "WINDOWS_SERVER_2019_FULL",
    "WINDOWS_SERVER_2022_CORE",
    "WINDOWS_SERVER_2022_FULL",
    "LINUX",
];

/// Checks a container whose form is known to be right.
pub(super) fn container(container: &Container, document: &Value) -> Result<(), Error> {
    execution_role(document)?;
    // AWS's text for the deprecated members is not known.
    let deprecated = container.vcpus.is_some() || container.memory.is_some();
    require(!deprecated, "vcpus and memory are not applicable for Fargate. Use resourceRequirements.")?;
    refused_members(container, document)?;
    amounts(&[container])?;
    storage(document)?;
    runtime_platform(container.demand(), &document["runtimePlatform"])
}

/// Checks a task whose form is known to be right: as a container, and what its containers ask for as a sum (`MC-5`).
pub(super) fn task(task: &Task) -> Result<(), Error> {
    let mut document = Value::Object(task.document.0.clone());
    execution_role(&document)?;
    let version = document["platformVersion"].take();
    document["fargatePlatformConfiguration"] = serde_json::json!({ "platformVersion": version });
    let containers: Vec<&Container> = task.containers.iter().map(|part| &part.container).collect();
    for container in &containers {
        refused_members(container, &Value::Object(container.document.0.clone()))?;
    }
    amounts(&containers)?;
    storage(&document)?;
    runtime_platform(sum(&containers), &document["runtimePlatform"])
}

fn execution_role(document: &Value) -> Result<(), Error> {
    let role = document["executionRoleArn"].as_str().is_some_and(|role| !role.is_empty());
    require(role, "executionRoleArn is required for Fargate jobs.")
}

fn sum(containers: &[&Container]) -> Resources {
    containers.iter().fold(Resources::default(), |sum, container| sum.plus(container.demand()))
}

fn refused_members(container: &Container, document: &Value) -> Result<(), Error> {
    let filled = |list: &Value| list.as_array().is_some_and(|list| !list.is_empty());
    require(!filled(&document["ulimits"]), "ulimits is not applicable for Fargate.")?;
    require(document["privileged"] != Value::Bool(true), "privileged is not applicable for Fargate.")?;
    require(container.instance_type.is_none(), "instanceType is not applicable for Fargate.")?;
    let linux = &document["linuxParameters"];
    for member in ["devices", "tmpfs"] {
        require(!filled(&linux[member]), format!("linuxParameter.{member} is not allowed for Fargate."))?;
    }
    for member in ["sharedMemorySize", "maxSwap", "swappiness"] {
        require(linux[member].is_null(), format!("linuxParameter.{member} is not allowed for Fargate."))?;
    }
    Ok(())
}

/// The table of `FG-1`: each vCPU size has its own range of memory.
fn amounts(containers: &[&Container]) -> Result<(), Error> {
    let demand = sum(containers);
    let mib = demand.memory_mib;
    let stepped = |from: u64, to: u64, step: u64| (from..=to).contains(&mib) && (mib - from).is_multiple_of(step);
    let fits = match demand.vcpu_milli {
        250 => matches!(mib, 512 | 1_024 | 2_048),
        500 => stepped(1_024, 4_096, 1_024),
        1_000 => stepped(2_048, 8_192, 1_024),
        2_000 => stepped(4_096, 16_384, 1_024),
        4_000 => stepped(8_192, 30_720, 1_024),
        8_000 => stepped(16_384, 61_440, 4_096),
        16_000 => stepped(32_768, 122_880, 8_192),
        32_000 => matches!(mib, 61_440 | 122_880 | 249_856),
        _ => false,
    };
    let asked = containers.iter().flat_map(|container| &container.resource_requirements);
    let asked = asked.map(|entry| format!("{}={}", entry.kind.as_str(), entry.value));
    let asked = asked.collect::<Vec<_>>().join(", ");
    require(fits, format!("Fargate resource requirements ({asked}) not valid."))
}

fn storage(document: &Value) -> Result<(), Error> {
    let version = document["fargatePlatformConfiguration"]["platformVersion"].as_str().unwrap_or("LATEST");
    for volume in document["volumes"].as_array().into_iter().flatten() {
        let source = &volume["host"]["sourcePath"];
        require(source.is_null(), "host.sourcePath should not be set for volumes in Fargate.")?;
        let efs = volume["efsVolumeConfiguration"].is_object();
        let text = format!("EFS is supported for Fargate platform versions 1.4.0 or later, provided {version}");
        require(!efs || supports_efs(version), text)?;
    }
    let size = document["ephemeralStorage"]["sizeInGiB"].as_i64();
    let in_range = size.is_none_or(|size| (21..=200).contains(&size));
    require(in_range, "Ephemeral storage for Fargate tasks can be only between range 21 GiB to 200 GiB")
}

fn supports_efs(version: &str) -> bool {
    let numbers: Option<Vec<u32>> = version.split('.').map(|number| number.parse().ok()).collect();
    version == "LATEST" || numbers.is_some_and(|numbers| numbers >= vec![1, 4, 0])
}

/// `FG-4`.
fn runtime_platform(demand: Resources, platform: &Value) -> Result<(), Error> {
    let Some(family) = platform["operatingSystemFamily"].as_str() else { return Ok(()) };
    let families = FAMILIES.join(", ");
    let text = format!("RuntimePlatform supports only one from [{families}] operating systems, provided {family}");
    require(FAMILIES.contains(&family), text)?;
    if family == "LINUX" {
        return Ok(());
    }
    let x86 = platform["cpuArchitecture"].as_str().is_none_or(|architecture| architecture == "X86_64");
    require(x86, "Windows supported only by X86_64 cpuArchitecture")?;
    let vcpu = decimal(demand.vcpu_milli);
    require(demand.vcpu_milli >= 1_000, format!("vCPU must be at least 1 for Windows Job definition, got {vcpu}."))
}

/// Thousandths as people write them: `0.25`.
fn decimal(milli: u64) -> String {
    let text = format!("{}.{:03}", milli / 1_000, milli % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests;
