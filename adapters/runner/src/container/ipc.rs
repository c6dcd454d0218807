//! What the containers of a task share when they ask for it (`ipcMode` `task`, `MC-6`): System V's and POSIX's queues and
//! semaphores, and `/dev/shm`. The first of them makes it, the end of the attempt takes it away.

use super::failure::Failure;
use super::spec::Extras;
use longshore_types::AttemptId;
use rustix::fs::{CWD, Mode, OFlags};
use rustix::mount::MountFlags;
use serde_json::json;
use std::collections::BTreeMap;
use std::ffi::CString;
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

const STACK_BYTES: usize = 64 << 10;

/// A namespace, and the shared memory that goes with it.
#[derive(Debug)]
pub(super) struct Ipc {
    namespace: OwnedFd,
    memory: PathBuf,
}

/// Those of tasks whose containers have not all ended.
#[derive(Debug, Default)]
pub(crate) struct Ipcs(Mutex<BTreeMap<AttemptId, Arc<Ipc>>>);

impl Ipcs {
    /// What the containers of an attempt share. `directory` is the attempt's; `kib` is the size of the memory, if it is not
    /// there yet. The calling thread has to be one that mounts for containers.
    pub(super) fn of(&self, attempt: AttemptId, directory: &Path, kib: u64) -> Result<Arc<Ipc>, Failure> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ipc) = all.get(&attempt) {
            return Ok(Arc::clone(ipc));
        }
        let ipc = Arc::new(Ipc::make(directory, kib).map_err(Failure::create("make what its task shares"))?);
        all.insert(attempt, Arc::clone(&ipc));
        Ok(ipc)
    }

    /// The containers of an attempt have all ended. The memory's place is removed with the attempt's directory, and the
    /// kernel takes what is mounted on a directory that is removed.
    pub(super) fn release(&self, attempt: AttemptId) {
        let released = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&attempt);
        drop(released);
    }
}

impl Ipc {
    fn make(directory: &Path, kib: u64) -> io::Result<Self> {
        let memory = directory.join("shm");
        fs::create_dir_all(&memory)?;
        let options = CString::new(format!("mode=1777,size={kib}k"))?;
        let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
        rustix::mount::mount("shm", &memory, "tmpfs", flags, options.as_c_str())?;
        Ok(Self { namespace: namespace()?, memory })
    }

    /// Puts a container into it.
    pub(super) fn put(&self, extras: &mut Extras) {
        extras.ipc = Some(format!("/proc/{}/fd/{}", std::process::id(), self.namespace.as_raw_fd()).into());
        let memory = json!({
            "destination": "/dev/shm", "type": "bind", "source": self.memory,
            "options": ["bind", "rw", "nosuid", "nodev", "noexec"],
        });
        extras.mounts.insert(0, memory);
    }
}

/// A thread goes into a new one, and is gone.
fn namespace() -> io::Result<OwnedFd> {
    thread::scope(|scope| {
        let inside = thread::Builder::new().name("ipc".into()).stack_size(STACK_BYTES);
        let inside = inside.spawn_scoped(scope, leave_for_a_new_one)?;
        inside.join().unwrap_or_else(|_panicked| Err(io::Error::other("it panicked")))
    })
}

#[expect(unsafe_code, reason = "leaving a namespace has no safe interface, because it may part threads' descriptors")]
fn leave_for_a_new_one() -> io::Result<OwnedFd> {
    // SAFETY: only this thread's queues and semaphores change, not its descriptors.
    unsafe { rustix::thread::unshare_unsafe(rustix::thread::UnshareFlags::NEWIPC)? };
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(CWD, "/proc/thread-self/ns/ipc", flags, Mode::empty())?)
}
