//! `containerProperties`: what every container keeps to (spec sections 12 and 26.2). What depends on the platform alone
//! is in `ec2` and `fargate`.

use super::log_configuration::{awslogs_option, log_configuration};
use super::{Platform, ec2, environment, fargate, linux, require, resource_requirements, volumes};
use crate::command::ContainerInput;
use crate::entity::{Container, EnvironmentVariable, ResourceKind, ResourceRequirement};
use crate::error::Error;
use longshore_types::Document;
use serde_json::Value;

/// The container, if it keeps to every rule.
pub(crate) fn container(input: &ContainerInput, platform: Platform) -> Result<Container, Error> {
    let document = Value::Object(input.document.0.clone());
    let container = checked(input, &document, platform)?;
    volumes::volumes(&document["volumes"], document["jobRoleArn"].as_str())?;
    volumes::mount_points(&document, &document["volumes"])?;
    match platform {
        Platform::Ec2 => ec2::container(&document)?,
        Platform::Fargate => fargate::container(&container, &document)?,
        Platform::ManagedInstances => {}
    }
    Ok(container)
}

/// The container, if it keeps to what holds on every platform; `around` is its document with what is said around it.
pub(super) fn checked(input: &ContainerInput, around: &Value, platform: Platform) -> Result<Container, Error> {
    let image = image(input.image.as_deref())?;
    let requirements = resource_requirements(&input.resource_requirements, platform)?;
    amounts(input, &requirements)?;
    let variables = variables(input);
    environment(&variables)?;
    input.user.as_deref().map_or(Ok(()), user)?;
    linux::linux_parameters(&around["linuxParameters"])?;
    log_configuration(around, platform)?;
    Ok(Container {
        image,
        entrypoint: Vec::new(),
        command: input.command.clone(),
        environment: variables,
        resource_requirements: requirements,
        vcpus: input.vcpus,
        memory: input.memory,
        instance_type: input.instance_type.clone(),
        user: input.user.clone(),
        log_group: awslogs_option(around, "awslogs-group"),
        log_stream_prefix: awslogs_option(around, "awslogs-stream-prefix"),
        document: input.document.clone(),
    })
}

/// The members of a container that are not kept in its document.
const READ: [&str; 8] =
    ["image", "command", "environment", "resourceRequirements", "vcpus", "memory", "instanceType", "user"];

/// A container that is part of a larger document, if it keeps to every rule.
pub(super) fn container_document(document: &Value) -> Result<Container, Error> {
    let mut input = input(document);
    input.document.0.retain(|member, _| !READ.contains(&member.as_str()));
    container(&input, Platform::Ec2)
}

/// A container of a larger document, as if it had been written on its own.
pub(super) fn input(document: &Value) -> ContainerInput {
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    let list = |member: &str| document[member].as_array().cloned().unwrap_or_default();
    let requirement =
        |entry: &Value| (text(&entry["type"]).unwrap_or_default(), text(&entry["value"]).unwrap_or_default());
    let variable = |entry: &Value| {
        let name = text(&entry["name"]);
        (name.clone(), EnvironmentVariable { name: name.unwrap_or_default(), value: text(&entry["value"]) })
    };
    ContainerInput {
        image: text(&document["image"]),
        command: list("command").iter().filter_map(text).collect(),
        environment: list("environment").iter().map(variable).collect(),
        resource_requirements: list("resourceRequirements").iter().map(requirement).collect(),
        vcpus: document["vcpus"].as_i64(),
        memory: document["memory"].as_i64(),
        instance_type: text(&document["instanceType"]),
        user: text(&document["user"]),
        document: Document(document.as_object().cloned().unwrap_or_default()),
    }
}

/// Up to 255 characters of `[A-Za-z0-9_:./#@-]` (spec section 2).
fn image(image: Option<&str>) -> Result<String, Error> {
    let image = image.filter(|image| !image.is_empty());
    let image = image.ok_or_else(|| Error::invalid("ECS Container Image must be provided."))?;
    let allowed = |character: char| character.is_ascii_alphanumeric() || "_:./#@-".contains(character);
    // AWS's text is not known.
    let text = "ECS Container Image can have up to 255 letters, numbers and the characters - _ : . / # @";
    require(image.len() <= 255 && image.chars().all(allowed), text)?;
    Ok(image.to_owned())
}

/// Exactly one of the deprecated members and `resourceRequirements`, per kind (`CPU-2`).
fn amounts(input: &ContainerInput, requirements: &[ResourceRequirement]) -> Result<(), Error> {
    let required = |kind| requirements.iter().any(|requirement| requirement.kind == kind);
    let (vcpu, memory) = (required(ResourceKind::Vcpu), required(ResourceKind::Memory));
    require(
        !(vcpu && input.vcpus.is_some() || memory && input.memory.is_some()),
        "Cannot use both ECS containerProperties vcpus/memory and resourceRequirement VCPU/MEMORY.",
    )?;
    require(vcpu || input.vcpus.is_some(), "vCPU is required.")?;
    // AWS's text for missing memory is not known.
    require(memory || input.memory.is_some(), "Memory is required.")?;
    let vcpus = input.vcpus.unwrap_or(1);
    require(vcpus >= 1, format!("vCPU must be at least 1, got {vcpus}."))?;
    let mib = input.memory.unwrap_or(4);
    require(mib >= 4, format!("Memory must be at least 4 Mib, got {mib} Mib."))
}

fn variables(input: &ContainerInput) -> Vec<EnvironmentVariable> {
    let named = |(name, variable): &(Option<String>, EnvironmentVariable)| EnvironmentVariable {
        name: name.clone().unwrap_or_default(),
        value: variable.value.clone(),
    };
    input.environment.iter().map(named).collect()
}

/// `SUB-12`; the end of AWS's text is not known.
pub(crate) fn user(user: &str) -> Result<(), Error> {
    let first = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let bytes = user.as_bytes();
    let shaped = (1..=31).contains(&bytes.len()) && first(bytes[0]);
    let matches = shaped && bytes.iter().all(|byte| first(*byte) || *byte == b'-');
    require(matches, format!("User '{user}' does not match regex ^([a-z0-9_][a-z0-9_-]{{0,30}})$"))
}

#[cfg(test)]
mod tests;
