//! Volumes of each kind.

use super::{mount_points, volumes};
use crate::validate::check_refused;
use serde_json::{Value, json};

fn efs(members: Value) -> Value {
    let mut efs = json!({ "fileSystemId": "fs-1" });
    efs.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    json!([{ "name": "v", "efsVolumeConfiguration": efs }])
}

#[test]
fn vol_1_vol_3_vol_4_refusals_have_aws_texts() {
    let access_point = json!({ "accessPointId": "fsap-1" });
    for (list, text) in [
        (
            json!([{ "host": {}, "efsVolumeConfiguration": { "fileSystemId": "fs-1" } }]),
            "When the volume parameter is specified, only one volume configuration type should be used.",
        ),
        (efs(json!({ "fileSystemId": "x" })), "EFS configuration fileSystemId is not valid: x."),
        (
            efs(json!({ "authorizationConfig": { "iam": "ENABLED" } })),
            "EFS IAM authorization requires TransitEncryption to be enabled.",
        ),
        (
            efs(json!({ "authorizationConfig": access_point })),
            "EFS IAM access point requires TransitEncryption to be enabled.",
        ),
        (efs(json!({ "transitEncryptionPort": 65_536 })), "TransitEncryptionPort must be a valid port number."),
        (
            efs(json!({ "authorizationConfig": access_point, "transitEncryption": "ENABLED", "rootDirectory": "/a" })),
            "When using an EFS access point, the root directory must either be set to \"/\" or omitted",
        ),
        (
            json!([{ "s3filesVolumeConfiguration": { "fileSystemArn": "a" } }]),
            "A jobRoleArn/taskRoleArn is required when using s3filesVolumeConfiguration.",
        ),
    ] {
        check_refused(volumes(&list, None), text);
    }
    assert_eq!(volumes(&json!([{ "name": "v", "host": { "sourcePath": "/x" } }, { "name": "w" }]), None), Ok(()));
}

#[test]
fn vol_2_mount_of_what_is_no_volume_is_refused() {
    let container = json!({ "mountPoints": [{ "sourceVolume": "v" }, { "sourceVolume": "w" }] });
    let text = "The sourceVolume w of a mount point must be the name of a volume.";
    check_refused(mount_points(&container, &json!([{ "name": "v" }])), text);
    assert_eq!(mount_points(&container, &json!([{ "name": "w" }, { "name": "v" }])), Ok(()));
    assert_eq!(mount_points(&json!({}), &json!(null)), Ok(()));
}
