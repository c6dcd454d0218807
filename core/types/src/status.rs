//! Job statuses, in the order of the lifecycle (`ST-1`).

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Where a job, child or node is in its lifecycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[repr(u8)]
pub enum JobStatus {
    /// Accepted; dependencies not yet evaluated.
    Submitted,
    /// Waiting for dependencies; array parents stay here while their children run (`ARR-2`).
    Pending,
    /// Ready, waiting for capacity.
    Runnable,
    /// Placed on a host; the image is being pulled, the process is about to start.
    Starting,
    /// The process runs.
    Running,
    /// Ended with exit code 0.
    Succeeded,
    /// Ended otherwise, cancelled or terminated.
    Failed,
}

/// Text that is not a job status.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a job status: {0:?}")]
pub struct ParseStatusError(Box<str>);

impl JobStatus {
    /// Every status, in the order of the lifecycle; `ALL[status as usize] == status`.
    pub const ALL: [Self; 7] =
        [Self::Submitted, Self::Pending, Self::Runnable, Self::Starting, Self::Running, Self::Succeeded, Self::Failed];

    /// Whether the job has ended for good.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }

    /// The status as the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "SUBMITTED",
            Self::Pending => "PENDING",
            Self::Runnable => "RUNNABLE",
            Self::Starting => "STARTING",
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
        }
    }
}

impl fmt::Display for JobStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for JobStatus {
    type Err = ParseStatusError;

    fn from_str(text: &str) -> Result<Self, ParseStatusError> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or_else(|| ParseStatusError(text.into()))
    }
}
