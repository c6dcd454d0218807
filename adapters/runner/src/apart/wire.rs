//! What a runner and the one that runs its containers apart say to each other, a line of JSON each. Both are of one program.

use longshore_agent::{ExitStatus, Launch, RunnerEvent, Signal};
use longshore_gpus::Given;
use longshore_protocol::StartContainer;
use longshore_types::{AttemptId, JobRef, Timestamp};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// From the runner.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Order {
    Launch { attempt: AttemptId, job: JobRef, address: Option<Ipv4Addr>, container: Box<StartContainer>, gpus: Given },
    Withdraw(AttemptId),
    Terminate(AttemptId),
    Kill(AttemptId),
    Release(AttemptId),
}

/// To the runner: first `Ready`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Said {
    Ready { enforcement: String, unenforced: Vec<String>, missing: Option<String> },
    Launched { output: AttemptId, at: Timestamp },
    LaunchFailed { output: AttemptId, reason: String },
    Exited { output: AttemptId, code: Option<i32>, signal: Option<i32>, oom_killed: bool, at: Timestamp },
}

impl Order {
    pub(super) fn launch(launch: Launch, gpus: Given) -> Self {
        let Launch { attempt, job, address, container } = launch;
        Self::Launch { attempt, job, address, container: Box::new(container), gpus }
    }

    pub(super) fn signal(output: AttemptId, signal: Signal) -> Self {
        match signal {
            Signal::Terminate => Self::Terminate(output),
            Signal::Kill => Self::Kill(output),
        }
    }
}

impl Said {
    /// None for what no container says.
    pub(super) fn of(event: RunnerEvent) -> Option<Self> {
        match event {
            RunnerEvent::Launched { output, at } => Some(Self::Launched { output, at }),
            RunnerEvent::LaunchFailed { output, reason } => Some(Self::LaunchFailed { output, reason }),
            RunnerEvent::Exited { output, status, oom_killed, at } => {
                let (code, signal) = match status {
                    ExitStatus::Code(code) => (Some(code), None),
                    ExitStatus::Signal(signal) => (None, Some(signal)),
                };
                Some(Self::Exited { output, code, signal, oom_killed, at })
            }
            RunnerEvent::Undelivered { .. } => None,
        }
    }

    pub(super) fn event(self) -> Option<RunnerEvent> {
        match self {
            Self::Ready { .. } => None,
            Self::Launched { output, at } => Some(RunnerEvent::Launched { output, at }),
            Self::LaunchFailed { output, reason } => Some(RunnerEvent::LaunchFailed { output, reason }),
            Self::Exited { output, code, signal, oom_killed, at } => {
                let status = signal.map_or(ExitStatus::Code(code.unwrap_or_default()), ExitStatus::Signal);
                Some(RunnerEvent::Exited { output, status, oom_killed, at })
            }
        }
    }
}
