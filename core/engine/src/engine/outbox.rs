//! The outbox: events that the next commit carries, numbered (spec section 24).

use super::Engine;
use crate::entity::{Event, EventKind, EventSubject, Run};
use longshore_types::{JobRef, Timestamp};

/// Events decided since the last commit was taken, and the last number given out.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    pub(crate) last: u64,
    pub(super) gathering: Vec<Event>,
}

impl Outbox {
    pub(super) const fn is_empty(&self) -> bool {
        self.gathering.is_empty()
    }
}

impl Engine {
    /// Tells that a job, child or node is in another status now, as it is now (`EV-1`).
    pub(crate) fn tell_status(&mut self, now: Timestamp, reference: JobRef) {
        let Some(run) = self.run(reference).map(std::borrow::Cow::into_owned) else { return };
        let counts = match reference {
            JobRef::Job(id) => self.jobs.get(&id).and_then(|job| job.array.as_ref()).map(|array| array.counts),
            _ => None,
        };
        self.tell((now, EventKind::StateChange), EventSubject::One(reference), run, counts);
    }

    /// Tells that something happened to whom it happened. Every event goes through here.
    pub(crate) fn tell(
        &mut self,
        (at, kind): (Timestamp, EventKind),
        subject: EventSubject,
        run: Run,
        counts: Option<[u32; 7]>,
    ) {
        let count = subject.count();
        if count > 0 {
            self.outbox.last += count;
            self.outbox.gathering.push(Event { seq: self.outbox.last, at, kind, subject, run, counts });
        }
    }
}
