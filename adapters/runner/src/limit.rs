//! Memory limits, and shares of the processors, by control groups, where this machine lets this user make them: version 1
//! with its own memory hierarchy, or version 2 where groups can be made ([`delegation`]). Groups are made once and used
//! again, because making them costs more than starting a process. With a group, what an attempt leaves behind is found
//! wherever it went.

mod below;
mod cell;
mod dead;
mod delegation;
mod processors;

pub(crate) use cell::Cell;

use rustix::process::{geteuid, getpid};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// The name of every group of ours begins so; then come the process that made it and a number.
const PREFIX: &str = "longshore-";

/// Where control groups are mounted.
const ROOT: &str = "/sys/fs/cgroup";

/// Version 1's; version 2 has none.
const SWAPPINESS: &str = "memory.swappiness";

/// Groups that this process has made: the next one's number.
static MADE: AtomicU64 = AtomicU64::new(0);

/// The agent that this process works for, if it sees no processes but its own: then it cannot say who is dead either.
static AGENT: OnceLock<u32> = OnceLock::new();

/// Says that this process works for an agent outside of its namespace of processes, whose the groups are.
pub(crate) fn work_for(agent: u32) {
    let _said_before = AGENT.set(agent);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    One,
    Two,
}

/// What one attempt gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) memory_mib: u64,
    /// The kernel's own: 1,024 for a vCPU (`CPU-1`). None where processors are not shared out.
    pub(crate) processors: Option<u64>,
    /// Swap besides the memory (`CPU-4`).
    pub(crate) max_swap_mib: Option<u64>,
    /// How eagerly memory goes to swap, from 0 to 100 (`CPU-4`).
    pub(crate) swappiness: Option<u64>,
}

impl Share {
    /// A share of the memory alone.
    pub(crate) fn memory(memory_mib: u64) -> Self {
        Self { memory_mib, ..Self::default() }
    }
}

/// What helps somebody who is not root.
const OWN_GROUP: &str =
    "start Longshore in a group of its own, such as by `systemd-run --user --scope -p Delegate=yes longshore serve`";

/// Why limits cannot be had here, for the host's description.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unavailable {
    #[error("this machine has no control groups for memory")]
    NoHierarchy,
    #[error("the memory controller is not delegated to {}; {OWN_GROUP}", .0.display())]
    NotDelegated(PathBuf),
    #[error("no groups can be made in {} ({source}); {OWN_GROUP}", directory.display())]
    NotOurs { directory: PathBuf, source: io::Error },
    #[error("no group can be made in {}: {source}", directory.display())]
    NotWritable { directory: PathBuf, source: io::Error },
}

/// The groups of one runner.
#[derive(Debug)]
pub(crate) struct Limits {
    version: Version,
    /// The group that ours are made in.
    parent: PathBuf,
    /// The same for processors, in version 1, which has a hierarchy for them.
    processors: Option<PathBuf>,
    idle: Mutex<Vec<Cell>>,
    /// The names of all groups of this pool.
    made: Mutex<Vec<String>>,
}

impl Limits {
    /// Finds out what the machine allows by making the first group.
    pub(crate) fn prepare() -> Result<Self, Unavailable> {
        let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let root = Path::new(ROOT);
        let (version, own) = find(&groups, root).ok_or(Unavailable::NoHierarchy)?;
        let parent = match version {
            Version::One => own,
            Version::Two => delegation::home(&own, root, geteuid().is_root())?,
        };
        dead::remove(&parent);
        elsewhere(&parent).iter().for_each(|group| dead::remove(group));
        let processors = processors(&groups, root).filter(|_| version == Version::One);
        processors.iter().for_each(|group| dead::remove(group));
        let limits = Self { version, parent, processors, idle: Mutex::default(), made: Mutex::default() };
        let not_writable = |source| Unavailable::NotWritable { directory: limits.parent.clone(), source };
        let first = limits.take(Share::memory(u64::MAX >> 20)).map_err(not_writable)?;
        limits.give_back(first);
        Ok(limits)
    }

    /// What a host says about itself: `cgroup1` or `cgroup2`.
    pub(crate) fn name(&self) -> &'static str {
        match self.version {
            Version::One => "cgroup1",
            Version::Two => "cgroup2",
        }
    }

    /// An empty group with its limits.
    pub(crate) fn take(&self, share: Share) -> io::Result<Cell> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut cell = idle.map_or_else(|| self.make(), Ok)?;
        let limited = cell.limit(share).and_then(|()| match share.processors {
            Some(shares) => cell.share_processors(self.processors.as_deref(), shares),
            None => Ok(()),
        });
        match limited {
            Ok(()) => Ok(cell),
            Err(error) => {
                self.give_back(cell);
                Err(error)
            }
        }
    }

    /// Whether processors can be shared out as well.
    pub(crate) fn shares_processors(&self) -> bool {
        match self.version {
            Version::One => self.processors.is_some(),
            Version::Two => delegation::delegates(&self.parent, "cgroup.subtree_control", "cpu"),
        }
    }

    /// Whether how eagerly memory goes to swap can be chosen.
    pub(crate) fn has_swappiness(&self) -> bool {
        self.version == Version::One && self.parent.join(SWAPPINESS).exists()
    }

    /// A group in which nothing runs any more.
    pub(crate) fn give_back(&self, cell: Cell) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(cell);
    }

    /// Removes the groups that an OCI runtime has made for ours in the hierarchies of other controllers.
    pub(crate) fn remove_elsewhere(&self) {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        for group in elsewhere(&self.parent) {
            for name in made.iter() {
                let _never_made_or_still_in_use = fs::remove_dir(group.join(name));
            }
        }
    }

    fn make(&self) -> io::Result<Cell> {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = match AGENT.get() {
            Some(agent) => format!("{PREFIX}{agent}-apart-{number}"),
            None => format!("{PREFIX}{}-{number}", getpid().as_raw_nonzero()),
        };
        let cell = Cell::make(self.version, self.parent.join(&name))?;
        self.made.lock().unwrap_or_else(PoisonError::into_inner).push(name);
        Ok(cell)
    }
}

impl Drop for Limits {
    fn drop(&mut self) {
        for cell in self.idle.get_mut().unwrap_or_else(PoisonError::into_inner).drain(..) {
            cell.remove();
        }
    }
}

/// The group of this process that has the memory controller: `groups` is `/proc/self/cgroup`, `root` where groups are
/// mounted. Inside a container the path may not be there: then the mount is the group.
fn find(groups: &str, root: &Path) -> Option<(Version, PathBuf)> {
    let existing = |mount: PathBuf, path: &str| {
        let group = mount.join(path.trim_start_matches('/'));
        if group.is_dir() { group } else { mount }
    };
    let line = |controllers_match: fn(&str) -> bool| {
        let fields = groups.lines().filter_map(|line| line.split_once(':')?.1.split_once(':'));
        fields.into_iter().find(|(controllers, _)| controllers_match(controllers)).map(|(_, path)| path)
    };
    if let Some(path) = line(|controllers| controllers.split(',').any(|controller| controller == "memory")) {
        return Some((Version::One, existing(root.join("memory"), path)));
    }
    let path = line(str::is_empty).filter(|_| root.join("cgroup.controllers").exists())?;
    Some((Version::Two, existing(root.to_owned(), path)))
}

/// The group of this process in version 1's hierarchy for processors.
fn processors(groups: &str, root: &Path) -> Option<PathBuf> {
    let fields = groups.lines().filter_map(|line| line.split_once(':')?.1.split_once(':'));
    let mut own = fields.filter(|(controllers, _)| controllers.split(',').any(|controller| controller == "cpu"));
    let mount = root.join("cpu");
    let group = mount.join(own.next()?.1.trim_start_matches('/'));
    [group, mount].into_iter().find(|group| group.join("cpu.shares").exists() || group.join("cgroup.procs").exists())
}

/// The group of the same path in the hierarchies of version 1 that are not for memory.
fn elsewhere(parent: &Path) -> Vec<PathBuf> {
    let root = Path::new(ROOT);
    let Ok(below) = parent.strip_prefix(root.join("memory")) else { return Vec::new() };
    let hierarchies = fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path());
    hierarchies
        .filter(|path| !path.ends_with("memory"))
        .map(|path| path.join(below))
        .filter(|path| path.is_dir())
        .collect()
}

#[cfg(test)]
mod tests;
