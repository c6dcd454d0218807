//! `eksProperties`: pods (spec section 14).

use super::require;
use crate::error::Error;
use serde_json::Value;
use std::collections::BTreeSet;

/// Checks the pod and its containers. Quantities are compared in thousandths (cpu) and MiB (memory).
pub(crate) fn eks_properties(properties: &Value, propagate_tags: Option<bool>) -> Result<(), Error> {
    require(propagate_tags.is_none(), "Batch on EKS does not support tag propagation.")?;
    let pod = &properties["podProperties"];
    let containers = pod["containers"].as_array().map_or(&[][..], Vec::as_slice);
    require(!containers.is_empty(), "Containers must be provided for Batch on EKS jobs.")?;
    require(containers.len() <= 10, "Number of containers must be between 1 and 10")?;
    let mut names = BTreeSet::new();
    for container in containers {
        let name = container["name"].as_str().unwrap_or("Default");
        require(names.insert(name), format!("The container name: {name} must be unique in multi-container job."))?;
        self::container(container)?;
    }
    for volume in pod["volumes"].as_array().into_iter().flatten() {
        empty_dir(&volume["emptyDir"])?;
    }
    namespace(pod["metadata"]["namespace"].as_str())
}

/// `EKS-2`, `EKS-3`.
fn container(container: &Value) -> Result<(), Error> {
    let policy = container["imagePullPolicy"].as_str().unwrap_or("IfNotPresent");
    let known = matches!(policy, "Always" | "IfNotPresent" | "Never");
    require(known, "Unsupported image pull policy value.")?;
    let (limits, requests) = (&container["resources"]["limits"], &container["resources"]["requests"]);
    for (kind, value) in [limits, requests].into_iter().filter_map(Value::as_object).flatten() {
        quantity(kind, value.as_str().unwrap_or_default())?;
    }
    let (limit, request) = (limits["cpu"].as_str().and_then(cpu_milli), requests["cpu"].as_str().and_then(cpu_milli));
    let within = limit.zip(request).is_none_or(|(limit, request)| request <= limit);
    require(within, "cpu request must be <= to cpu limit if both are provided.")?;
    let (limit, request) = (limits["memory"].as_str(), requests["memory"].as_str());
    let equal = limit.zip(request).is_none_or(|(limit, request)| limit == request);
    require(equal, "memory request must be equal to memory limit if both are provided.")
}

fn quantity(kind: &str, value: &str) -> Result<(), Error> {
    match kind {
        "cpu" => {
            let quarter = cpu_milli(value).is_some_and(|milli| milli > 0 && milli.is_multiple_of(250));
            let text =
                format!("Value {value} for type cpu in resources is not valid. Provide a valid number and unit.");
            require(quarter, text)
        }
        "memory" => {
            let mib = value.strip_suffix("Mi").and_then(|number| number.parse::<u64>().ok());
            require(mib.is_some_and(|mib| mib >= 4), format!("Value {value} for type memory is not valid."))
        }
        // AWS's text for GPUs is not known.
        "nvidia.com/gpu" => {
            require(value.parse::<u64>().is_ok(), format!("Value {value} for type nvidia.com/gpu is not valid."))
        }
        other => Err(Error::invalid(format!("{other} is not a supported type for resources."))),
    }
}

/// `500m` or `0.5`, in thousandths.
fn cpu_milli(text: &str) -> Option<u64> {
    match text.strip_suffix('m') {
        Some(milli) => milli.parse().ok(),
        None => crate::entity::parse_milli(text),
    }
}

/// `EKS-4`.
fn empty_dir(directory: &Value) -> Result<(), Error> {
    let medium = directory["medium"].as_str().unwrap_or_default();
    require(matches!(medium, "" | "Memory"), "Invalid Volume mount. Allowed values - Memory or null.")?;
    let limit = directory["sizeLimit"].as_str();
    let sized = limit.is_none_or(|limit| limit.strip_suffix("Mi").is_some_and(|number| number.parse::<u64>().is_ok()));
    require(sized, "Invalid empty dir size limit.")
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
