//! [`Edits`]: what has to be changed about a container so that it can use a GPU, in the terms of CDI, with device nodes looked up.

use rustix::fs::{FileType, major, minor, stat};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

/// Changes to a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edits {
    /// `NAME=value`, over the container's own.
    pub env: Vec<String>,
    /// Device nodes that it gets.
    pub devices: Vec<DeviceNode>,
    /// What is mounted.
    pub mounts: Vec<Mount>,
    /// Programs of the host that its OCI runtime runs.
    pub hooks: Vec<Hook>,
    /// Groups that its first process is in, too.
    pub groups: Vec<u32>,
}

/// A device node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceNode {
    /// Where the container sees it.
    pub path: String,
    /// Where it is on the host.
    pub host_path: String,
    /// `c` or `b`, as the OCI runtime specification has it.
    pub kind: String,
    /// Its driver.
    pub major: u32,
    /// Which of the driver's.
    pub minor: u32,
    /// Permission bits.
    pub mode: u32,
    /// Its owner.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
    /// Letters of `rwm`.
    pub permissions: String,
}

/// Something that is mounted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// Of the host; for a file system, its name.
    pub source: String,
    /// Where.
    pub target: String,
    /// `bind`, or a file system.
    pub kind: String,
    /// As `mount` takes them.
    pub options: Vec<String>,
}

/// A program of the host, and when it is run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hook {
    /// `createContainer` and others of the OCI runtime specification.
    pub when: String,
    /// The program.
    pub path: String,
    /// Its own name first.
    pub args: Vec<String>,
    /// All of its environment.
    pub env: Vec<String>,
    /// Seconds that it may take.
    pub timeout: Option<u64>,
}

/// Everything.
pub(crate) const ALL_PERMISSIONS: &str = "rwm";
const MODE_BITS: u32 = 0o7777;

impl DeviceNode {
    /// A device node of the host, which a container sees elsewhere or at the same place.
    pub(crate) fn of_host(host_path: &str, path: &str) -> Result<Self, Errno> {
        let stat = stat(host_path)?;
        let kind = match FileType::from_raw_mode(stat.st_mode) {
            FileType::CharacterDevice => "c",
            FileType::BlockDevice => "b",
            _ => return Err(Errno::NOTBLK),
        };
        Ok(Self {
            path: path.to_owned(),
            host_path: host_path.to_owned(),
            kind: kind.to_owned(),
            major: major(stat.st_rdev),
            minor: minor(stat.st_rdev),
            mode: stat.st_mode & MODE_BITS,
            uid: stat.st_uid,
            gid: stat.st_gid,
            permissions: ALL_PERMISSIONS.to_owned(),
        })
    }
}

impl Edits {
    /// Adds those of `other` that are not there yet: what several GPUs need is there once.
    pub(crate) fn add(&mut self, other: &Self) {
        add(&mut self.env, &other.env);
        add(&mut self.devices, &other.devices);
        add(&mut self.mounts, &other.mounts);
        add(&mut self.hooks, &other.hooks);
        add(&mut self.groups, &other.groups);
    }

    /// When hooks are to be run, each once; empty if there are none.
    pub fn hook_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.hooks.iter().map(|hook| hook.when.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

fn add<T: Clone + PartialEq>(to: &mut Vec<T>, more: &[T]) {
    for one in more {
        if !to.contains(one) {
            to.push(one.clone());
        }
    }
}
