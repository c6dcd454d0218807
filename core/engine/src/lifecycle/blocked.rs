//! The head of a queue that no host could hold: the event that tells of it.

use crate::engine::Engine;
use crate::entity::{EventKind, EventSubject};
use crate::ready::Ready;
use longshore_types::{JobRef, Timestamp};

/// Tells that a RUNNABLE entry is at the head of its queue and cannot be placed, and why (`SCH-10`, `EV-3`). Of an array, the
/// first of its children is there.
pub(crate) fn tell_blocked(engine: &mut Engine, now: Timestamp, head: Ready, label: &str) {
    let reference = match head {
        Ready::One(reference) => reference,
        Ready::Fresh(id) => {
            let fresh = engine.children.get_mut(&id).and_then(crate::children::Children::peek_fresh);
            fresh.map_or(JobRef::Job(id), |index| JobRef::Child(id, index))
        }
    };
    let Some(mut run) = engine.run(reference).map(std::borrow::Cow::into_owned) else { return };
    if run.status_reason.as_deref() != Some(label) {
        run.status_reason = Some(label.to_owned());
        engine.tell((now, EventKind::QueueBlocked), EventSubject::One(reference), run, None);
    }
}
