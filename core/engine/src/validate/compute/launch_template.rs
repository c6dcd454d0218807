//! `launchTemplate` of an environment (`CE-7`).

use super::require;
use crate::error::Error;
use serde_json::Value;
use std::collections::BTreeSet;

/// Checks a template and its overrides against the environment's instance types.
pub(super) fn launch_template(template: &Value, instance_types: &Value) -> Result<(), Error> {
    if !template.is_object() {
        return Ok(());
    }
    let overrides = template["overrides"].as_array().map_or(&[][..], Vec::as_slice);
    let text = "One of LaunchTemplateId and LaunchTemplateName or LaunchTemplate.overrides should be provided";
    require(named(template) || !overrides.is_empty(), text)?;
    require(overrides.len() <= 10, "LaunchTemplate.overrides size cannot be greater than 10")?;
    version(template)?;
    let types: Vec<&str> = instance_types.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut seen = BTreeSet::new();
    for entry in overrides {
        version(entry)?;
        let targets = entry["targetInstanceTypes"].as_array().map_or(&[][..], Vec::as_slice);
        require(!targets.is_empty(), "LaunchTemplate.overrides.targetInstanceTypes[] is required")?;
        for target in targets.iter().filter_map(Value::as_str) {
            require(seen.insert(target), "LaunchTemplate.overrides have duplicate targetInstanceTypes")?;
            let matched = types.iter().any(|kind| matches(kind, target));
            let text = "LaunchTemplate.overrides have targetInstanceTypes that do not match instanceTypes";
            require(matched, text)?;
        }
    }
    Ok(())
}

fn named(template: &Value) -> bool {
    let filled = |member: &str| template[member].as_str().is_some_and(|text| !text.is_empty());
    filled("launchTemplateId") || filled("launchTemplateName")
}

fn version(template: &Value) -> Result<(), Error> {
    let version = template["version"].as_str().unwrap_or_default();
    let number = version.bytes().all(|byte| byte.is_ascii_digit());
    let text = "LaunchTemplateVersion must be either empty or a number or $Default or $Latest";
    require(number || matches!(version, "$Default" | "$Latest"), text)
}

/// A target is one of the types, a size of one of the families, or anything when a bundle is asked for.
fn matches(kind: &str, target: &str) -> bool {
    let bundle = matches!(kind, "optimal" | "default_x86_64" | "default_arm64");
    bundle || kind == target || target.split('.').next() == Some(kind)
}
