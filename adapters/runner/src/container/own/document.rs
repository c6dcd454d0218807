//! The part of the OCI runtime specification that our launcher carries out. Anything else in a document is an error: what keeps a
//! container apart must not be overlooked.

use serde::Deserialize;
use serde_json::Value;
use std::path::PathBuf;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Document {
    #[serde(rename = "ociVersion")]
    _version: String,
    pub(super) root: RootDirectory,
    pub(super) process: Process,
    pub(super) hostname: Option<String>,
    pub(super) mounts: Vec<Mount>,
    pub(super) linux: Linux,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RootDirectory {
    pub(super) path: PathBuf,
    #[serde(default)]
    pub(super) readonly: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Process {
    /// There is none, so it may not be asked for.
    #[serde(default, rename = "terminal")]
    pub(super) has_terminal: bool,
    pub(super) user: User,
    pub(super) args: Vec<String>,
    pub(super) env: Vec<String>,
    pub(super) cwd: String,
    #[serde(default)]
    pub(super) capabilities: Option<Capabilities>,
    #[serde(default)]
    pub(super) rlimits: Vec<Rlimit>,
    #[serde(default)]
    pub(super) no_new_privileges: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct User {
    pub(super) uid: u32,
    pub(super) gid: u32,
    #[serde(default)]
    pub(super) additional_gids: Vec<u32>,
}

/// Names.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Capabilities {
    pub(super) bounding: Vec<String>,
    pub(super) permitted: Vec<String>,
    pub(super) effective: Vec<String>,
    pub(super) inheritable: Vec<String>,
    pub(super) ambient: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rlimit {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) soft: u64,
    pub(super) hard: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mount {
    pub(super) destination: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) source: String,
    #[serde(default)]
    pub(super) options: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Linux {
    #[serde(default)]
    pub(super) namespaces: Vec<Namespace>,
    #[serde(default)]
    pub(super) devices: Vec<Device>,
    /// See the `filter` module.
    #[serde(default)]
    pub(super) seccomp: Option<Value>,
    #[serde(default)]
    pub(super) masked_paths: Vec<String>,
    #[serde(default)]
    pub(super) readonly_paths: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Namespace {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) path: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Device {
    pub(super) path: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) major: u32,
    pub(super) minor: u32,
    #[serde(default)]
    pub(super) file_mode: Option<u32>,
    #[serde(default)]
    pub(super) uid: u32,
    #[serde(default)]
    pub(super) gid: u32,
}

impl Document {
    pub(super) fn read(document: &Value) -> Result<Self, serde_json::Error> {
        Self::deserialize(document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_known_is_refused() {
        let mut document = json!({
            "ociVersion": "1.0.2",
            "root": { "path": "/root" },
            "mounts": [],
            "process": { "args": ["x"], "cwd": "/", "env": [], "user": { "uid": 0, "gid": 0 } },
            "linux": {},
        });
        assert!(Document::read(&document).is_ok());
        document["process"]["apparmorProfile"] = json!("strict");
        let error = Document::read(&document).unwrap_err().to_string();
        assert!(error.contains("unknown field `apparmorProfile`"), "{error}");
    }
}
