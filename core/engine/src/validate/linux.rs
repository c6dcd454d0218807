//! `linuxParameters` (`CPU-4`, `CPU-5`).

use super::require;
use crate::error::Error;
use serde_json::Value;

/// Checks devices, temporary file systems and swap.
pub(super) fn linux_parameters(parameters: &Value) -> Result<(), Error> {
    for device in parameters["devices"].as_array().into_iter().flatten() {
        let path = device["hostPath"].as_str().unwrap_or_default();
        for permission in device["permissions"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let known = matches!(permission, "READ" | "WRITE" | "MKNOD");
            require(known, format!("Invalid permission: {permission} for device {path}"))?;
        }
    }
    for tmpfs in parameters["tmpfs"].as_array().into_iter().flatten() {
        let positive = tmpfs["size"].as_i64().is_some_and(|size| size > 0);
        require(positive, "Size of a tmpfs is invalid. The size is required and must be a positive integer.")?;
    }
    let (swap, swappiness) = (parameters["maxSwap"].as_i64(), parameters["swappiness"].as_i64());
    if let Some(swappiness) = swappiness {
        let in_range = (0..=100).contains(&swappiness);
        require(in_range, format!("Invalid swappiness: {swappiness}, must be between 0 and 100."))?;
    }
    if let Some(swap) = swap {
        require(swap >= 0, format!("Invalid swap memory size: {swap}, must be non-negative."))?;
        let known = swap == 0 || swappiness.is_some();
        require(known, "When container specified swap memory, swappiness value is required.")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
