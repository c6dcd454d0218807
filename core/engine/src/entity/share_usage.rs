//! What the shares of a queue have used lately (spec section 20.2).

use longshore_types::{Name, Timestamp};
use serde::{Deserialize, Serialize};

/// What one share of a queue has used, as long as it counts (`FSS-2`, `FSS-3`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareUsage {
    /// The queue.
    pub queue: Name,
    /// The share identifier.
    pub share: String,
    /// What it has used.
    pub usage: Usage,
    /// When its last job ended; absent while it has jobs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<Timestamp>,
}

/// Processor time used, by periods on a fixed grid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Milliseconds of one period.
    pub period_ms: u64,
    /// Up to when it is counted.
    pub until: Timestamp,
    /// Milli-vCPU times milliseconds by period, numbered from the Unix epoch; those with nothing are left out. In order.
    pub periods: Vec<(u64, u64)>,
}
