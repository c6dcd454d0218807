//! The control plane's end: accepts agents and hands what they say to a callback.

use crate::connection::read_all;
use crate::{Error, Outgoing, address};
use longshore_protocol::{AgentMessage, ControlMessage};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// One connection of one agent; never used twice by a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u64);

/// What happens on links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkEvent {
    /// An agent says something.
    FromAgent(LinkId, AgentMessage),
    /// The link is gone. Comes once for each link that was accepted, after all that it said.
    Closed(LinkId),
}

/// Before accepting again after a failure.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

type Links = Mutex<BTreeMap<LinkId, Outgoing<ControlMessage>>>;

/// Accepts agents until it is dropped, which closes their links.
#[derive(Debug)]
pub struct Listener {
    path: PathBuf,
    socket: Arc<UnixListener>,
    links: Arc<Links>,
}

impl Listener {
    /// Listens on a socket that only this user can open. A socket left there by a server that died is replaced; that no
    /// other server is alive is the caller's to know (it holds the lock of the data directory).
    pub fn bind(path: &Path, on_event: impl Fn(LinkEvent) + Send + Sync + 'static) -> Result<Self, Error> {
        let socket = private_socket(path).map_err(|source| Error::Listen { path: path.to_owned(), source })?;
        let listener = Self { path: path.to_owned(), socket: Arc::new(socket), links: Arc::default() };
        let (socket, links) = (Arc::clone(&listener.socket), Arc::clone(&listener.links));
        let accept = move || accept_all(&socket, &links, &Arc::new(on_event));
        thread::Builder::new().name("link-accept".into()).spawn(accept).map_err(Error::Thread)?;
        Ok(listener)
    }

    /// Queues a message for an agent; never waits. To a link that is gone: nothing.
    pub fn send(&self, link: LinkId, message: ControlMessage) {
        if let Some(outgoing) = lock(&self.links).get(&link) {
            outgoing.send(message);
        }
    }

    /// Closes a link; its `Closed` follows. A link that is gone: nothing.
    pub fn close(&self, link: LinkId) {
        if let Some(outgoing) = lock(&self.links).get(&link) {
            outgoing.close();
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ends_accept = rustix::net::shutdown(&*self.socket, rustix::net::Shutdown::Both);
        let _may_be_gone = fs::remove_file(&self.path);
        for outgoing in lock(&self.links).values() {
            outgoing.close();
        }
    }
}

/// No holder of this lock panics between changes that belong together, so a poisoned map is still whole.
fn lock(links: &Links) -> MutexGuard<'_, BTreeMap<LinkId, Outgoing<ControlMessage>>> {
    links.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Binds under another name, closes it to others and moves it into place, so that nobody finds a half-made socket.
fn private_socket(path: &Path) -> io::Result<UnixListener> {
    let mut unfinished = OsString::from(path);
    unfinished.push(".new");
    let unfinished = PathBuf::from(unfinished);
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let socket = address::bind(&unfinished)?;
    fs::set_permissions(&unfinished, Permissions::from_mode(0o600))?;
    fs::rename(&unfinished, path)?;
    Ok(socket)
}

fn accept_all<F>(socket: &UnixListener, links: &Arc<Links>, on_event: &Arc<F>)
where
    F: Fn(LinkEvent) + Send + Sync + 'static,
{
    for (number, accepted) in (1..).zip(socket.incoming()) {
        let opened = accepted.map_err(Error::Read).and_then(|stream| open(LinkId(number), stream, links, on_event));
        match opened {
            Ok(()) => {}
            // The listener was dropped: accept fails from now on.
            Err(Error::Read(error)) if error.raw_os_error() == Some(rustix::io::Errno::INVAL.raw_os_error()) => return,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "an agent could not be accepted");
                // Out of descriptors or threads: let others give some back before the next try.
                thread::park_timeout(ACCEPT_PAUSE);
            }
        }
    }
}

fn open<F>(link: LinkId, stream: UnixStream, links: &Arc<Links>, on_event: &Arc<F>) -> Result<(), Error>
where
    F: Fn(LinkEvent) + Send + Sync + 'static,
{
    let stream = Arc::new(stream);
    let outgoing = Outgoing::open(&stream)?;
    lock(links).insert(link, outgoing);
    let (held, on_event) = (Arc::clone(links), Arc::clone(on_event));
    let read = move || {
        read_all(&stream, |message| on_event(LinkEvent::FromAgent(link, message)));
        lock(&held).remove(&link);
        on_event(LinkEvent::Closed(link));
    };
    let spawned = thread::Builder::new().name("link-read".into()).spawn(read);
    if let Err(error) = spawned {
        lock(links).remove(&link);
        return Err(Error::Thread(error));
    }
    Ok(())
}
