//! From a document to the steps of a container's first process, in an order that OCI runtimes share: mounts, devices, what is hidden;
//! then the control group; then who it is and what it may do, so that nothing before is done with less than is needed.

use super::document::{Device, Document, Linux, Namespace};
use super::filter::Filters;
use super::mounts::{self, place};
use super::privileges;
use crate::container::failure::Failure;
use crate::failure::text;
use crate::limit::Cell;
use crate::sys::contained::copy_tree;
use crate::sys::step::{self, FileSystem, Step};
use rustix::fs::{CWD, FileType, Gid, Mode, OFlags, Uid, makedev};
use rustix::mount::MountAttrFlags;
use rustix::thread::LinkNameSpaceType;
use std::ffi::{CString, NulError};
use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

/// What every container has, as OCI runtimes give it.
const DEVICES: [(&str, u32, u32); 6] =
    [("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0)];
const LINKS: [(&str, &str); 6] = [
    ("/proc/self/fd", "/dev/fd"),
    ("/proc/self/fd/0", "/dev/stdin"),
    ("/proc/self/fd/1", "/dev/stdout"),
    ("/proc/self/fd/2", "/dev/stderr"),
    ("/proc/kcore", "/dev/core"),
    ("pts/ptmx", "/dev/ptmx"),
];
const DEVICE_MODE: u32 = 0o666;
/// Where devices are, once something is mounted there.
const DEVICES_AT: &str = "/dev";

/// What a plan is made with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Made<'a> {
    pub(super) cradle: &'a Arc<OwnedFd>,
    pub(super) filters: &'a Filters,
    pub(super) cell: Option<&'a Cell>,
}

#[derive(Debug)]
pub(super) struct Plan {
    /// As `clone` takes them.
    pub(super) namespaces: i32,
    /// The namespace of processes to be in, which whoever makes the first process has to enter before.
    pub(super) processes: Option<OwnedFd>,
    pub(super) steps: Vec<Step>,
    owner: (u32, u32),
}

impl Plan {
    pub(super) fn of(document: &Document, made: Made<'_>) -> Result<Self, Failure> {
        if document.process.has_terminal {
            return Err(refused("a terminal", "there is none".to_owned()));
        }
        let mut steps = vec![Step::Session];
        let Namespaces { new, sees_own_groups, processes } = namespaces(&document.linux.namespaces, &mut steps)?;
        if let Some(name) = &document.hostname {
            steps.push(Step::Hostname(c_text(name)?));
        }
        steps.extend([Step::Mounts(Arc::clone(made.cradle)), Step::Root(root(document)?)]);
        surroundings(document, &mut steps)?;
        let groups = made.cell.iter().flat_map(|cell| [Some(cell.members()), cell.members_of_processors()]);
        steps.extend(groups.flatten().map(|group| Step::members(&group)));
        if sees_own_groups {
            steps.push(Step::GroupsOfItsOwn);
        }
        let process = &document.process;
        steps.extend(privileges::limits(&process.rlimits)?);
        steps.push(Step::Directory(c_text(&process.cwd)?));
        steps.extend(privileges::steps(process)?);
        steps.push(Step::DieWithParent);
        if let Some(profile) = &document.linux.seccomp {
            let filter = made.filters.compiled(profile).map_err(Failure::create("filter its system calls"))?;
            // A filter that nobody has to be privileged for comes last, so that it is as narrow as can be.
            steps.push(Step::Filter(filter));
        }
        Ok(Self { namespaces: new, processes, steps, owner: (process.user.uid, process.user.gid) })
    }

    /// A container opens its output again by name (`/dev/stdout`), which only the owner may.
    pub(super) fn give_output(&self, output: &File) {
        if self.owner != (0, 0) {
            let (uid, gid) = (Uid::from_raw(self.owner.0), Gid::from_raw(self.owner.1));
            let _it_writes_all_the_same = rustix::fs::fchown(output, Some(uid), Some(gid));
        }
    }
}

fn refused(what: &str, error: String) -> Failure {
    Failure::Create { what: "set it up", error: format!("{what}: {error}") }
}

fn c_text(text: &str) -> Result<CString, Failure> {
    CString::new(text).map_err(nul)
}

fn nul(_error: NulError) -> Failure {
    crate::failure::Failure::NulByte.into()
}

/// Those that no step is about.
#[derive(Debug, Default)]
struct Namespaces {
    /// As `clone` takes them.
    new: i32,
    /// Whether the view of control groups is its own, which comes later.
    sees_own_groups: bool,
    processes: Option<OwnedFd>,
}

fn namespaces(asked: &[Namespace], steps: &mut Vec<Step>) -> Result<Namespaces, Failure> {
    let mut namespaces = Namespaces::default();
    let flags = &mut namespaces.new;
    for namespace in asked {
        match (namespace.kind.as_str(), &namespace.path) {
            // Parted from the others' by a step.
            ("mount", None) => {}
            ("cgroup", None) => namespaces.sees_own_groups = true,
            ("pid", None) => *flags |= libc::CLONE_NEWPID,
            ("uts", None) => *flags |= libc::CLONE_NEWUTS,
            ("ipc", None) => *flags |= libc::CLONE_NEWIPC,
            ("network", None) => *flags |= libc::CLONE_NEWNET,
            ("network", Some(path)) => steps.push(Step::Enter(opened(path)?, LinkNameSpaceType::Network)),
            ("ipc", Some(path)) => steps.push(Step::Enter(opened(path)?, LinkNameSpaceType::InterProcessCommunication)),
            ("pid", Some(path)) => namespaces.processes = Some(opened(path)?),
            (kind, _) => return Err(refused(kind, "no such namespace can be had".to_owned())),
        }
    }
    Ok(namespaces)
}

fn opened(path: &str) -> Result<OwnedFd, Failure> {
    let opened = rustix::fs::openat(CWD, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty());
    opened.map_err(|errno| refused(path, text(errno)))
}

fn root(document: &Document) -> Result<OwnedFd, Failure> {
    let path = CString::new(document.root.path.as_os_str().as_bytes()).map_err(nul)?;
    let tree = copy_tree(&path, false).and_then(|tree| crate::sys::contained::keep_apart(&tree).map(|()| tree));
    tree.map_err(|errno| refused(&document.root.path.to_string_lossy(), text(errno)))
}

/// All that a container sees.
fn surroundings(document: &Document, steps: &mut Vec<Step>) -> Result<(), Failure> {
    for mount in &document.mounts {
        steps.push(mounts::step(mount)?);
        if mount.destination == DEVICES_AT {
            usual_devices(steps)?;
        }
    }
    for device in &document.linux.devices {
        steps.push(asked_device(device)?);
    }
    hide(&document.linux, steps)?;
    if document.root.readonly {
        steps.push(Step::FreezeRoot);
    }
    Ok(())
}

fn usual_devices(steps: &mut Vec<Step>) -> Result<(), Failure> {
    for (name, major, minor) in DEVICES {
        steps.push(Step::Device(step::Device {
            directory: place(DEVICES_AT, false).map_err(nul)?,
            name: c_text(name)?,
            kind: FileType::CharacterDevice,
            mode: DEVICE_MODE,
            number: makedev(major, minor),
            owner: (0, 0),
        }));
    }
    for (target, path) in LINKS {
        steps.push(Step::Link { target: c_text(target)?, path: c_text(path)? });
    }
    steps.push(Step::StandardInput);
    Ok(())
}

fn asked_device(device: &Device) -> Result<Step, Failure> {
    let kind = match device.kind.as_str() {
        "c" | "u" => FileType::CharacterDevice,
        "b" => FileType::BlockDevice,
        "p" => FileType::Fifo,
        other => return Err(refused(&device.path, format!("no device is of kind {other:?}"))),
    };
    let (directory, name) = device.path.rsplit_once('/').unwrap_or(("", &device.path));
    let directory = if directory.is_empty() { "/" } else { directory };
    Ok(Step::Device(step::Device {
        directory: place(directory, false).map_err(nul)?,
        name: c_text(name)?,
        kind,
        mode: device.file_mode.unwrap_or(DEVICE_MODE),
        number: makedev(device.major, device.minor),
        owner: (device.uid, device.gid),
    }))
}

fn hide(linux: &Linux, steps: &mut Vec<Step>) -> Result<(), Failure> {
    let empty = Arc::new(FileSystem {
        kind: c"tmpfs".into(),
        options: vec![(c"size".into(), Some(c"0".into()))],
        attributes: MountAttrFlags::MOUNT_ATTR_RDONLY
            | MountAttrFlags::MOUNT_ATTR_NOSUID
            | MountAttrFlags::MOUNT_ATTR_NODEV
            | MountAttrFlags::MOUNT_ATTR_NOEXEC,
    });
    for path in &linux.masked_paths {
        steps.push(Step::Mask { path: c_text(path)?, empty: Arc::clone(&empty) });
    }
    for path in &linux.readonly_paths {
        steps.push(Step::Freeze(c_text(path)?));
    }
    Ok(())
}
