//! What goes into an agent and what comes out of it. Plain values: nothing here decides.

use longshore_protocol::{AgentMessage, AttemptEnd, ControlMessage, EndCause, StartAttempt};
use longshore_types::{AttemptId, Timestamp};

/// Something that the agent has to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A link to the control plane is up.
    Connected,
    /// The link is down.
    Disconnected,
    /// The control plane says something.
    FromControl(ControlMessage),
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

/// What became of an attempt's process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunnerEvent {
    /// It runs.
    Launched {
        /// The attempt.
        attempt: AttemptId,
        /// When its process started.
        at: Timestamp,
    },
    /// It never ran: the start failed, or it was withdrawn before.
    LaunchFailed {
        /// The attempt.
        attempt: AttemptId,
        /// Why, e.g. `CannotStartContainerError: …`.
        reason: String,
    },
    /// It ran and is over; nothing of it is left on the host.
    Exited {
        /// The attempt.
        attempt: AttemptId,
        /// How its first process ended.
        status: ExitStatus,
        /// Whether its memory limit ended it.
        oom_killed: bool,
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

/// A signal to all processes of an attempt.
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
    /// Start a process.
    Launch(Box<StartAttempt>),
    /// Do not start a process that has not been started yet, and answer `LaunchFailed`; if it has been, do nothing.
    Withdraw {
        /// The attempt.
        attempt: AttemptId,
    },
    /// Signal every process of an attempt.
    Signal {
        /// The attempt.
        attempt: AttemptId,
        /// Which signal.
        signal: Signal,
    },
    /// End the agent's own process; nothing comes after this.
    Exit,
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

    /// The end of an attempt whose process ended so, for a given cause (spec table 4.1).
    pub(crate) fn attempt_end(self, cause: EndCause, oom_killed: bool) -> AttemptEnd {
        let exit_code = if oom_killed { KILLED_EXIT_CODE } else { self.exit_code() };
        let reason = oom_killed.then(|| OUT_OF_MEMORY.to_owned());
        AttemptEnd { cause, exit_code: Some(exit_code), reason }
    }
}

impl RunnerEvent {
    /// The attempt that this is about.
    pub const fn attempt(&self) -> AttemptId {
        match self {
            Self::Launched { attempt, .. } | Self::LaunchFailed { attempt, .. } | Self::Exited { attempt, .. } => {
                *attempt
            }
        }
    }
}
