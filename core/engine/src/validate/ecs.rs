//! `ecsProperties`: several containers in one task (spec section 13).

mod dependencies;

use super::container::{checked, input};
use super::{Platform, ec2, fargate, require, volumes};
use crate::entity::{Task, TaskContainer};
use crate::error::Error;
use longshore_protocol::TaskEnd;
use longshore_types::Document;
use serde_json::{Map, Value};

/// The name of the only container, if it was given none.
const ONLY_NAME: &str = "default";
/// Members of a container that have a place of their own.
const KNOWN: [&str; 10] = [
    "command",
    "dependsOn",
    "environment",
    "essential",
    "image",
    "name",
    "resourceRequirements",
    "startTimeout",
    "stopTimeout",
    "user",
];

/// The task, if it and its containers keep to every rule.
pub(crate) fn ecs_properties(properties: &Value, platform: Platform) -> Result<Task, Error> {
    let tasks = properties["taskProperties"].as_array().map_or(&[][..], Vec::as_slice);
    // AWS's text is not known.
    let [task] = tasks else { return Err(Error::invalid("Exactly 1 taskProperties must be provided.")) };
    let containers = task["containers"].as_array().map_or(&[][..], Vec::as_slice);
    require((1..=10).contains(&containers.len()), "Number of containers must be between 1 and 10")?;
    let some_essential = containers.iter().any(is_essential);
    require(some_essential, "At least one container must be set as essential")?;
    modes(task, platform)?;
    operating_system(task, platform)?;
    volumes::volumes(&task["volumes"], task["taskRoleArn"].as_str())?;
    let document = rest_of(task, &["containers"]);
    let alone = containers.len() == 1;
    let parts = containers.iter().map(|part| container(part, &document, (platform, alone)));
    let task = Task { containers: parts.collect::<Result<_, _>>()?, document, end: TaskEnd::AnyEssential };
    names(&task.containers)?;
    dependencies::acyclic(&task.containers)?;
    firelens(&task.containers)?;
    match platform {
        Platform::Ec2 => ec2::container(&Value::Object(task.document.0.clone()))?,
        Platform::Fargate => fargate::task(&task)?,
        Platform::ManagedInstances => {}
    }
    Ok(task)
}

fn is_essential(container: &Value) -> bool {
    container["essential"] != Value::Bool(false)
}

/// `MC-6`; the second text is AWS's own slip, the third is not known.
fn modes(task: &Value, platform: Platform) -> Result<(), Error> {
    if let Some(mode) = task["ipcMode"].as_str() {
        let known = matches!(mode, "host" | "task" | "none");
        require(known, format!("ipcMode {mode} is not valid. Valid values are: [host, task, none]"))?;
    }
    if let Some(mode) = task["pidMode"].as_str() {
        let known = matches!(mode, "host" | "task");
        require(known, format!("Capability {mode} is not valid. Valid capabilities: [host, task]"))?;
    }
    if let Some(mode) = task["networkMode"].as_str() {
        let allowed = mode == "host" && platform == Platform::ManagedInstances;
        require(allowed, format!("networkMode {mode} is not valid. Only MANAGED_INSTANCES can have one: host"))?;
    }
    Ok(())
}

/// `MI-1`.
fn operating_system(task: &Value, platform: Platform) -> Result<(), Error> {
    let family = task["runtimePlatform"]["operatingSystemFamily"].as_str().unwrap_or("LINUX");
    let text = "runtimePlatform for MANAGED_INSTANCES only supports LINUX operating system family.";
    require(platform != Platform::ManagedInstances || family == "LINUX", text)
}

fn container(document: &Value, task: &Document, (platform, alone): (Platform, bool)) -> Result<TaskContainer, Error> {
    let mut input = input(document);
    input.document = rest_of(document, &KNOWN);
    // They are no members of these containers.
    (input.vcpus, input.memory, input.instance_type) = (None, None, None);
    let mut around = document.clone();
    around["executionRoleArn"] = task.0.get("executionRoleArn").cloned().unwrap_or_default();
    let container = checked(&input, &around, platform)?;
    volumes::mount_points(document, task.0.get("volumes").unwrap_or(&Value::Null))?;
    let name = document["name"].as_str().or(alone.then_some(ONLY_NAME)).unwrap_or_default();
    Ok(TaskContainer {
        name: self::name(name)?,
        essential: document["essential"].as_bool(),
        depends_on: dependencies::of(document, alone)?,
        start_timeout_s: seconds(document, "startTimeout", platform)?,
        stop_timeout_s: seconds(document, "stopTimeout", platform)?,
        container,
    })
}

/// A document without the members named.
fn rest_of(document: &Value, known: &[&str]) -> Document {
    let members = document.as_object().into_iter().flatten();
    let rest = members.filter(|(name, value)| !known.contains(&name.as_str()) && !value.is_null());
    Document(rest.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
}

/// What ECS takes for a name, of which log streams are made (`LOG-2`); AWS's text is not known.
fn name(name: &str) -> Result<String, Error> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let valid = (1..=255).contains(&name.len()) && name.bytes().all(allowed);
    require(valid, "A container name must be provided, with up to 255 letters, numbers, hyphens and underscores")?;
    Ok(name.to_owned())
}

/// The text is that of pods; that of tasks is not known.
fn names(containers: &[TaskContainer]) -> Result<(), Error> {
    for (index, container) in containers.iter().enumerate() {
        let name = &container.name;
        let first = containers[..index].iter().all(|earlier| earlier.name != *name);
        require(first, format!("The container name: {name} must be unique in multi-container job."))?;
    }
    Ok(())
}

/// `MC-4`; AWS's texts are not known.
fn seconds(container: &Value, member: &str, platform: Platform) -> Result<Option<u64>, Error> {
    let Some(seconds) = container[member].as_i64() else { return Ok(None) };
    require(seconds >= 2, format!("{member} must be at least 2 seconds, got {seconds}."))?;
    let allowed = platform != Platform::Fargate || seconds <= 120;
    require(allowed, format!("{member} can be at most 120 seconds on Fargate, got {seconds}."))?;
    Ok(u64::try_from(seconds).ok())
}

/// `MC-7`; AWS's text for the type is not known.
fn firelens(containers: &[TaskContainer]) -> Result<(), Error> {
    let configured = |part: &TaskContainer| part.container.document.0.get("firelensConfiguration").cloned();
    let configurations: Vec<Value> = containers.iter().filter_map(configured).collect();
    for configuration in &configurations {
        let kind = configuration["type"].as_str().unwrap_or_default();
        let known = matches!(kind, "fluentd" | "fluentbit");
        require(known, format!("firelensConfiguration type {kind} is not valid. Valid types: [fluentd, fluentbit]"))?;
    }
    let is_root = |part: &TaskContainer| part.container.user.as_deref().is_none_or(|user| matches!(user, "root" | "0"));
    require(
        configurations.is_empty() || containers.iter().any(is_root),
        "When a firelensConfiguration object is specified, at least one container has to run as root",
    )
}

#[cfg(test)]
mod tests;
