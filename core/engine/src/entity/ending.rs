//! How an attempt ended, in one word, and the sentences of AWS that say so (spec table 4.1).

use super::FinishedAttempt;

/// Status reason of an attempt whose process ended, however.
pub(crate) const EXITED: &str = "Essential container in task exited";
/// Status reason of an attempt that no process came of.
pub(crate) const START_FAILED: &str = "Task failed to start";
/// Status reason of an attempt that ran too long (`TMO-2`).
pub(crate) const TIMED_OUT: &str = "Job attempt duration exceeded timeout";
/// What the status reason of an attempt begins with whose host is gone.
pub(crate) const HOST_GONE: &str = "Host EC2 (instance ";

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// Its process ended with exit code 0.
    Succeeded,
    /// Its process ended otherwise.
    Exited,
    /// No process came of it.
    StartFailed,
    /// It ran too long (`TMO-2`).
    TimedOut,
    /// Its host or its agent is gone.
    HostLost,
    /// It was asked to stop.
    Stopped,
}

impl Ending {
    /// Every ending.
    pub const ALL: [Self; 6] =
        [Self::Succeeded, Self::Exited, Self::StartFailed, Self::TimedOut, Self::HostLost, Self::Stopped];

    /// Stable for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Exited => "exited",
            Self::StartFailed => "start_failed",
            Self::TimedOut => "timed_out",
            Self::HostLost => "host_lost",
            Self::Stopped => "stopped",
        }
    }
}

impl FinishedAttempt {
    /// How it ended, as far as its sentences tell.
    pub fn ending(&self) -> Ending {
        match self.status_reason.as_str() {
            EXITED if self.exit_code == Some(0) => Ending::Succeeded,
            EXITED => Ending::Exited,
            START_FAILED => Ending::StartFailed,
            TIMED_OUT => Ending::TimedOut,
            reason if reason.starts_with(HOST_GONE) => Ending::HostLost,
            _ => Ending::Stopped,
        }
    }
}
