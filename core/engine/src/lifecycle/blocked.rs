//! The head of a queue that cannot be placed: the event that tells of it.

use crate::engine::Engine;
use crate::entity::{EventKind, EventSubject};
use longshore_types::{JobRef, Timestamp};

/// Tells that a RUNNABLE job is at the head of its queue and cannot be placed, and why (`SCH-10`, `EV-3`).
pub(crate) fn tell_blocked(engine: &mut Engine, now: Timestamp, head: JobRef, reason: &str) {
    let Some(mut run) = engine.run(head).map(std::borrow::Cow::into_owned) else { return };
    if run.status_reason.as_deref() != Some(reason) {
        run.status_reason = Some(reason.to_owned());
        engine.tell((now, EventKind::QueueBlocked), EventSubject::One(head), run, None);
    }
}
