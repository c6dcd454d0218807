//! What the engine wants done outside. Nothing of it may happen before the commit that carries its cause is durable.

use longshore_protocol::StartAttempt;
use longshore_types::{AttemptId, HostId};

/// Something to be told to a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Run an attempt.
    Start {
        /// Where.
        host: HostId,
        /// What.
        start: Box<StartAttempt>,
    },
    /// Stop an attempt.
    Stop {
        /// Where it runs.
        host: HostId,
        /// The attempt.
        attempt: AttemptId,
        /// Milliseconds between SIGTERM and SIGKILL.
        grace_ms: u64,
    },
}
