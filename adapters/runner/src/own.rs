//! What the program around a runner asks of the kernel for itself. Nothing here concerns attempts.

use crate::sys::{self, contained};
use rustix::fs::StatVfsMountFlags;
use rustix::mount::MountAttrFlags;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Leaves the session, and with it the terminal, of whoever started this program, so that neither Ctrl-C nor a hang-up
/// there ends it. A program that leads its session already stays in it.
pub fn detach() {
    let detached = rustix::process::setsid();
    tracing::debug!(?detached, "own session");
}

/// Lets the calling thread run before others whenever it has something to do, where the system permits it; what it
/// starts does not inherit that. On a busy machine this is what keeps messages and launches prompt.
pub fn prefer_this_thread() {
    if let Err(errno) = sys::prefer_this_thread() {
        tracing::debug!(%errno, "this thread runs at the usual priority");
    }
}

/// Whether this process is root, of the machine or of a user namespace.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

const OWN_PROGRAM: &std::ffi::CStr = c"/proc/self/exe";

/// Sees to it that nobody can write to this program's file through this process: begins the program anew, with the same
/// arguments, from a read-only view of its file, unless it runs from one already. For the start of a program, before it has
/// threads or holds anything.
///
/// A container's first process is this program until it executes the container's. An image that has itself executed as
/// `/proc/self/exe` thus runs this program, and would have a way to its file on the host, as root.
pub fn guard_own_program() -> io::Result<()> {
    if rustix::fs::statvfs(OWN_PROGRAM)?.f_flag.contains(StatVfsMountFlags::RDONLY) {
        // It may have been executed by a descriptor's number, which is what it would be called.
        let _only_shown = rustix::thread::set_name(c"longshore");
        return Ok(());
    }
    let file = contained::copy_tree(OWN_PROGRAM, false)?;
    contained::set_attributes(&file, c"", MountAttrFlags::MOUNT_ATTR_RDONLY)?;
    let mut arguments = std::env::args_os();
    let mut command = Command::new(format!("/proc/self/fd/{}", file.as_raw_fd()));
    command.arg0(arguments.next().unwrap_or_default());
    Err(command.args(arguments).exec())
}
