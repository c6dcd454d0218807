//! `volumes` and `mountPoints` (`VOL-1` to `VOL-4`).

use super::require;
use crate::error::Error;
use serde_json::Value;

const KINDS: [&str; 3] = ["host", "efsVolumeConfiguration", "s3filesVolumeConfiguration"];

/// Checks each volume; `role` is the role of the job's own process.
pub(super) fn volumes(volumes: &Value, role: Option<&str>) -> Result<(), Error> {
    for volume in volumes.as_array().into_iter().flatten() {
        let kinds = KINDS.iter().filter(|kind| volume[**kind].is_object()).count();
        require(
            kinds <= 1,
            "When the volume parameter is specified, only one volume configuration type should be used.",
        )?;
        efs(&volume["efsVolumeConfiguration"])?;
        let s3_files = volume["s3filesVolumeConfiguration"].is_object();
        let has_role = role.is_some_and(|role| !role.is_empty());
        let text = "A jobRoleArn/taskRoleArn is required when using s3filesVolumeConfiguration.";
        require(!s3_files || has_role, text)?;
    }
    Ok(())
}

/// `VOL-2`: what a container mounts is a volume of its task. AWS's text is not known.
pub(super) fn mount_points(container: &Value, volumes: &Value) -> Result<(), Error> {
    for mount in container["mountPoints"].as_array().into_iter().flatten() {
        let source = mount["sourceVolume"].as_str().unwrap_or_default();
        let named = volumes.as_array().into_iter().flatten().any(|volume| volume["name"] == source);
        require(named, format!("The sourceVolume {source} of a mount point must be the name of a volume."))?;
    }
    Ok(())
}

fn efs(efs: &Value) -> Result<(), Error> {
    if !efs.is_object() {
        return Ok(());
    }
    let id = efs["fileSystemId"].as_str().unwrap_or_default();
    require(id.starts_with("fs-"), format!("EFS configuration fileSystemId is not valid: {id}."))?;
    let encrypted = efs["transitEncryption"] == "ENABLED";
    let authorization = &efs["authorizationConfig"];
    let iam = authorization["iam"] == "ENABLED";
    require(!iam || encrypted, "EFS IAM authorization requires TransitEncryption to be enabled.")?;
    let access_point = authorization["accessPointId"].is_string();
    require(!access_point || encrypted, "EFS IAM access point requires TransitEncryption to be enabled.")?;
    let port = efs["transitEncryptionPort"].as_i64();
    let in_range = port.is_none_or(|port| (0..=65_535).contains(&port));
    require(in_range, "TransitEncryptionPort must be a valid port number.")?;
    let root = efs["rootDirectory"].as_str().is_none_or(|directory| directory == "/");
    let text = "When using an EFS access point, the root directory must either be set to \"/\" or omitted";
    require(!access_point || root, text)
}

#[cfg(test)]
mod tests;
