//! `eksProperties`: pods (spec section 14).

mod container;
mod metadata;
mod volumes;

use super::require;
use crate::entity::{DEFAULT_CONTAINER, Pod};
use crate::error::Error;
use longshore_types::Document;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Checks what a definition of pods may say beside them (`EKS-6`); AWS's second text is not known.
pub(crate) fn eks_definition(propagate_tags: Option<bool>, capabilities: &[String]) -> Result<(), Error> {
    require(propagate_tags.is_none(), "Batch on EKS does not support tag propagation.")?;
    require(capabilities.is_empty(), "Batch on EKS does not support platformCapabilities.")
}

/// The pod that `podProperties` describe, if it and its containers keep to every rule.
pub(crate) fn pod(properties: Value) -> Result<Pod, Error> {
    check(&properties)?;
    let members = if let Value::Object(members) = properties { members } else { Map::new() };
    Ok(Pod::new(Document(members)))
}

fn check(pod: &Value) -> Result<(), Error> {
    let (containers, init) = (list(&pod["containers"]), list(&pod["initContainers"]));
    require(!containers.is_empty(), "Containers must be provided for Batch on EKS jobs.")?;
    require(containers.len() <= 10, "Number of containers must be between 1 and 10")?;
    // AWS's text for too many init containers is not known.
    require(init.len() <= 10, "Number of initContainers must be between 0 and 10")?;
    let volumes = volumes::volumes(&pod["volumes"])?;
    let mut names = BTreeSet::new();
    for container in containers.iter().chain(init) {
        let name = container["name"].as_str().unwrap_or(DEFAULT_CONTAINER);
        require(names.insert(name), format!("The container name: {name} must be unique in multi-container job."))?;
        container::container(container)?;
        volumes::mounts(container, &volumes)?;
    }
    metadata::metadata(&pod["metadata"])
}

/// The elements of a list that may be absent.
fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// `EKS-7`, of a pod or an environment.
pub(super) fn namespace(namespace: Option<&str>) -> Result<(), Error> {
    let Some(name) = namespace else { return Ok(()) };
    require(name.len() <= 63, "kubernetesNamespace must less than or equal to 63 characters")?;
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = name.bytes().next().is_some_and(inner) && name.bytes().last().is_some_and(inner);
    let valid = ends && name.bytes().all(|byte| inner(byte) || byte == b'-');
    require(valid, "kubernetesNamespace must be a valid Kubernetes namespace.")?;
    require(name != "default", "kubernetesNamespace cannot be the default Kubernetes namespace.")?;
    let reserved = name == "kube" || name.starts_with("kube-");
    require(!reserved, "kubernetesNamespace cannot be a reserved Kubernetes system namespace.")
}

#[cfg(test)]
mod tests;
