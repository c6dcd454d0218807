//! The processes that the containers of a task see when they ask for each other's (`pidMode` `task`, `MC-6`): a namespace
//! whose first process does nothing, so that it lasts as long as the task, whichever of its containers ends first. The end of
//! the attempt ends it, and the kernel with it whatever is left in there.

use super::failure::Failure;
use crate::children;
use crate::command;
use crate::launcher::Shared;
use crate::process::wait;
use crate::sys::Stack;
use crate::sys::contained::{Birth, Miscarriage, bear};
use crate::sys::step::Step;
use longshore_types::AttemptId;
use rustix::fs::{CWD, Mode, OFlags};
use rustix::process::{Signal, pidfd_send_signal};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// A program of every host that does nothing for long.
const NOTHING: [&str; 2] = ["sleep", "2147483647"];
const PATH: &str = "PATH=/usr/bin:/bin:/usr/sbin:/sbin";
const STACK_BYTES: usize = 128 << 10;

/// A namespace, and the thread that keeps its first process: that dies with the thread.
#[derive(Debug)]
struct Pids {
    namespace: OwnedFd,
    /// Dropped first.
    lasts: Option<Sender<()>>,
    keeper: Option<JoinHandle<()>>,
}

/// Those of tasks whose containers have not all ended.
#[derive(Debug, Default)]
pub(crate) struct Tasks(Mutex<BTreeMap<AttemptId, Pids>>);

impl Tasks {
    /// The namespace of an attempt's containers, as another process of this user can open it until it is released.
    pub(super) fn of(&self, attempt: AttemptId, shared: &Arc<Shared>) -> Result<PathBuf, Failure> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pids = match all.entry(attempt) {
            Entry::Occupied(made) => made.into_mut(),
            Entry::Vacant(place) => {
                place.insert(Pids::make(shared).map_err(Failure::create("make what its task shares"))?)
            }
        };
        Ok(format!("/proc/{}/fd/{}", std::process::id(), pids.namespace.as_raw_fd()).into())
    }

    /// The containers of an attempt have all ended.
    pub(super) fn release(&self, attempt: AttemptId) {
        let released = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&attempt);
        drop(released);
    }
}

impl Pids {
    fn make(shared: &Arc<Shared>) -> io::Result<Self> {
        let ((lasts, end), (made, namespace)) = (channel(), channel());
        let shared = Arc::clone(shared);
        let keeper = thread::Builder::new().name("task".into()).stack_size(STACK_BYTES);
        let keeper = keeper.spawn(move || keep(&shared, &made, &end))?;
        let namespace = namespace.recv().unwrap_or_else(|_panicked| Err(io::Error::other("it panicked")))?;
        Ok(Self { namespace, lasts: Some(lasts), keeper: Some(keeper) })
    }
}

impl Drop for Pids {
    fn drop(&mut self) {
        self.lasts = None;
        if let Some(keeper) = self.keeper.take() {
            let _panicked_and_said_so = keeper.join();
        }
    }
}

/// Starts the first process, says where its namespace is, and ends it when nobody wants it any more.
fn keep(shared: &Shared, made: &Sender<io::Result<OwnedFd>>, end: &Receiver<()>) {
    crate::sys::block_signals();
    let first = match first_process(shared) {
        Ok(first) => first,
        Err(error) => return drop(made.send(Err(error))),
    };
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let path = format!("/proc/{}/ns/pid", first.pid.as_raw_nonzero());
    if made.send(rustix::fs::openat(CWD, path, flags, Mode::empty()).map_err(io::Error::from)).is_ok() {
        let _disconnected = end.recv();
    }
    let _already_dead = pidfd_send_signal(&first.pidfd, Signal::KILL);
    // The kernel lets it be buried when all others of its namespace are dead.
    let _killed = wait(&first.pidfd);
    children::forget(first.pid);
}

/// It keeps what this process may do: so containers, which may less, cannot look into it.
fn first_process(shared: &Shared) -> io::Result<crate::sys::Spawned> {
    let command = command::contained(&NOTHING.map(str::to_owned), &[PATH.to_owned()]);
    let command = command.map_err(|failure| io::Error::other(failure.to_string()))?;
    let birth = Birth {
        namespaces: libc::CLONE_NEWPID,
        steps: &[Step::Session, Step::BuryUnseen, Step::DieWithParent],
        command: &command,
        input: shared.dev_null.as_fd(),
        output: shared.dev_null.as_fd(),
        open_files: shared.open_files,
    };
    children::spawn(|| bear(&mut Stack::new(), &birth)).map_err(|error| match error {
        Miscarriage::Clone(errno) | Miscarriage::Step(_, errno) | Miscarriage::Execute(_, errno) => errno.into(),
    })
}
