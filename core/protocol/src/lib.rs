//! Messages between the control plane and the agents on hosts: plain data, versioned, append-only.
//! Nothing here decides, encodes or sends.
//!
//! ```text
//! agent                                   control
//!   │── Hello { held attempts } ────────────▶│  compares whole sets: starts what the agent lacks,
//!   │◀───────────────────────── Welcome ─────│  stops what it no longer wants, ends what is lost
//!   │── Report 7, 8, 9 (all unacknowledged) ▶│
//!   │◀──────────────── Start · Stop · Ack 9 ─│  steady state: deltas; a report repeats on every
//!   │── Report 10 ──────────────────────────▶│  reconnection until an Ack covers its number
//! ```
//!
//! Compatibility: a field may be added with `#[serde(default)]` and a variant appended; nothing is renamed, reordered or
//! given a new meaning. `Hello` and `Welcome` carry [`VERSION`], so either side can refuse a peer that is too old.
#![forbid(unsafe_code)]
#![deny(missing_docs, clippy::float_arithmetic)]

mod end;
mod start;

pub use end::{AttemptEnd, ContainerEnd, EndCause};
pub use start::{Condition, ContainerDependency, Runtime, Seat, Staging, StartAttempt, StartContainer, TaskEnd};

use longshore_types::{AttemptId, HostId, Resources, Timestamp};
use serde::{Deserialize, Serialize};

/// The version of these messages.
pub const VERSION: u32 = 2;

/// The first version whose agents know [`Seat`].
pub const VERSION_OF_SEATS: u32 = 2;

/// From an agent to the control plane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AgentMessage {
    /// The first message of every connection, and again when what the host says of itself has changed.
    Hello(Hello),
    /// Something happened to an attempt; repeated until acknowledged.
    Report(Report),
}

/// Who an agent is and what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`VERSION`] of the agent.
    pub version: u32,
    /// The host, the same for every agent that ever ran on it.
    pub host: HostId,
    /// Distinguishes this agent process from its predecessors on the host. Attempts die with their agent.
    pub incarnation: u64,
    /// What the host offers.
    pub description: HostDescription,
    /// Attempts that the agent is starting, running or stopping now, in ascending order.
    pub held: Vec<AttemptId>,
    /// It was asked to end: it takes nothing more, ends what it holds, and goes.
    #[serde(default)]
    pub leaving: bool,
}

/// What a host is and offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostDescription {
    /// The machine's host name.
    pub name: String,
    /// What attempts may use in all.
    pub capacity: Resources,
    /// Runtimes the host can run attempts with.
    pub runtimes: Vec<Runtime>,
    /// How limits are enforced: `cgroup2`, `cgroup1` or `none`, with what is missing said in words.
    pub enforcement: String,
}

/// A numbered report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Numbered from 1 within one incarnation, without gaps.
    pub number: u64,
    /// What happened.
    pub event: AttemptEvent,
}

/// What happened to an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttemptEvent {
    /// Every essential container was started (STARTING → RUNNING, `ST-1`, `ST-3`).
    Started {
        /// The attempt.
        attempt: AttemptId,
        /// When the last of them started.
        at: Timestamp,
    },
    /// The attempt is over; nothing of it is left on the host.
    Ended {
        /// The attempt.
        attempt: AttemptId,
        /// When it ended.
        at: Timestamp,
        /// How.
        end: AttemptEnd,
    },
    /// One of the containers of a task was started: one whose output is not named by the attempt.
    ContainerStarted {
        /// The attempt.
        attempt: AttemptId,
        /// The container, by what names its output.
        output: AttemptId,
        /// When its process started.
        at: Timestamp,
    },
}

/// From the control plane to an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ControlMessage {
    /// The answer to `Hello`; the agent may now repeat its reports.
    Welcome {
        /// [`VERSION`] of the control plane.
        version: u32,
    },
    /// Run an attempt. Repeating it for an attempt that the agent holds, or that has ended, runs nothing; what the agent had
    /// reported of it, if all of that was acknowledged, it reports again, because the control plane was set back.
    Start(Box<StartAttempt>),
    /// End an attempt: SIGTERM, `grace_ms` later SIGKILL (`STOP-1`). For an unknown attempt: nothing.
    Stop {
        /// The attempt.
        attempt: AttemptId,
        /// Milliseconds between SIGTERM and SIGKILL.
        grace_ms: u64,
    },
    /// Every report up to this number is durable; the agent forgets them.
    Ack {
        /// The last number covered.
        through: u64,
    },
    /// End every attempt as `Stop` does, report, and exit once all reports are acknowledged or the link is gone.
    Shutdown {
        /// Milliseconds between SIGTERM and SIGKILL.
        grace_ms: u64,
    },
}

impl AttemptEvent {
    /// The attempt that this is about.
    pub const fn attempt(&self) -> AttemptId {
        match self {
            Self::Started { attempt, .. } | Self::Ended { attempt, .. } | Self::ContainerStarted { attempt, .. } => {
                *attempt
            }
        }
    }
}

#[cfg(test)]
mod tests;
