//! `ecsProperties`: several containers in one task (spec section 13).

use super::log_configuration::log_configuration;
use super::{Platform, linux, require, resource_requirements, volumes};
use crate::error::Error;
use serde_json::Value;

/// Checks the task and its containers.
pub(crate) fn ecs_properties(properties: &Value, platform: Platform) -> Result<(), Error> {
    let tasks = properties["taskProperties"].as_array().map_or(&[][..], Vec::as_slice);
    // AWS's text is not known.
    let [task] = tasks else { return Err(Error::invalid("Exactly 1 taskProperties must be provided.")) };
    let containers = task["containers"].as_array().map_or(&[][..], Vec::as_slice);
    require((1..=10).contains(&containers.len()), "Number of containers must be between 1 and 10")?;
    let some_essential = containers.iter().any(is_essential);
    require(some_essential, "At least one container must be set as essential")?;
    modes(task)?;
    operating_system(task, platform)?;
    firelens(containers)?;
    volumes::volumes(&task["volumes"], task["taskRoleArn"].as_str())?;
    for container in containers {
        self::container(container, task, platform)?;
        dependencies(container, containers)?;
    }
    Ok(())
}

fn is_essential(container: &Value) -> bool {
    container["essential"] != Value::Bool(false)
}

/// `MC-6`; the second text is AWS's own slip.
fn modes(task: &Value) -> Result<(), Error> {
    if let Some(mode) = task["ipcMode"].as_str() {
        let known = matches!(mode, "host" | "task" | "none");
        require(known, format!("ipcMode {mode} is not valid. Valid values are: [host, task, none]"))?;
    }
    if let Some(mode) = task["pidMode"].as_str() {
        let known = matches!(mode, "host" | "task");
        require(known, format!("Capability {mode} is not valid. Valid capabilities: [host, task]"))?;
    }
    Ok(())
}

/// `MI-1`.
fn operating_system(task: &Value, platform: Platform) -> Result<(), Error> {
    let family = task["runtimePlatform"]["operatingSystemFamily"].as_str().unwrap_or("LINUX");
    let text = "runtimePlatform for MANAGED_INSTANCES only supports LINUX operating system family.";
    require(platform != Platform::ManagedInstances || family == "LINUX", text)
}

/// `MC-7`: a log router reads the others' output, which takes root. Without a user a container runs as its image says.
fn firelens(containers: &[Value]) -> Result<(), Error> {
    let routed = containers.iter().any(|container| container["firelensConfiguration"].is_object());
    let root = |user: &str| matches!(user, "" | "0" | "root");
    let some_root = containers.iter().any(|container| container["user"].as_str().is_none_or(root));
    let text = "When a firelensConfiguration object is specified, at least one container has to run as root";
    require(!routed || some_root, text)
}

fn container(container: &Value, task: &Value, platform: Platform) -> Result<(), Error> {
    let image = container["image"].as_str().is_some_and(|image| !image.is_empty());
    require(image, "ECS Container Image must be provided.")?;
    let requirements = container["resourceRequirements"].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let entries: Vec<_> = requirements.map(|entry| (text(&entry["type"]), text(&entry["value"]))).collect();
    resource_requirements(&entries, platform)?;
    let asks = |kind: &str| entries.iter().any(|(entry, _)| entry == kind);
    require(asks("VCPU"), "vCPU is required.")?;
    require(asks("MEMORY"), "Memory is required.")?;
    linux::linux_parameters(&container["linuxParameters"])?;
    volumes::mount_points(container, &task["volumes"])?;
    let mut logged = container.clone();
    if let Some(members) = logged.as_object_mut() {
        members.insert("executionRoleArn".into(), task["executionRoleArn"].clone());
    }
    log_configuration(&logged, platform)
}

/// `MC-2`.
fn dependencies(container: &Value, containers: &[Value]) -> Result<(), Error> {
    for dependency in container["dependsOn"].as_array().into_iter().flatten() {
        require(containers.len() > 1, "Container dependency can not be used in a single-container job.")?;
        let name = dependency["containerName"].as_str().unwrap_or_default();
        let target = containers.iter().find(|container| container["name"] == name);
        let undefined = || Error::invalid(format!("containerName {name} must reference a defined container."));
        let target = target.ok_or_else(undefined)?;
        let condition = dependency["condition"].as_str().unwrap_or_default();
        let known = matches!(condition, "START" | "COMPLETE" | "SUCCESS");
        let valid = "[START, COMPLETE, SUCCESS]";
        require(known, format!("TaskContainer dependency {condition} is not valid. Valid values are: {valid}"))?;
        require(
            condition == "START" || !is_essential(target),
            format!(
                "The container target of a dependency can not have condition {condition} if the target is essential"
            ),
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
