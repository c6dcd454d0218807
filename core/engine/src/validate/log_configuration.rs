//! `logConfiguration` and `secrets` of a container (`LOG-4`, `LOG-5`, `SEC-1`).

use super::{Platform, require};
use crate::error::Error;
use serde_json::Value;

const AWSLOGS_OPTIONS: [&str; 6] = [
    "awslogs-region",
    "awslogs-group",
    "awslogs-stream-prefix",
    "awslogs-datetime-format",
    "awslogs-multiline-pattern",
    "awslogs-create-group",
];

/// Checks the log driver and its options, and that somebody may read the secrets.
pub(super) fn log_configuration(container: &Value, platform: Platform) -> Result<(), Error> {
    let configuration = &container["logConfiguration"];
    if let Some(driver) = configuration["logDriver"].as_str() {
        let on_fargate = matches!(driver, "awslogs" | "splunk");
        let allowed = platform != Platform::Fargate || on_fargate;
        require(allowed, format!("Log driver for Fargate is not valid: {driver}"))?;
        let options = configuration["options"].as_object().into_iter().flat_map(serde_json::Map::keys);
        for option in options.filter(|_| driver == "awslogs") {
            let known = AWSLOGS_OPTIONS.contains(&option.as_str());
            require(known, format!("Log driver awslogs disallows options: {option}"))?;
        }
    }
    let filled = |list: &Value| list.as_array().is_some_and(|list| !list.is_empty());
    let secrets = filled(&container["secrets"]) || filled(&configuration["secretOptions"]);
    let has_role = container["executionRoleArn"].as_str().is_some_and(|role| !role.is_empty());
    require(!secrets || has_role, "executionRoleArn cannot be empty when using secrets or secretOptions")
}

/// The `awslogs` option of this name, when that driver is configured.
pub(crate) fn awslogs_option(container: &Value, option: &str) -> Option<String> {
    let configuration = &container["logConfiguration"];
    let is_awslogs = configuration["logDriver"].as_str() == Some("awslogs");
    let value = configuration["options"][option].as_str().filter(|value| is_awslogs && !value.is_empty());
    value.map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests;
