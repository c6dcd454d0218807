//! Specifications of the Container Device Interface, as vendors' tools write them: files of JSON or YAML in a few directories, a
//! kind of device in each. What a file asks for and this crate does not know makes the file unusable, and is said: a
//! container must not get half of what its GPU needs.

use crate::edits::ALL_PERMISSIONS;
use crate::gpu::is_uuid;
use crate::{DeviceNode, Edits, Gpu, Hook, Mount, Vendor, yaml};
use rustix::io::Errno;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A device that stands for all others of its file.
const ALL: &str = "all";
const DEVICE_MODE: u32 = 0o666;

/// Why a file is not used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("read it: {0}")]
    Read(#[from] io::Error),
    #[error("{0}")]
    Yaml(#[from] yaml::Error),
    #[error("{0}")]
    Shape(#[from] serde_json::Error),
    #[error("version {0} of CDI is not known")]
    Version(String),
}

/// Why a device is not offered.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("{path}: {errno}")]
    Node { path: String, errno: Errno },
    #[error("a device node of kind {0:?}")]
    Kind(String),
    #[error("several files of a directory describe it")]
    Ambiguous,
}

/// A file, with the members that the specification has.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Specification {
    cdi_version: String,
    kind: String,
    #[serde(default, rename = "annotations")]
    _annotations: Value,
    devices: Vec<Device>,
    #[serde(default)]
    container_edits: Asked,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Device {
    name: String,
    #[serde(default, rename = "annotations")]
    _annotations: Value,
    container_edits: Asked,
}

/// Edits as they are written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Asked {
    env: Vec<String>,
    device_nodes: Vec<AskedNode>,
    mounts: Vec<AskedMount>,
    hooks: Vec<AskedHook>,
    additional_gids: Vec<u32>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct AskedNode {
    path: String,
    host_path: Option<String>,
    r#type: Option<String>,
    major: Option<u32>,
    minor: Option<u32>,
    file_mode: Option<u32>,
    permissions: Option<String>,
    uid: Option<u32>,
    gid: Option<u32>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AskedMount {
    host_path: String,
    container_path: String,
    #[serde(default)]
    options: Vec<String>,
    r#type: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AskedHook {
    hook_name: String,
    path: String,
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    env: Vec<String>,
    timeout: Option<u64>,
}

/// A device of some file, under one of its names.
#[derive(Clone, Debug)]
struct Described {
    vendor: Vendor,
    /// Its own nodes on the host: two names of one GPU have the same.
    nodes: Vec<String>,
    edits: Edits,
}

/// Kind and name. Numbers are in order.
type Key = (String, u64, String);
type Devices = BTreeMap<Key, Result<Described, Unusable>>;

/// The GPUs that the files of some directories describe, each once; a later directory's count before an earlier one's.
pub(crate) fn gpus(directories: &[PathBuf]) -> Vec<Gpu> {
    let mut all = Devices::new();
    for directory in directories {
        all.extend(of_directory(directory));
    }
    let mut found: Vec<(Vec<String>, Gpu)> = Vec::new();
    for ((kind, _, name), device) in all {
        let known_as = format!("{kind}={name}");
        match device {
            Ok(device) => add(&mut found, (name, known_as), device),
            Err(reason) => tracing::warn!(device = known_as, %reason, "a GPU is not offered"),
        }
    }
    found.into_iter().map(|(_, gpu)| gpu).collect()
}

/// Adds a device, or another name of one that is there.
fn add(found: &mut Vec<(Vec<String>, Gpu)>, (name, known_as): (String, String), device: Described) {
    let Described { vendor, nodes, edits } = device;
    let same = found.iter_mut().find(|(others, gpu)| !nodes.is_empty() && *others == nodes && gpu.vendor == vendor);
    match same {
        Some((_, gpu)) if is_uuid(&name) && !is_uuid(&gpu.name) => gpu.name = name,
        Some(_) => {}
        None => found.push((nodes, Gpu { vendor, name, known_as, by_cdi: true, edits })),
    }
}

fn of_directory(directory: &Path) -> Devices {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    let mut devices = Devices::new();
    for path in paths {
        let specification = match read(&path) {
            Ok(Some(specification)) => specification,
            Ok(None) => continue,
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "a specification of GPUs is not used");
                continue;
            }
        };
        for (key, device) in described(specification) {
            let is_again = devices.contains_key(&key);
            devices.insert(key, if is_again { Err(Unusable::Ambiguous) } else { device });
        }
    }
    devices
}

/// None if it is about something else than GPUs.
fn read(path: &Path) -> Result<Option<Specification>, Error> {
    let value: Value = match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => serde_json::from_str(&fs::read_to_string(path)?)?,
        Some("yaml") => yaml::parse(&fs::read_to_string(path)?)?,
        _ => return Ok(None),
    };
    if value["kind"].as_str().and_then(Vendor::of_kind).is_none() {
        return Ok(None);
    }
    let specification: Specification = serde_json::from_value(value)?;
    match specification.cdi_version.split('.').next() {
        Some("0" | "1") => Ok(Some(specification)),
        _ => Err(Error::Version(specification.cdi_version)),
    }
}

fn described(specification: Specification) -> Vec<(Key, Result<Described, Unusable>)> {
    let Specification { kind, devices, container_edits: of_all, .. } = specification;
    let Some(vendor) = Vendor::of_kind(&kind) else { return Vec::new() };
    let one = |Device { name, container_edits: own, .. }: Device| {
        let nodes = own.device_nodes.iter().map(|node| node.on_host().to_owned()).collect();
        let edits = of_all.clone().looked_up().and_then(|mut edits| {
            edits.add(&own.looked_up()?);
            Ok(edits)
        });
        let key = (kind.clone(), name.parse().unwrap_or(u64::MAX), name);
        (key, edits.map(|edits| Described { vendor, nodes, edits }))
    };
    devices.into_iter().filter(|device| device.name != ALL).map(one).collect()
}

impl Asked {
    fn looked_up(self) -> Result<Edits, Unusable> {
        Ok(Edits {
            env: self.env,
            devices: self.device_nodes.into_iter().map(AskedNode::looked_up).collect::<Result<_, _>>()?,
            mounts: self.mounts.into_iter().map(AskedMount::read).collect(),
            hooks: self.hooks.into_iter().map(AskedHook::read).collect(),
            groups: self.additional_gids,
        })
    }
}

impl AskedNode {
    fn on_host(&self) -> &str {
        self.host_path.as_ref().filter(|path| !path.is_empty()).unwrap_or(&self.path)
    }

    /// What the file does not say is as on the host.
    fn looked_up(self) -> Result<DeviceNode, Unusable> {
        let host_path = self.on_host().to_owned();
        let node = match (&self.r#type, self.major, self.minor) {
            (Some(kind), Some(major), Some(minor)) => DeviceNode {
                path: self.path,
                host_path,
                kind: kind.clone(),
                major,
                minor,
                mode: DEVICE_MODE,
                uid: 0,
                gid: 0,
                permissions: String::new(),
            },
            _ => DeviceNode::of_host(&host_path, &self.path)
                .map_err(|errno| Unusable::Node { path: host_path, errno })?,
        };
        if !["c", "u", "b"].contains(&node.kind.as_str()) {
            return Err(Unusable::Kind(node.kind));
        }
        let permissions = self.permissions.filter(|letters| !letters.is_empty());
        Ok(DeviceNode {
            mode: self.file_mode.unwrap_or(node.mode),
            uid: self.uid.unwrap_or(node.uid),
            gid: self.gid.unwrap_or(node.gid),
            permissions: permissions.unwrap_or_else(|| ALL_PERMISSIONS.to_owned()),
            ..node
        })
    }
}

impl AskedMount {
    fn read(self) -> Mount {
        let kind = self.r#type.filter(|kind| !kind.is_empty()).unwrap_or_else(|| "bind".to_owned());
        let mut options = self.options;
        if kind == "bind" && !options.iter().any(|option| option == "bind" || option == "rbind") {
            options.push("rbind".to_owned());
        }
        Mount { source: self.host_path, target: self.container_path, kind, options }
    }
}

impl AskedHook {
    fn read(self) -> Hook {
        Hook { when: self.hook_name, path: self.path, args: self.args, env: self.env, timeout: self.timeout }
    }
}

#[cfg(test)]
mod tests;
