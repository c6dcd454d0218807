//! One container of a pod: image pull policy and resources (`EKS-2`, `EKS-3`). Quantities are compared in thousandths
//! (cpu) and MiB (memory).

use crate::entity::{cpu_milli, memory_mib};
use crate::error::Error;
use crate::validate::require;
use serde_json::Value;

pub(super) fn container(container: &Value) -> Result<(), Error> {
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
    require(agree(limits, requests, "memory"), "memory request must be equal to memory limit if both are provided.")?;
    // AWS's text is not known.
    let gpus = agree(limits, requests, "nvidia.com/gpu");
    require(gpus, "nvidia.com/gpu request must be equal to nvidia.com/gpu limit if both are provided.")
}

/// Whether limit and request of a kind are the same where both are given.
fn agree(limits: &Value, requests: &Value, kind: &str) -> bool {
    limits[kind].as_str().zip(requests[kind].as_str()).is_none_or(|(limit, request)| limit == request)
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
            let mib = memory_mib(value).is_some_and(|mib| mib >= 4);
            require(mib, format!("Value {value} for type memory is not valid."))
        }
        // AWS's text for GPUs is not known.
        "nvidia.com/gpu" => {
            require(value.parse::<u64>().is_ok(), format!("Value {value} for type nvidia.com/gpu is not valid."))
        }
        other => Err(Error::invalid(format!("{other} is not a supported type for resources."))),
    }
}
