//! The pod of an EKS job: the definition's, the overrides of the submission, parameters substituted in `command` and
//! `args` (`EKS-9`, `RES-3`).

use super::substitute;
use crate::entity::DEFAULT_CONTAINER;
use crate::error::Error;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Members of an override that replace the container's whole.
const REPLACED: [&str; 3] = ["image", "command", "args"];
/// Members that hold what parameters are substituted in.
const SUBSTITUTED: [&str; 2] = ["command", "args"];
/// The lists of containers of a pod.
const LISTS: [&str; 2] = ["containers", "initContainers"];

/// `members` and `overrides` are `podProperties` of the definition and of the submission; nothing is checked that they do not
/// refer to.
pub(crate) fn pod(
    mut members: Map<String, Value>,
    overrides: &Value,
    parameters: &BTreeMap<String, String>,
) -> Result<Value, Error> {
    for list in LISTS {
        override_list(&mut members, list, &overrides[list])?;
    }
    override_metadata(&mut members, &overrides["metadata"]);
    for list in LISTS {
        let containers = members.get_mut(list).and_then(Value::as_array_mut);
        containers.into_iter().flatten().try_for_each(|container| substituted(container, parameters))?;
    }
    Ok(Value::Object(members))
}

/// Overrides go to the container of their name; one that names none goes to the only container.
fn override_list(members: &mut Map<String, Value>, list: &str, overrides: &Value) -> Result<(), Error> {
    for entry in overrides.as_array().into_iter().flatten() {
        let known = members.get_mut(list).and_then(Value::as_array_mut);
        let named = entry["name"].as_str();
        let mut known: Vec<&mut Value> = known.into_iter().flatten().collect();
        let only = known.len() == 1;
        let target = known.iter_mut().find(|container| {
            let name = container["name"].as_str().unwrap_or(DEFAULT_CONTAINER);
            named.map_or(only, |wanted| wanted == name)
        });
        let Some(target) = target.and_then(|container| container.as_object_mut()) else {
            // AWS's text is not known (A21).
            let name = named.unwrap_or(DEFAULT_CONTAINER);
            return Err(Error::invalid(format!("containerName {name} must reference a defined container.")));
        };
        override_container(target, entry);
    }
    Ok(())
}

fn override_container(container: &mut Map<String, Value>, overrides: &Value) {
    for member in REPLACED {
        if !overrides[member].is_null() {
            container.insert(member.to_owned(), overrides[member].clone());
        }
    }
    for variable in overrides["env"].as_array().into_iter().flatten() {
        let list = container.entry("env").or_insert_with(|| Value::Array(Vec::new()));
        let Some(list) = list.as_array_mut() else { continue };
        match list.iter_mut().find(|known| known["name"] == variable["name"]) {
            Some(known) => *known = variable.clone(),
            None => list.push(variable.clone()),
        }
    }
    let Some(resources) = overrides["resources"].as_object() else { return };
    for (part, amounts) in resources {
        let known = container.entry("resources").or_insert_with(|| Value::Object(Map::new()));
        merge(known, part, amounts);
    }
}

/// Labels and annotations merge by key; a namespace replaces.
fn override_metadata(members: &mut Map<String, Value>, overrides: &Value) {
    let Some(parts) = overrides.as_object() else { return };
    for (part, value) in parts {
        let known = members.entry("metadata").or_insert_with(|| Value::Object(Map::new()));
        merge(known, part, value);
    }
}

/// Merges one member of an object: maps by key, anything else whole.
fn merge(object: &mut Value, member: &str, value: &Value) {
    let Some(members) = object.as_object_mut() else { return };
    match (members.get_mut(member).and_then(Value::as_object_mut), value.as_object()) {
        (Some(known), Some(added)) => known.extend(added.clone()),
        _ => drop(members.insert(member.to_owned(), value.clone())),
    }
}

fn substituted(container: &mut Value, parameters: &BTreeMap<String, String>) -> Result<(), Error> {
    for member in SUBSTITUTED {
        let Some(words) = container[member].as_array() else { continue };
        let words: Vec<String> = words.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect();
        container[member] = substitute(&words, parameters)?.into();
    }
    Ok(())
}

#[cfg(test)]
mod tests;
