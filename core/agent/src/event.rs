//! What goes into an agent and what comes out of it. Plain values: nothing here decides.

use longshore_protocol::{AgentMessage, ControlMessage, HostDescription, StartContainer};
use longshore_types::{AttemptId, JobRef, Timestamp};
use std::net::Ipv4Addr;

/// Something that the agent has to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A link to the control plane is up.
    Connected,
    /// The link is down.
    Disconnected,
    /// The control plane says something.
    FromControl(ControlMessage),
    /// What the host says of itself has changed, and why it runs no OCI containers, if it runs none.
    Described {
        /// What it offers.
        description: Box<HostDescription>,
        /// As for `Agent::without_containers`.
        missing: Option<String>,
    },
    /// A process has started or ended.
    FromRunner(RunnerEvent),
    /// The host's operator wants the agent to end; as `ControlMessage::Shutdown`.
    Shutdown {
        /// Milliseconds between SIGTERM and SIGKILL.
        grace_ms: u64,
    },
    /// Time has passed; see `Agent::next_deadline`.
    Wake,
}

/// What became of a container that was to be started. Containers are told apart by what names their output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunnerEvent {
    /// It runs.
    Launched {
        /// The container.
        output: AttemptId,
        /// When its process started.
        at: Timestamp,
    },
    /// It never ran: the start failed, or it was withdrawn before.
    LaunchFailed {
        /// The container.
        output: AttemptId,
        /// Why, e.g. `CannotStartContainerError: …`.
        reason: String,
    },
    /// It ran and is over; nothing of it is left on the host.
    Exited {
        /// The container.
        output: AttemptId,
        /// How its first process ended.
        status: ExitStatus,
        /// Whether its memory limit ended it.
        oom_killed: bool,
        /// When it ended.
        at: Timestamp,
    },
    /// It ran to success, but its outputs could not be stored.
    Undelivered {
        /// The container.
        output: AttemptId,
        /// Which of them, and why.
        reason: String,
        /// When it ended.
        at: Timestamp,
    },
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// It exited with a code.
    Code(i32),
    /// A signal killed it.
    Signal(i32),
}

/// A signal to all processes of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM: end yourself.
    Terminate,
    /// SIGKILL: be ended.
    Kill,
}

/// Something that whoever drives the agent has to do, in the order in which it comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send a message over the link that is up.
    ToControl(AgentMessage),
    /// Start a container.
    Launch(Box<Launch>),
    /// Do not start a container that has not been started yet, and answer `LaunchFailed`; if it has been, do nothing.
    Withdraw {
        /// The container.
        output: AttemptId,
    },
    /// Signal every process of a container.
    Signal {
        /// The container.
        output: AttemptId,
        /// Which signal.
        signal: Signal,
    },
    /// Remove what the several containers of an attempt have shared: all of them have ended.
    Release {
        /// The attempt.
        attempt: AttemptId,
    },
    /// End the agent's own process; nothing comes after this.
    Exit,
}

/// A container to start, and what it is a part of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// The attempt.
    pub attempt: AttemptId,
    /// The job, child or node that it is an attempt of.
    pub job: JobRef,
    /// The address that is the attempt's own, where attempts have one.
    pub address: Option<Ipv4Addr>,
    /// The container.
    pub container: StartContainer,
}

/// The exit code after SIGKILL, and so of an attempt that its memory limit ended (spec table 4.1).
const KILLED_EXIT_CODE: i32 = 137;
/// The container reason of an attempt that its memory limit ended (spec table 4.1).
const OUT_OF_MEMORY: &str = "OutOfMemoryError: Container killed due to memory usage";

impl ExitStatus {
    /// The code that a container would show: 128 + n after signal n (spec table 4.1, `STOP-1`).
    pub const fn exit_code(self) -> i32 {
        match self {
            Self::Code(code) => code,
            Self::Signal(number) => 128 + number,
        }
    }

    /// The exit code and the reason that a container shows whose process ended so (spec table 4.1).
    pub(crate) fn shown(self, oom_killed: bool) -> (i32, Option<String>) {
        let exit_code = if oom_killed { KILLED_EXIT_CODE } else { self.exit_code() };
        (exit_code, oom_killed.then(|| OUT_OF_MEMORY.to_owned()))
    }
}

impl RunnerEvent {
    /// The container that this is about, by what names its output.
    pub const fn output(&self) -> AttemptId {
        match self {
            Self::Launched { output, .. }
            | Self::LaunchFailed { output, .. }
            | Self::Exited { output, .. }
            | Self::Undelivered { output, .. } => *output,
        }
    }
}
