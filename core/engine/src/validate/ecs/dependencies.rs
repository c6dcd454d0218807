//! `dependsOn` of the containers of a task (`MC-2`).

use super::require;
use crate::entity::TaskContainer;
use crate::error::Error;
use longshore_protocol::{Condition, ContainerDependency};
use serde_json::Value;
use std::collections::BTreeSet;

/// The dependencies of one container, as far as they can be checked on their own.
pub(super) fn of(container: &Value, alone: bool) -> Result<Vec<ContainerDependency>, Error> {
    let entries = container["dependsOn"].as_array().into_iter().flatten();
    let dependencies = entries.map(|entry| {
        require(!alone, "Container dependency can not be used in a single-container job.")?;
        let container = entry["containerName"].as_str().unwrap_or_default().to_owned();
        let condition = entry["condition"].as_str().unwrap_or_default();
        Ok(ContainerDependency { condition: self::condition(condition)?, container })
    });
    dependencies.collect()
}

fn condition(text: &str) -> Result<Condition, Error> {
    match text {
        "START" => Ok(Condition::Start),
        "COMPLETE" => Ok(Condition::Complete),
        "SUCCESS" => Ok(Condition::Success),
        other => {
            let valid = "[START, COMPLETE, SUCCESS]";
            Err(Error::invalid(format!("TaskContainer dependency {other} is not valid. Valid values are: {valid}")))
        }
    }
}

/// Every dependency names a container that can come first.
pub(super) fn acyclic(containers: &[TaskContainer]) -> Result<(), Error> {
    for dependency in containers.iter().flat_map(|container| &container.depends_on) {
        let name = &dependency.container;
        let target = containers.iter().find(|container| container.name == *name);
        let undefined = || Error::invalid(format!("containerName {name} must reference a defined container."));
        let essential = target.ok_or_else(undefined)?.is_essential();
        let condition = dependency.condition.as_str();
        let text = format!(
            "The container target of a dependency can not have condition {condition} if the target is essential"
        );
        require(dependency.condition == Condition::Start || !essential, text)?;
    }
    let mut placed: BTreeSet<&str> = BTreeSet::new();
    for _ in containers {
        let ready = |container: &&TaskContainer| {
            container.depends_on.iter().all(|dependency| placed.contains(dependency.container.as_str()))
        };
        let names: Vec<&str> = containers.iter().filter(ready).map(|container| container.name.as_str()).collect();
        placed.extend(names);
    }
    let waiting = containers.iter().find(|container| !placed.contains(container.name.as_str()));
    // AWS's text is not known.
    waiting.map_or(Ok(()), |container| {
        Err(Error::invalid(format!("The dependencies of container {} form a cycle.", container.name)))
    })
}
