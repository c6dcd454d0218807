//! What containers on EC2 may not have (`FG-3`).

use super::require;
use crate::error::Error;
use serde_json::Value;

/// Checks the members that only mean something on Fargate.
pub(super) fn container(document: &Value) -> Result<(), Error> {
    let absent = |member: &str| document[member].as_object().is_none_or(serde_json::Map::is_empty);
    require(absent("fargatePlatformConfiguration"), "fargatePlatformConfiguration not applicable for EC2.")?;
    require(absent("networkConfiguration"), "networkConfiguration not applicable for EC2.")?;
    require(absent("runtimePlatform"), "runtimePlatform is not applicable for EC2.")?;
    require(absent("ephemeralStorage"), "ephemeralStorage not applicable for EC2.")
}

#[cfg(test)]
mod tests;
