//! Where containers' mounts begin: a mount namespace with an empty root. Copying it, and throwing the copy away, costs nearly
//! nothing, while the host's has dozens of mounts. It lives as long as its descriptor.

use crate::sys::contained::leave_for_own_mounts;
use crate::sys::step::keep_mounts_apart;
use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::Errno;
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use std::ffi::CString;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::thread;

/// The empty root, which nobody ever sees, is mounted at `directory` on the way.
pub(super) fn make(directory: &Path) -> Result<OwnedFd, Errno> {
    let directory = CString::new(directory.as_os_str().as_bytes()).map_err(|_| Errno::INVAL)?;
    let maker = thread::Builder::new().name("cradle".into()).spawn(move || make_here(&directory));
    let made = maker.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::AGAIN))?.join();
    made.unwrap_or(Err(Errno::IO))
}

/// For a thread of its own, which stays in there.
fn make_here(directory: &CString) -> Result<OwnedFd, Errno> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let namespaces = rustix::fs::openat(CWD, c"/proc/thread-self/ns", flags, Mode::empty())?;
    leave_for_own_mounts()?;
    keep_mounts_apart()?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    mount(c"longshore", directory, c"tmpfs", flags, c"size=0,mode=755")?;
    rustix::process::chdir(directory)?;
    rustix::process::pivot_root(c".", c".")?;
    unmount(c".", UnmountFlags::DETACH)?;
    rustix::fs::openat(&namespaces, c"mnt", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
}
