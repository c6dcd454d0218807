//! What a new process does to itself before it becomes a container's first program. Every text, descriptor and number is
//! here before the process is; taking a step makes system calls alone. It allocates nothing, cannot panic and keeps no lock,
//! because it happens on the memory of the process that waits for it.

use super::contained::{self, Filter};
use rustix::fs::{AtFlags, CWD, FileType, Gid, Mode, OFlags, ResolveFlags, Uid};
use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountPropagationFlags, MoveMountFlags, UnmountFlags, fsconfig_create,
    fsconfig_set_flag, fsconfig_set_string, fsmount, fsopen, move_mount, unmount,
};
use rustix::process::{Resource, Rlimit, Signal};
use rustix::thread::{CapabilitySet, CapabilitySets, LinkNameSpaceType, UnshareFlags};
use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::sync::Arc;

/// One step. The order matters, and is the plan's business.
#[derive(Debug)]
pub(crate) enum Step {
    /// A session, and no keys of whoever started it.
    Session,
    /// A name of its own.
    Hostname(CString),
    /// Into a namespace that is there already.
    Enter(OwnedFd, LinkNameSpaceType),
    /// Mounts of its own, beginning with those of the namespace, which has next to none.
    Mounts(Arc<OwnedFd>),
    /// The tree becomes the root, and everything else goes out of sight.
    Root(OwnedFd),
    /// A new file system.
    FileSystem(FileSystem, Place),
    /// Something of the host, which the tree is a copy of.
    Tree(OwnedFd, Place),
    Device(Device),
    Link {
        target: CString,
        path: CString,
    },
    /// Nothing can be read there any more.
    Mask {
        path: CString,
        /// What hides a directory.
        empty: Arc<FileSystem>,
    },
    /// Nothing can be written there any more.
    Freeze(CString),
    /// Nothing can be written to the root itself any more.
    FreezeRoot,
    /// Standard input is the container's own `/dev/null`.
    StandardInput,
    /// Into the control group with this list of members.
    Group(RawFd),
    /// The control group is the root of those that it sees.
    GroupsOfItsOwn,
    /// The kernel buries its dead children, and those that it inherits; a program that it executes leaves it at that.
    BuryUnseen,
    Limit(Resource, Rlimit),
    Directory(CString),
    /// Gains these capabilities at most, whatever it executes.
    Bound(CapabilitySet),
    User(User),
    Hold(CapabilitySets),
    /// Keeps them when it executes a program.
    Ambient(CapabilitySet),
    NoNewPrivileges,
    DieWithParent,
    Filter(Arc<Filter>),
}

/// A file system to be made and mounted.
#[derive(Debug)]
pub(crate) struct FileSystem {
    pub(crate) kind: CString,
    /// Names, and their values if they have any.
    pub(crate) options: Vec<(CString, Option<CString>)>,
    pub(crate) attributes: MountAttrFlags,
}

/// Where something is mounted or made: an absolute path in the container.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) path: CString,
    /// The way there, for what of it is missing: each directory, and the name in it. All but the last are directories.
    pub(crate) way: Vec<(CString, CString)>,
    /// Whether the last is a file.
    pub(crate) is_file: bool,
}

#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) directory: Place,
    pub(crate) name: CString,
    pub(crate) kind: FileType,
    pub(crate) mode: u32,
    pub(crate) number: u64,
    pub(crate) owner: (u32, u32),
}

#[derive(Debug)]
pub(crate) struct User {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) groups: Vec<Gid>,
    /// Whether it is to hold capabilities as somebody else than root.
    pub(crate) keeps_capabilities: bool,
}

/// Everybody else may read and search what is made on the way.
const DIRECTORY_MODE: Mode = Mode::from_raw_mode(0o755);
const FILE_MODE: Mode = Mode::from_raw_mode(0o644);
/// Capabilities that a kernel may have.
const CAPABILITIES: u32 = 64;

impl Step {
    pub(super) fn take(&self) -> Result<(), Errno> {
        match self {
            Self::Session => {
                rustix::process::setsid()?;
                contained::leave_keyring();
                // What is made is made with the mode that is asked for.
                rustix::process::umask(Mode::empty());
                Ok(())
            }
            Self::Hostname(name) => rustix::system::sethostname(name.to_bytes()),
            Self::Enter(namespace, kind) => rustix::thread::move_into_link_name_space(namespace.as_fd(), Some(*kind)),
            Self::Mounts(cradle) => own_mounts(cradle),
            Self::Root(tree) => become_root(tree),
            Self::FileSystem(file_system, place) => attach(&file_system.make()?, &place.open()?),
            Self::Tree(tree, place) => attach(tree, &place.open()?),
            Self::Device(device) => device.make(),
            Self::Link { target, path } => match rustix::fs::symlinkat(target, CWD, path) {
                Err(Errno::EXIST) => Ok(()),
                made => made,
            },
            Self::Mask { path, empty } => mask(path, empty),
            Self::Freeze(path) => freeze(path),
            Self::FreezeRoot => contained::set_attributes(CWD, c"/", MountAttrFlags::MOUNT_ATTR_RDONLY),
            Self::StandardInput => {
                let null = open(c"/dev/null", OFlags::RDWR)?;
                contained::become_input(&null)
            }
            _ => self.take_on_credentials(),
        }
    }

    /// The steps after everything is in its place.
    fn take_on_credentials(&self) -> Result<(), Errno> {
        match self {
            Self::Group(members) => contained::join_group(*members),
            Self::GroupsOfItsOwn => contained::unshare(UnshareFlags::NEWCGROUP),
            Self::BuryUnseen => contained::bury_unseen(),
            Self::Limit(resource, limit) => rustix::process::setrlimit(*resource, *limit),
            Self::Directory(path) => rustix::process::chdir(path),
            Self::Bound(kept) => bound(*kept),
            Self::User(user) => user.become_it(),
            Self::Hold(sets) => rustix::thread::set_capabilities(None, *sets),
            Self::Ambient(raised) => {
                let each = |bit: CapabilitySet| rustix::thread::configure_capability_in_ambient_set(bit, true);
                raised.iter().try_for_each(each)
            }
            Self::NoNewPrivileges => rustix::thread::set_no_new_privs(true),
            Self::DieWithParent => rustix::process::set_parent_process_death_signal(Some(Signal::KILL)),
            Self::Filter(filter) => contained::install(filter),
            _ => Ok(()),
        }
    }
}

/// A copy of nearly nothing is cheap to make and to throw away; a copy of the host's mounts is neither.
fn own_mounts(cradle: &OwnedFd) -> Result<(), Errno> {
    rustix::thread::move_into_link_name_space(cradle.as_fd(), Some(LinkNameSpaceType::Mount))?;
    contained::unshare(UnshareFlags::NEWNS)
}

fn become_root(tree: &OwnedFd) -> Result<(), Errno> {
    let beneath = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
    move_mount(tree, c"", CWD, c"/", beneath)?;
    rustix::process::fchdir(tree)?;
    // The old root lies upon the new one then, and what a path leads to is what lies on top.
    rustix::process::pivot_root(c".", c".")?;
    unmount(c".", UnmountFlags::DETACH)?;
    rustix::process::chdir(c"/")
}

fn attach(tree: &OwnedFd, place: &OwnedFd) -> Result<(), Errno> {
    let both = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    move_mount(tree, c"", place, c"", both)
}

impl FileSystem {
    /// Makes it, mounted nowhere yet.
    fn make(&self) -> Result<OwnedFd, Errno> {
        let context = fsopen(self.kind.as_c_str(), FsOpenFlags::FSOPEN_CLOEXEC)?;
        for (name, value) in &self.options {
            match value {
                Some(value) => fsconfig_set_string(context.as_fd(), name.as_c_str(), value.as_c_str())?,
                None => fsconfig_set_flag(context.as_fd(), name.as_c_str())?,
            }
        }
        fsconfig_create(context.as_fd())?;
        fsmount(context.as_fd(), FsMountFlags::FSMOUNT_CLOEXEC, self.attributes)
    }
}

impl Place {
    /// Opens it, and makes it if it is missing. Links of the image's making lead to nowhere outside the container, and links
    /// of the kernel's making (`/proc/self/fd/4`) are not followed at all.
    fn open(&self) -> Result<OwnedFd, Errno> {
        match open(&self.path, OFlags::PATH) {
            Err(Errno::NOENT) => {}
            opened => return opened,
        }
        for (number, (directory, name)) in self.way.iter().enumerate() {
            let directory = open(directory, OFlags::PATH)?;
            let made = if self.is_file && number + 1 == self.way.len() {
                rustix::fs::mknodat(&directory, name, FileType::RegularFile, FILE_MODE, 0)
            } else {
                rustix::fs::mkdirat(&directory, name, DIRECTORY_MODE)
            };
            match made {
                Err(Errno::EXIST) => {}
                made => made?,
            }
        }
        open(&self.path, OFlags::PATH)
    }
}

fn open(path: &CStr, flags: OFlags) -> Result<OwnedFd, Errno> {
    rustix::fs::openat2(CWD, path, flags | OFlags::CLOEXEC, Mode::empty(), ResolveFlags::NO_MAGICLINKS)
}

impl Device {
    fn make(&self) -> Result<(), Errno> {
        let directory = self.directory.open()?;
        match rustix::fs::mknodat(&directory, &self.name, self.kind, Mode::from_raw_mode(self.mode), self.number) {
            // As OCI runtimes do: what the image or a mount has there stays.
            Err(Errno::EXIST) => Ok(()),
            Err(errno) => Err(errno),
            Ok(()) if self.owner == (0, 0) => Ok(()),
            Ok(()) => {
                let (uid, gid) = (Uid::from_raw(self.owner.0), Gid::from_raw(self.owner.1));
                rustix::fs::chownat(&directory, &self.name, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW)
            }
        }
    }
}

/// A file is hidden by `/dev/null`, a directory by an empty one.
fn mask(path: &CStr, empty: &FileSystem) -> Result<(), Errno> {
    match rustix::mount::mount_bind(c"/dev/null", path) {
        Err(Errno::NOENT) => Ok(()),
        Err(Errno::NOTDIR) => attach(&empty.make()?, &open(path, OFlags::PATH)?),
        bound => bound,
    }
}

fn freeze(path: &CStr) -> Result<(), Errno> {
    match rustix::mount::mount_bind_recursive(path, path) {
        Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(errno),
        Ok(()) => contained::set_attributes(CWD, path, MountAttrFlags::MOUNT_ATTR_RDONLY),
    }
}

fn bound(kept: CapabilitySet) -> Result<(), Errno> {
    for number in 0..CAPABILITIES {
        let one = CapabilitySet::from_bits_retain(1 << number);
        if kept.contains(one) {
            continue;
        }
        match rustix::thread::remove_capability_from_bounding_set(one) {
            // The kernel has no such capability, nor any beyond.
            Err(Errno::INVAL) => break,
            removed => removed?,
        }
    }
    Ok(())
}

impl User {
    fn become_it(&self) -> Result<(), Errno> {
        if self.keeps_capabilities {
            rustix::thread::set_keep_capabilities(true)?;
        }
        rustix::thread::set_thread_groups(&self.groups)?;
        let (uid, gid) = (Uid::from_raw(self.uid), Gid::from_raw(self.gid));
        rustix::thread::set_thread_res_gid(gid, gid, gid)?;
        rustix::thread::set_thread_res_uid(uid, uid, uid)?;
        rustix::process::umask(Mode::from_raw_mode(USUAL_UMASK));
        Ok(())
    }
}

/// As OCI runtimes leave it.
const USUAL_UMASK: u32 = 0o022;

/// Shuts a namespace's mounts off from others': what others mount does not come in.
pub(crate) fn keep_mounts_apart() -> Result<(), Errno> {
    rustix::mount::mount_change(c"/", MountPropagationFlags::REC | MountPropagationFlags::PRIVATE)
}

impl Step {
    /// What it does, for when it fails.
    pub(crate) fn name(&self) -> (&'static str, &CStr) {
        match self {
            Self::Session => ("begin its session", c""),
            Self::Hostname(name) => ("set its host name", name),
            Self::Enter(..) => ("enter a namespace", c""),
            Self::Mounts(_) => ("part its mounts from the host's", c""),
            Self::Root(_) => ("enter its root", c""),
            Self::FileSystem(_, place) | Self::Tree(_, place) => ("mount", &place.path),
            Self::Device(device) => ("make the device", &device.name),
            Self::Link { path, .. } => ("make the link", path),
            Self::Mask { path, .. } => ("mask", path),
            Self::Freeze(path) => ("make read-only", path),
            Self::FreezeRoot => ("make read-only", c"/"),
            Self::StandardInput => ("open", c"/dev/null"),
            Self::Group(_) | Self::GroupsOfItsOwn => ("enter its control group", c""),
            Self::BuryUnseen => ("set what becomes of its children", c""),
            Self::Limit(..) => ("set its ulimits", c""),
            Self::Directory(path) => ("chdir to", path),
            Self::Bound(_) | Self::Hold(_) | Self::Ambient(_) => ("set its capabilities", c""),
            Self::User(_) => ("become its user", c""),
            Self::NoNewPrivileges => ("give up new privileges", c""),
            Self::DieWithParent => ("tie it to the agent", c""),
            Self::Filter(_) => ("filter its system calls", c""),
        }
    }

    /// Whether it is a descriptor's number that it keeps, which must be open until the process is there.
    pub(crate) fn members(group: &impl AsRawFd) -> Self {
        Self::Group(group.as_raw_fd())
    }
}
