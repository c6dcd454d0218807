//! The life of jobs. `transition` is the only code that changes a status; the others decide when.
//!
//! ```text
//! SUBMITTED ─▶ PENDING ─▶ RUNNABLE ─▶ STARTING ─▶ RUNNING ─▶ SUCCEEDED
//!     │           │        ▲  │          │           │
//!     └───────────┴────────┼──┴──────────┴───────────┴────▶ FAILED
//!                          └── a retry ──┴───────────┘
//! ```

mod attempts;
mod blocked;
mod dependencies;
mod ending;
mod hosts;
mod nodes;
mod retry;
mod settling;
mod spawn;
mod transition;

pub(crate) use attempts::{HOST_IMAGE, start_ahead, start_attempt};
pub(crate) use blocked::tell_blocked;
pub(crate) use dependencies::{register, status_of, waiting_for, whole_job_gate};
pub(crate) use ending::{end_jobs_of_queue, end_unstarted, note_request, stop_running};
pub(crate) use nodes::{is_decided, start_gang, stop_one};
pub(crate) use settling::{attempts_of, environment_enters, queue_enters};
pub(crate) use spawn::{DEPENDENCY_FAILED, release};
pub(crate) use transition::{Gate, enter_fresh, enter_queue, label, set_status, waits};

use crate::engine::Engine;
use longshore_types::{JobId, JobRef, Timestamp};

/// Something that has just ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// One job or child.
    One(JobRef),
    /// Every child of an array that was still in the default state.
    DefaultChildren(JobId),
}

/// Draws the consequences of everything that has just ended, and of what ends in consequence, until nothing is left.
/// A loop and not a recursion: a chain of dependents may be a million long.
pub(crate) fn settle(engine: &mut Engine, now: Timestamp) {
    while let Some(ended) = engine.ended.pop_front() {
        match ended {
            Ended::One(reference) => {
                dependencies::settle_dependents_of(engine, now, reference);
                dependencies::settle_dependents_of_nodes(engine, now, reference);
                ending::settle_parent_of(engine, now, reference);
                dependencies::settle_own_dependencies(engine, reference);
            }
            Ended::DefaultChildren(job) => {
                dependencies::settle_dependents_of_children(engine, now, job);
                ending::settle_array(engine, now, job);
            }
        }
    }
    ending::finish_queue_deletions(engine, now);
    settling::finish_replacements(engine, now);
}

#[cfg(test)]
mod tests;
