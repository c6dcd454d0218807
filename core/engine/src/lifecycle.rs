//! The life of jobs: being written.

use crate::engine::Engine;
use longshore_types::Timestamp;

/// Draws the consequences of everything that has just ended.
pub(crate) fn settle(_engine: &mut Engine, _now: Timestamp) {}

/// Ends every job of a queue that is being deleted (`JQ-10`).
pub(crate) fn end_jobs_of_queue(_engine: &mut Engine, _now: Timestamp, _queue: &longshore_types::Name) {}
