//! One container's processes: signalling them all, and seeing the last of them gone.

use crate::children;
use crate::limit::Cell;
use crate::live::Line;
use longshore_agent::{ExitStatus, Signal};
use longshore_types::{AttemptId, Timestamp};
use rustix::io::Errno;
use rustix::process::{
    self, Pid, WaitId, WaitIdOptions, WaitIdStatus, kill_process_group, test_kill_process_group, waitid,
};
use std::os::fd::{AsFd, OwnedFd};
use std::time::{SystemTime, UNIX_EPOCH};

/// A container's processes.
#[derive(Debug)]
pub(crate) struct Group {
    /// The container, by what names its output.
    pub(crate) output: AttemptId,
    /// The first process, the process group and the session at once.
    pub(crate) pid: Pid,
    /// Where it is recorded as alive.
    pub(crate) line: Line,
    /// The control group that limits it, and finds what has left the process group.
    pub(crate) cell: Option<Cell>,
}

/// A container whose first process has not been waited for: its number cannot be taken by another.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) group: Group,
    pub(crate) pidfd: OwnedFd,
}

impl Process {
    /// Signals the whole group. It may be gone, all but the first process, which is dead then.
    pub(crate) fn signal(&self, signal: Signal) {
        let signal = match signal {
            Signal::Terminate => process::Signal::TERM,
            Signal::Kill => process::Signal::KILL,
        };
        if let Err(errno) = kill_process_group(self.group.pid, signal) {
            tracing::debug!(output = %self.group.output, %errno, "no process took the signal");
        }
    }

    /// Its first process is dead: kills the rest of the group, which cannot be mistaken while the dead one holds the
    /// number, and only then waits for it.
    pub(crate) fn bury(self) -> (Group, ExitStatus) {
        self.signal(Signal::Kill);
        let status = wait(&self.pidfd);
        children::forget(self.group.pid);
        (self.group, status)
    }
}

impl Group {
    /// Whether no process of it is left, once the first is buried; buries those that have died, and kills what has left
    /// the process group but not the control group.
    pub(crate) fn is_gone(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
        while let Ok(Some(_buried)) = waitid(WaitId::Pgid(Some(self.pid)), options) {}
        let empty = self.cell.as_ref().is_none_or(Cell::kill_rest);
        empty && test_kill_process_group(self.pid) == Err(Errno::SRCH)
    }

    /// Whether its memory limit is why it failed.
    pub(crate) fn ran_out_of_memory(&self, status: ExitStatus) -> bool {
        status != ExitStatus::Code(0) && self.cell.as_ref().is_some_and(Cell::has_killed)
    }
}

/// Waits for the end of a child.
pub(crate) fn wait(child: &OwnedFd) -> ExitStatus {
    loop {
        match waitid(WaitId::PidFd(child.as_fd()), WaitIdOptions::EXITED) {
            Err(Errno::INTR) => {}
            result => return exit_status(result.ok().flatten().as_ref()),
        }
    }
}

/// A status that somebody else has taken cannot be known; it is not success.
fn exit_status(status: Option<&WaitIdStatus>) -> ExitStatus {
    let code = status.and_then(WaitIdStatus::exit_status).map(ExitStatus::Code);
    let signal = status.and_then(WaitIdStatus::terminating_signal).map(ExitStatus::Signal);
    code.or(signal).unwrap_or(ExitStatus::Code(255))
}

/// The time, as reports and the index carry it.
pub(crate) fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
