//! Starting a process in namespaces of its own: as `spawn` does, with steps to take before the program is executed.

use super::step::Step;
use super::{Execution, Pointers, SpawnError, Spawned, Stack, bury, execute, last_errno};
use crate::command::Command;
use libc::{c_char, c_int, c_long, c_uint, c_void};
use rustix::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use rustix::io::Errno;
use rustix::mount::MountAttrFlags;
use rustix::process::Pid;
use rustix::thread::UnshareFlags;
use std::ffi::CStr;
use std::ptr;

/// What a container's first process is made with.
#[derive(Debug)]
pub(crate) struct Birth<'a> {
    /// Namespaces to be new, as `clone` has them.
    pub(crate) namespaces: c_int,
    pub(crate) steps: &'a [Step],
    pub(crate) command: &'a Command,
    pub(crate) input: BorrowedFd<'a>,
    /// Stdout and stderr.
    pub(crate) output: BorrowedFd<'a>,
    pub(crate) open_files: libc::rlimit,
}

/// Where a birth ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Miscarriage {
    Clone(Errno),
    /// The step, by its place.
    Step(usize, Errno),
    /// The candidate that failed, if any was more than missing.
    Execute(Option<usize>, Errno),
}

/// What the child reads, and what it leaves behind.
struct Shared<'a> {
    birth: &'a Birth<'a>,
    execution: Execution,
    failure: Option<Miscarriage>,
}

/// Starts a process that takes the steps and then executes the command; returns once it has, or could not.
///
/// The child borrows this process's memory until then, as in `spawn`: that costs the same however large this process is, and the
/// kernel never kills a child on borrowed memory for want of memory (nor, with it, this process).
#[expect(unsafe_code, reason = "no safe interface starts a process in new namespaces without copying its parent")]
pub(crate) fn bear(stack: &mut Stack, birth: &Birth<'_>) -> Result<Spawned, Miscarriage> {
    let command = Pointers::of(birth.command);
    let mut shared = Shared { birth, execution: command.execution(), failure: None };
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::CLONE_PIDFD | libc::SIGCHLD | birth.namespaces;
    let mut pidfd: c_int = -1;
    let shared_pointer = ptr::from_mut(&mut shared);
    // SAFETY: with CLONE_VFORK this thread sleeps until the child has executed or exited, so `shared`, all that it
    // points to and the stack outlive the child's use and nobody else touches them; `child` never returns.
    let pid = unsafe { libc::clone(child, stack.top(), flags, shared_pointer.cast(), ptr::from_mut(&mut pidfd)) };
    if pid < 0 {
        return Err(Miscarriage::Clone(last_errno()));
    }
    // SAFETY: the kernel stored a descriptor that is ours alone, because clone with CLONE_PIDFD succeeded.
    let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
    // SAFETY: the child is done with it; read through the pointer that it wrote through.
    match unsafe { ptr::read(&raw const (*shared_pointer).failure) } {
        None => Ok(Spawned { pid: Pid::from_raw(pid).expect("clone answers a positive pid"), pidfd }),
        Some(failure) => {
            bury(&pidfd);
            Err(failure)
        }
    }
}

/// The child between clone and exec: see `step`.
#[expect(unsafe_code, reason = "raw system calls are all that a child on borrowed memory may do")]
extern "C" fn child(shared: *mut c_void) -> c_int {
    // SAFETY: `shared` is the parent's `Shared`, valid until this child executes or exits (see `bear`). The system calls
    // touch only this child's own state.
    unsafe {
        let shared = &mut *shared.cast::<Shared<'_>>();
        let birth = shared.birth;
        libc::dup2(birth.input.as_raw_fd(), 0);
        libc::dup2(birth.output.as_raw_fd(), 1);
        libc::dup2(birth.output.as_raw_fd(), 2);
        libc::setrlimit(libc::RLIMIT_NOFILE, &raw const birth.open_files);
        super::default_signals();
        for (place, step) in birth.steps.iter().enumerate() {
            if let Err(errno) = step.take() {
                shared.failure = Some(Miscarriage::Step(place, errno));
                libc::_exit(127);
            }
        }
        shared.failure = Some(match execute(&shared.execution) {
            SpawnError::Execute(candidate, errno) => Miscarriage::Execute(candidate, errno),
            SpawnError::Clone(errno) | SpawnError::Group(errno) | SpawnError::Directory(errno) => {
                Miscarriage::Execute(None, errno)
            }
        });
        libc::_exit(127)
    }
}

/// A filter of system calls, as the kernel takes it.
#[derive(Debug)]
pub(crate) struct Filter(Vec<libc::sock_filter>);

impl Filter {
    /// The most instructions that the kernel takes.
    pub(crate) const MAX: usize = 4096;

    /// None if there are too many of them.
    pub(crate) fn new(program: Vec<libc::sock_filter>) -> Option<Self> {
        (program.len() <= Self::MAX).then_some(Self(program))
    }

    #[cfg(test)]
    pub(crate) fn program(&self) -> &[libc::sock_filter] {
        &self.0
    }
}

fn answered(result: c_long) -> Result<(), Errno> {
    if result < 0 { Err(last_errno()) } else { Ok(()) }
}

/// Filters this process's system calls, and those of all that it starts.
#[expect(unsafe_code, reason = "seccomp has no safe interface")]
pub(super) fn install(filter: &Filter) -> Result<(), Errno> {
    const NO_FLAGS: c_uint = 0;
    let program =
        libc::sock_fprog { len: u16::try_from(filter.0.len()).unwrap_or(0), filter: filter.0.as_ptr().cast_mut() };
    // SAFETY: the kernel reads the program, which is as long as said, and copies it.
    answered(unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, NO_FLAGS, &raw const program) })
}

/// A session's keys are none of the container's; kernels without keys have none to leave.
#[expect(unsafe_code, reason = "keyctl has no safe interface")]
pub(super) fn leave_keyring() {
    const JOIN_SESSION_KEYRING: c_int = 1;
    // SAFETY: without a name the call reads no memory.
    let _nothing_to_leave = unsafe { libc::syscall(libc::SYS_keyctl, JOIN_SESSION_KEYRING, ptr::null::<c_char>()) };
}

/// Parts this process, of one thread, from a namespace.
#[expect(unsafe_code, reason = "leaving a namespace has no safe interface, because it may part threads' descriptors")]
pub(super) fn unshare(namespace: UnshareFlags) -> Result<(), Errno> {
    // SAFETY: descriptors are not parted.
    unsafe { rustix::thread::unshare_unsafe(namespace) }
}

/// See `Step::BuryUnseen`.
#[expect(unsafe_code, reason = "what becomes of a signal has no safe interface")]
pub(super) fn bury_unseen() -> Result<(), Errno> {
    // SAFETY: no handler is installed; called in a child, whose signals are its own.
    let before = unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
    if before == libc::SIG_ERR { Err(last_errno()) } else { Ok(()) }
}

/// Joins a control group by its list of members.
#[expect(unsafe_code, reason = "the number stands for a descriptor that the parent keeps open")]
pub(super) fn join_group(members: RawFd) -> Result<(), Errno> {
    // SAFETY: the parent holds the descriptor open until this process has executed its program.
    let members = unsafe { BorrowedFd::borrow_raw(members) };
    rustix::io::write(members, b"0").map(drop)
}

/// Makes a file this process's standard input.
#[expect(unsafe_code, reason = "replacing a descriptor has no safe interface")]
pub(super) fn become_input(file: &OwnedFd) -> Result<(), Errno> {
    // SAFETY: nothing in this process, which is about to execute a program, owns descriptor 0.
    let answer = unsafe { libc::dup2(file.as_raw_fd(), 0) };
    answered(answer.into())
}

/// Adds attributes to a mount.
pub(crate) fn set_attributes(at: impl AsFd, path: &CStr, attributes: MountAttrFlags) -> Result<(), Errno> {
    change(at, path, libc::AT_EMPTY_PATH, (u64::from(attributes.bits()), 0))
}

/// Parts a tree of mounts from those of the host that it was copied from.
pub(crate) fn keep_apart(tree: impl AsFd) -> Result<(), Errno> {
    change(tree, c"", libc::AT_EMPTY_PATH | libc::AT_RECURSIVE, (0, libc::MS_PRIVATE))
}

#[expect(unsafe_code, reason = "mount_setattr has no safe interface")]
fn change(at: impl AsFd, path: &CStr, flags: c_int, (attributes, propagation): (u64, u64)) -> Result<(), Errno> {
    // Times of access are one attribute with several values.
    let times = u64::from(MountAttrFlags::MOUNT_ATTR__ATIME.bits());
    let cleared = if attributes & times == 0 { 0 } else { times };
    let wanted = libc::mount_attr { attr_set: attributes, attr_clr: cleared, propagation, userns_fd: 0 };
    let (at, size) = (at.as_fd().as_raw_fd(), size_of::<libc::mount_attr>());
    // SAFETY: the kernel reads the path and the structure, which is as large as said.
    answered(unsafe { libc::syscall(libc::SYS_mount_setattr, at, path.as_ptr(), flags, &raw const wanted, size) })
}

/// A copy of what is mounted at a path, and of what is mounted below it if that is wanted; mounted nowhere yet.
pub(crate) fn copy_tree(path: &CStr, with_all_below: bool) -> Result<OwnedFd, Errno> {
    use rustix::mount::{OpenTreeFlags, open_tree};
    let mut flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    flags.set(OpenTreeFlags::AT_RECURSIVE, with_all_below);
    open_tree(rustix::fs::CWD, path, flags)
}

/// Gives the calling thread alone mounts, a root and a working directory of its own.
pub(crate) fn leave_for_own_mounts() -> Result<(), Errno> {
    unshare(UnshareFlags::NEWNS | UnshareFlags::FS)
}
