//! What a job asked of its container beyond its command: the members of `containerProperties`, `linuxParameters` and the
//! task, as the API names them. Read here, carried out elsewhere.

use super::failure::Failure;
use longshore_types::Document;
use serde::Deserialize;
use serde_json::Value;

/// What was asked for; what was not is absent, empty or false.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Settings {
    pub(super) volumes: Vec<Volume>,
    pub(super) mount_points: Vec<MountPoint>,
    pub(super) linux_parameters: LinuxParameters,
    pub(super) ulimits: Vec<Ulimit>,
    pub(super) readonly_root_filesystem: bool,
    pub(super) privileged: bool,
    pub(super) repository_credentials: Option<RepositoryCredentials>,
    pub(super) pid_mode: Option<String>,
    pub(super) ipc_mode: Option<String>,
    /// A task's, which may only be `host`.
    pub(super) network_mode: Option<String>,
    /// A pod's.
    pub(super) host_network: Option<bool>,
}

/// Something that containers can mount (`VOL-1`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Volume {
    pub(super) name: String,
    pub(super) host: HostPath,
    pub(super) efs_volume_configuration: Option<Value>,
    pub(super) s3files_volume_configuration: Option<Value>,
}

/// A path of the host; without one the volume is the attempt's own and begins empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct HostPath {
    pub(super) source_path: Option<String>,
}

/// Where a volume is seen (`VOL-2`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct MountPoint {
    pub(super) source_volume: String,
    pub(super) container_path: String,
    pub(super) read_only: bool,
}

/// `CPU-4`, `CPU-5`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct LinuxParameters {
    pub(super) devices: Vec<Device>,
    pub(super) init_process_enabled: bool,
    /// MiB.
    pub(super) shared_memory_size: Option<u64>,
    pub(super) tmpfs: Vec<Tmpfs>,
    /// MiB.
    pub(super) max_swap: Option<u64>,
    /// From 0 to 100.
    pub(super) swappiness: Option<u64>,
}

/// A device of the host, or a directory of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Device {
    pub(super) host_path: String,
    pub(super) container_path: Option<String>,
    /// `READ`, `WRITE`, `MKNOD`; all of them without.
    pub(super) permissions: Vec<String>,
}

/// A file system in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Tmpfs {
    pub(super) container_path: String,
    /// MiB.
    pub(super) size: u64,
    pub(super) mount_options: Vec<String>,
}

/// A limit of the kernel's for each process (`CPU-6`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Ulimit {
    pub(super) name: String,
    pub(super) soft_limit: i64,
    pub(super) hard_limit: i64,
}

/// The secret with the registry's user and password (`SEC-2`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RepositoryCredentials {
    pub(super) credentials_parameter: String,
}

impl Settings {
    /// Reads them; a member that is null counts as absent.
    pub(super) fn read(document: &Document) -> Result<Self, Failure> {
        let without_nulls = without_nulls(Value::Object(document.0.clone()));
        serde_json::from_value(without_nulls).map_err(Failure::create("read its settings"))
    }

    /// Whether the container shares the host's namespace of a kind (`MC-6`).
    pub(super) fn shares_with_host(mode: Option<&String>) -> bool {
        mode.is_some_and(|mode| mode == "host")
    }
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let there = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(there.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn settings_are_read_by_their_names_in_the_api() {
        let Value::Object(document) = json!({
            "volumes": [{ "name": "v", "host": { "sourcePath": "/data" } }, { "name": "w", "host": null }],
            "mountPoints": [{ "sourceVolume": "v", "containerPath": "/in", "readOnly": true }],
            "linuxParameters": { "sharedMemorySize": 128, "initProcessEnabled": true },
            "ulimits": [{ "name": "nofile", "softLimit": 10, "hardLimit": 20 }],
            "readonlyRootFilesystem": true,
            "logConfiguration": { "logDriver": "awslogs" },
        }) else {
            panic!("an object")
        };
        let settings = Settings::read(&Document(document)).unwrap();
        assert_eq!(settings.volumes[0].host.source_path.as_deref(), Some("/data"));
        assert_eq!(settings.volumes[1].host, HostPath::default());
        assert!(settings.mount_points[0].read_only && settings.readonly_root_filesystem && !settings.privileged);
        assert_eq!(settings.linux_parameters.shared_memory_size, Some(128));
        assert_eq!(settings.ulimits[0].hard_limit, 20);
    }

    #[test]
    fn nonsense_is_a_reason_not_to_create_it() {
        let Value::Object(document) = json!({ "ulimits": "many" }) else { panic!("an object") };
        let failure = Settings::read(&Document(document)).unwrap_err().to_string();
        assert!(failure.starts_with("CannotCreateContainerError: read its settings: "), "{failure}");
    }
}
