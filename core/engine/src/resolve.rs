//! What a job actually runs: the definition, the overrides of the submission, parameters substituted (spec section 3.2).

mod pod;

pub(crate) use pod::pod;

use crate::command::ContainerOverrides;
use crate::entity::{Container, EnvironmentVariable, ResourceKind, ResourceRequirement};
use crate::error::Error;
use std::collections::BTreeMap;

/// The marker of a parameter reference in a command.
const REFERENCE: &str = "Ref::";

/// Applies overrides to the definition's container (`RES-2`). `requirements` are the validated ones of the overrides.
pub(crate) fn apply_overrides(
    container: &Container,
    overrides: &ContainerOverrides,
    requirements: &[ResourceRequirement],
) -> Container {
    let mut result = container.clone();
    if let Some(command) = &overrides.command {
        result.command.clone_from(command);
    }
    merge_environment(&mut result.environment, &overrides.environment);
    for requirement in requirements {
        replace_requirement(&mut result.resource_requirements, requirement);
    }
    // Deprecated overrides reach only definitions that used the deprecated members.
    let declares = |kind| container.resource_requirements.iter().any(|entry| entry.kind == kind);
    if !declares(ResourceKind::Vcpu) {
        result.vcpus = overrides.vcpus.or(result.vcpus);
    }
    if !declares(ResourceKind::Memory) {
        result.memory = overrides.memory.or(result.memory);
    }
    result.instance_type = overrides.instance_type.clone().or(result.instance_type);
    result
}

/// Overrides win by name and keep the place; new names are appended.
fn merge_environment(environment: &mut Vec<EnvironmentVariable>, overrides: &[EnvironmentVariable]) {
    for variable in overrides {
        match environment.iter_mut().find(|entry| entry.name == variable.name) {
            Some(entry) => entry.value.clone_from(&variable.value),
            None => environment.push(variable.clone()),
        }
    }
}

fn replace_requirement(requirements: &mut Vec<ResourceRequirement>, requirement: &ResourceRequirement) {
    match requirements.iter_mut().find(|entry| entry.kind == requirement.kind) {
        Some(entry) => entry.value.clone_from(&requirement.value),
        None => requirements.push(requirement.clone()),
    }
}

/// Substitutes `Ref::name` in a command (`RES-3`): a word that is a reference must resolve (`SUB-10`); a reference
/// within a longer word is replaced if there is such a parameter, and stays as it is otherwise. One pass.
pub(crate) fn substitute(command: &[String], parameters: &BTreeMap<String, String>) -> Result<Vec<String>, Error> {
    command.iter().map(|word| substitute_word(word, parameters)).collect()
}

fn substitute_word(word: &str, parameters: &BTreeMap<String, String>) -> Result<String, Error> {
    if let Some(name) = word.strip_prefix(REFERENCE)
        && !name.is_empty()
        && name.bytes().all(is_name_byte)
    {
        return parameters.get(name).cloned().ok_or_else(|| {
            Error::invalid(format!("Unable to substitute value. No parameter found for reference {name}"))
        });
    }
    let mut result = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(at) = rest.find(REFERENCE) {
        let after = &rest[at + REFERENCE.len()..];
        let length = after.bytes().take_while(|byte| is_name_byte(*byte)).count();
        result.push_str(&rest[..at]);
        match parameters.get(&after[..length]) {
            Some(value) => result.push_str(value),
            None => result.push_str(&rest[at..at + REFERENCE.len() + length]),
        }
        rest = &after[length..];
    }
    result.push_str(rest);
    Ok(result)
}

const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

#[cfg(test)]
mod tests;
