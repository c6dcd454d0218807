//! Listeners in a network namespace, a new one or one that is there. A thread goes in, opens them, and is gone; nothing of this
//! process stays inside but the sockets.

use super::{Endpoint, Endpoints, Error, interface};
use rustix::fs::{CWD, Mode, OFlags};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd, OwnedFd};
use std::thread;

/// It opens a few sockets.
const STACK_BYTES: usize = 128 << 10;

/// A namespace that a thread has moved into with `go`, and for each endpoint what hears it there.
pub(super) fn listen_inside(
    go: impl FnOnce() -> Result<OwnedFd, Error> + Send,
    endpoints: &Endpoints,
) -> Result<(OwnedFd, Vec<(TcpListener, Endpoint)>), Error> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("network".into()).stack_size(STACK_BYTES);
        let inside = thread.spawn_scoped(scope, || go_and_listen(go, endpoints));
        let inside = inside.map_err(|source| Error::Namespace { source })?;
        inside.join().unwrap_or_else(|_panicked| Err(Error::Namespace { source: io::Error::other("it panicked") }))
    })
}

fn go_and_listen(
    go: impl FnOnce() -> Result<OwnedFd, Error>,
    endpoints: &Endpoints,
) -> Result<(OwnedFd, Vec<(TcpListener, Endpoint)>), Error> {
    let namespace = go()?;
    interface::bring_up().map_err(|source| Error::Namespace { source })?;
    let listen = |(number, endpoint): (usize, &Endpoint)| {
        let listener = interface::add(endpoint.listen.ip(), number).and_then(|()| TcpListener::bind(endpoint.listen));
        let listener = listener.map_err(|source| Error::Listen { url: endpoint.url.clone(), source })?;
        Ok((listener, endpoint.clone()))
    };
    let listeners = endpoints.all.iter().enumerate().map(listen).collect::<Result<_, _>>()?;
    Ok((namespace, listeners))
}

/// Moves the calling thread, which never comes back, into a new one.
#[expect(unsafe_code, reason = "leaving a namespace has no safe interface, because it may part threads' descriptors")]
pub(super) fn new() -> Result<OwnedFd, Error> {
    // SAFETY: only this thread's network namespace changes, not its descriptors.
    let left = unsafe { rustix::thread::unshare_unsafe(rustix::thread::UnshareFlags::NEWNET) };
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let opened = left.and_then(|()| rustix::fs::openat(CWD, "/proc/thread-self/ns/net", flags, Mode::empty()));
    opened.map_err(|errno| Error::Namespace { source: errno.into() })
}

/// Moves the calling thread, which never comes back, into one that is there.
pub(super) fn enter(namespace: OwnedFd) -> Result<OwnedFd, Error> {
    let entered = move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network));
    entered.map(|()| namespace).map_err(|errno| Error::Enter { source: errno.into() })
}
