//! A pod's volumes and what its containers mount of them (`EKS-4`).

use super::list;
use crate::entity::memory_mib;
use crate::error::Error;
use crate::validate::require;
use serde_json::Value;
use std::collections::BTreeSet;

/// Checks the volumes and returns their names.
pub(super) fn volumes(volumes: &Value) -> Result<BTreeSet<&str>, Error> {
    let mut names = BTreeSet::new();
    for volume in list(volumes) {
        let name = volume["name"].as_str().unwrap_or_default();
        // AWS's text is not known.
        require(names.insert(name), format!("The volume name: {name} must be unique in a pod."))?;
        empty_dir(&volume["emptyDir"])?;
    }
    Ok(names)
}

fn empty_dir(directory: &Value) -> Result<(), Error> {
    let medium = directory["medium"].as_str().unwrap_or_default();
    require(matches!(medium, "" | "Memory"), "Invalid Volume mount. Allowed values - Memory or null.")?;
    let limit = directory["sizeLimit"].as_str();
    let sized = limit.is_none_or(|limit| memory_mib(limit).is_some());
    require(sized, "Invalid empty dir size limit.")
}

/// Mounts name a volume of the pod; AWS's text is not known.
pub(super) fn mounts(container: &Value, volumes: &BTreeSet<&str>) -> Result<(), Error> {
    for mount in list(&container["volumeMounts"]) {
        let name = mount["name"].as_str().unwrap_or_default();
        require(volumes.contains(name), format!("The volume mount {name} must reference a defined volume."))?;
    }
    Ok(())
}
