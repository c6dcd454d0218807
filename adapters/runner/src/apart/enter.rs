//! Going into a user namespace. A process that has threads cannot; so a fresh one goes, tells us, is given its ids, and
//! starts there what is wanted.
//!
//! ```text
//! this process                        PROGRAM contain SOCKET WORDS…
//!    │ starts ─────────────────────────────▶ │ leaves its namespaces
//!    │ ◀──────────────────────────── "parted" │ or why it cannot
//!    │ gives it ids                           │
//!    │ "mapped" ────────────────────────────▶ │ starts PROGRAM WORDS…, which ends with it
//! ```

use super::ids::{self, Ids};
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::process::{Pid, Signal, set_parent_process_death_signal};
use rustix::thread::UnshareFlags;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};

/// The verb of the program that does this.
pub(super) const VERB: &str = "contain";

const PARTED: &str = "parted";
const MAPPED: &str = "mapped";

/// Why a user namespace cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The process that was to go into it could not be started.
    #[error("failed to start a process for a user namespace: {source}")]
    Start {
        /// The cause.
        source: io::Error,
    },
    /// The kernel does not let this user have one.
    #[error(
        "this kernel gives ordinary users no user namespaces ({reason}): start the server as root, or allow them \
         (user.max_user_namespaces, kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)"
    )]
    Forbidden {
        /// The kernel's word.
        reason: String,
    },
    /// It has no ids.
    #[error("the user namespace was given no ids; check /etc/subuid and /etc/subgid: {source}")]
    Ids {
        /// The cause.
        source: io::Error,
    },
    /// What was to be done in it did not begin.
    #[error("nothing began in the user namespace: {source}")]
    Begin {
        /// The cause.
        source: io::Error,
    },
}

/// A process in a user namespace of its own.
#[derive(Debug)]
pub(crate) struct Inside {
    pub(crate) child: Child,
    pub(crate) ids: Ids,
    /// What is said after that is up to both ends.
    pub(crate) reader: BufReader<UnixStream>,
    pub(crate) writer: UnixStream,
}

/// Has a program do its verb `contain` with these words, in a user namespace of its own.
pub(crate) fn start(program: &Path, words: &[OsString]) -> Result<Inside, Error> {
    let started = |source| Error::Start { source };
    let (ours, theirs) = UnixStream::pair().map_err(started)?;
    // Only for the moment of the start; nothing else is started before an agent is ready.
    fcntl_setfd(&theirs, FdFlags::empty()).map_err(|errno| started(errno.into()))?;
    let child = Command::new(program).arg(VERB).arg(theirs.as_raw_fd().to_string()).args(words).spawn();
    drop(theirs);
    let mut child = child.map_err(started)?;
    match meet(&child, &ours) {
        Ok((ids, reader)) => Ok(Inside { child, ids, reader, writer: ours }),
        Err(error) => {
            let _already_gone = child.kill();
            let _buried = child.wait();
            Err(error)
        }
    }
}

fn meet(child: &Child, socket: &UnixStream) -> Result<(Ids, BufReader<UnixStream>), Error> {
    let started = |source| Error::Start { source };
    let mut reader = BufReader::new(socket.try_clone().map_err(started)?);
    let mut line = String::new();
    reader.read_line(&mut line).map_err(started)?;
    if line.trim() != PARTED {
        return Err(Error::Forbidden { reason: line.trim().to_owned() });
    }
    let process = Pid::from_child(child);
    let ids = ids::give(process).map_err(|source| Error::Ids { source })?;
    let mut writer = socket;
    writeln!(writer, "{MAPPED}").map_err(started)?;
    Ok((ids, reader))
}

/// The other side of [`start`]: leaves this process's namespaces, which has to be of one thread, and runs the program with
/// the words in the new ones. With `processes` that is the first process of a namespace of its own: all ends with it.
pub(super) fn go(socket: RawFd, words: &[OsString], processes: bool) -> io::Result<ExitStatus> {
    let socket = adopt(socket);
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let mut namespaces = UnshareFlags::NEWUSER | UnshareFlags::NEWNS;
    namespaces.set(UnshareFlags::NEWPID, processes);
    let mut stream = UnixStream::from(socket.try_clone()?);
    if let Err(errno) = part(namespaces) {
        writeln!(stream, "{errno}")?;
        return Err(errno.into());
    }
    writeln!(stream, "{PARTED}")?;
    // Byte by byte: what comes after the line is for the program.
    let mut line = [0; MAPPED.len() + 1];
    io::Read::read_exact(&mut stream, &mut line)?;
    Command::new(std::env::current_exe()?).args(words).status()
}

/// A descriptor that was given by its number, for this process and those that it starts.
#[expect(unsafe_code, reason = "descriptors that are inherited come as numbers")]
pub(super) fn adopt(socket: RawFd) -> OwnedFd {
    // SAFETY: whoever started this process left the descriptor open for it, and nobody else here knows of it.
    unsafe { OwnedFd::from_raw_fd(socket) }
}

#[expect(unsafe_code, reason = "leaving a namespace has no safe interface, because it may part threads' descriptors")]
fn part(namespaces: UnshareFlags) -> Result<(), rustix::io::Errno> {
    // SAFETY: no flag parts descriptors.
    unsafe { rustix::thread::unshare_unsafe(namespaces) }
}
