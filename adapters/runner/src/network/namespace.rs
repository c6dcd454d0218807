//! Making a network namespace with listeners in it. A thread goes in, opens them, and is gone; nothing of this process stays
//! inside but the sockets.

use super::{Endpoint, Endpoints, Error, interface};
use rustix::fs::{CWD, Mode, OFlags};
use std::io;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::thread;

/// It opens a few sockets.
const STACK_BYTES: usize = 128 << 10;

/// The namespace, and for each endpoint what hears it there.
pub(super) fn make(endpoints: &Endpoints) -> Result<(OwnedFd, Vec<(TcpListener, Endpoint)>), Error> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("network".into()).stack_size(STACK_BYTES);
        let inside = thread.spawn_scoped(scope, || enter_and_listen(endpoints));
        let inside = inside.map_err(|source| Error::Namespace { source })?;
        inside.join().unwrap_or_else(|_panicked| Err(Error::Namespace { source: io::Error::other("it panicked") }))
    })
}

fn enter_and_listen(endpoints: &Endpoints) -> Result<(OwnedFd, Vec<(TcpListener, Endpoint)>), Error> {
    let namespace = leave_for_a_new_one().and_then(|namespace| {
        interface::bring_up()?;
        Ok(namespace)
    });
    let namespace = namespace.map_err(|source| Error::Namespace { source })?;
    let listen = |(number, endpoint): (usize, &Endpoint)| {
        let listener = interface::add(endpoint.listen.ip(), number).and_then(|()| TcpListener::bind(endpoint.listen));
        let listener = listener.map_err(|source| Error::Listen { url: endpoint.url.clone(), source })?;
        Ok((listener, endpoint.clone()))
    };
    let listeners = endpoints.all.iter().enumerate().map(listen).collect::<Result<_, _>>()?;
    Ok((namespace, listeners))
}

/// Moves the calling thread, which never comes back.
#[expect(unsafe_code, reason = "leaving a namespace has no safe interface, because it may part threads' descriptors")]
fn leave_for_a_new_one() -> io::Result<OwnedFd> {
    // SAFETY: only this thread's network namespace changes, not its descriptors.
    unsafe { rustix::thread::unshare_unsafe(rustix::thread::UnshareFlags::NEWNET)? };
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(CWD, "/proc/thread-self/ns/net", flags, Mode::empty())?)
}
