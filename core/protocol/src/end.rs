//! How attempts and their containers end (spec table 4.1).

use longshore_types::{AttemptId, Timestamp};
use serde::{Deserialize, Serialize};

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptEnd {
    /// Why it ended.
    pub cause: EndCause,
    /// The exit code, 128 + n for signal n; absent when no process ever ran. Of several containers, that of the one
    /// that decided.
    pub exit_code: Option<i32>,
    /// The deciding container's reason, e.g. `OutOfMemoryError: …` or `CannotStartContainerError: …`.
    pub reason: Option<String>,
    /// How each container of a task ended, in the order of the Start; empty for a container that is the attempt itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<ContainerEnd>,
}

/// How one container of a task ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerEnd {
    /// The container, by what names its output.
    pub output: AttemptId,
    /// When its process started and ended; absent when none ever ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ran: Option<(Timestamp, Timestamp)>,
    /// The exit code, 128 + n for signal n; absent when no process ever ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// The container's reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Why an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndCause {
    /// A process ended by itself, or was killed by something other than us.
    Exited,
    /// No process could be started.
    StartFailed,
    /// It ran longer than its timeout (`TMO-2`).
    TimedOut,
    /// The control plane asked for it to stop.
    Stopped,
    /// It never started, because its seat did not become free: it is given back. Since version 2.
    Returned,
}
