//! Starting a process among those of another namespace: it is whoever starts it that has to be told, and it must be the thread
//! that waits for the container, because the container dies with that thread.

use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::Errno;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::os::fd::{AsFd, OwnedFd};

/// Until it is dropped, what this thread starts is in that namespace.
#[derive(Debug)]
pub(super) struct Among {
    /// The thread's own.
    own: OwnedFd,
}

impl Among {
    /// None if there is no such namespace.
    pub(super) fn enter(namespace: Option<&OwnedFd>) -> Result<Option<Self>, Errno> {
        let Some(namespace) = namespace else { return Ok(None) };
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let own = rustix::fs::openat(CWD, c"/proc/thread-self/ns/pid", flags, Mode::empty())?;
        let among = Self { own };
        move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::ProcessID))?;
        Ok(Some(among))
    }
}

impl Drop for Among {
    fn drop(&mut self) {
        // The way back is always open; a thread that stayed could start no further ones.
        let _back = move_into_link_name_space(self.own.as_fd(), Some(LinkNameSpaceType::ProcessID));
    }
}
