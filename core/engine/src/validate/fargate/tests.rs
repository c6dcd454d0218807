//! Fargate's table and its refusals.

use crate::command::ContainerInput;
use crate::error::Error;
use crate::validate::Platform::Fargate;
use crate::validate::{check_refused, container};
use longshore_types::Document;
use serde_json::{Value, json};

/// A container of this size, valid but for the `extra` members.
fn sized(vcpu: &str, memory: &str, extra: Value) -> Result<(), Error> {
    let mut members = json!({ "executionRoleArn": "arn:aws:iam::1:role/r" });
    let Value::Object(extra) = extra else { panic!("an object") };
    members.as_object_mut().unwrap().extend(extra);
    let input = ContainerInput {
        image: Some("busybox".into()),
        resource_requirements: vec![("VCPU".into(), vcpu.into()), ("MEMORY".into(), memory.into())],
        document: Document(members.as_object().unwrap().clone()),
        ..ContainerInput::default()
    };
    container(&input, Fargate).map(|_| ())
}

#[test]
fn fg_1_sizes_follow_the_table() {
    for (vcpu, memory) in [("0.25", "512"), ("1", "8192"), ("8", "20480"), ("16", "122880"), ("32", "249856")] {
        assert_eq!(sized(vcpu, memory, json!({})), Ok(()), "{vcpu} {memory}");
    }
    for (vcpu, memory) in [("0.25", "4096"), ("1", "2049"), ("8", "17408"), ("3", "8192"), ("32", "61441")] {
        let text = format!("Fargate resource requirements (VCPU={vcpu}, MEMORY={memory}) not valid.");
        check_refused(sized(vcpu, memory, json!({})), &text);
    }
}

#[test]
fn fg_2_members_of_ec2_are_refused() {
    let efs = json!([{ "name": "v", "efsVolumeConfiguration": { "fileSystemId": "fs-1" } }]);
    for (extra, text) in [
        (json!({ "executionRoleArn": "" }), "executionRoleArn is required for Fargate jobs."),
        (json!({ "ulimits": [{}] }), "ulimits is not applicable for Fargate."),
        (json!({ "privileged": true }), "privileged is not applicable for Fargate."),
        (
            json!({ "linuxParameters": { "sharedMemorySize": 64 } }),
            "linuxParameter.sharedMemorySize is not allowed for Fargate.",
        ),
        (
            json!({ "linuxParameters": { "devices": [{ "hostPath": "/d" }] } }),
            "linuxParameter.devices is not allowed for Fargate.",
        ),
        (
            json!({ "volumes": [{ "host": { "sourcePath": "/x" } }] }),
            "host.sourcePath should not be set for volumes in Fargate.",
        ),
        (
            json!({ "ephemeralStorage": { "sizeInGiB": 20 } }),
            "Ephemeral storage for Fargate tasks can be only between range 21 GiB to 200 GiB",
        ),
        (
            json!({ "volumes": efs, "fargatePlatformConfiguration": { "platformVersion": "1.3.0" } }),
            "EFS is supported for Fargate platform versions 1.4.0 or later, provided 1.3.0",
        ),
        (
            json!({ "runtimePlatform": { "operatingSystemFamily": "WINDOWS_SERVER_2019_CORE", "cpuArchitecture": "ARM64" } }),
            "Windows supported only by X86_64 cpuArchitecture",
        ),
    ] {
        check_refused(sized("1", "2048", extra), text);
    }
    let windows = json!({ "runtimePlatform": { "operatingSystemFamily": "WINDOWS_SERVER_2022_FULL" } });
    check_refused(sized("0.5", "2048", windows), "vCPU must be at least 1 for Windows Job definition, got 0.5.");
}

#[test]
fn fg_4_operating_system_outside_the_list_is_refused() {
    let text = "RuntimePlatform supports only one from [WINDOWS_SERVER_2019_CORE, WINDOWS_SERVER_2019_FULL, \
                WINDOWS_SERVER_2022_CORE, WINDOWS_SERVER_2022_FULL, LINUX] operating systems, provided BEOS";
    check_refused(sized("1", "2048", json!({ "runtimePlatform": { "operatingSystemFamily": "BEOS" } })), text);
}
