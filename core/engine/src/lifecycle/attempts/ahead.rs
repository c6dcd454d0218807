//! Attempts given ahead: STARTING on a host, where they wait for those before them at their seat. Which, is decided in
//! `schedule/ahead.rs`. One that comes back without having started was no attempt: its job is RUNNABLE again, and none of
//! its retries is used up.

use super::{Place, occupy, tell, vacate};
use crate::engine::Engine;
use crate::entity::{CurrentAttempt, Run};
use crate::lifecycle::transition::move_to;
use longshore_types::{AttemptId, HostId, JobRef, JobStatus, Name, Timestamp};

/// Starts an attempt of a RUNNABLE job or child at a seat that others have now.
pub(crate) fn start_ahead(
    engine: &mut Engine,
    now: Timestamp,
    reference: JobRef,
    seat: AttemptId,
    on: (HostId, &Name),
) {
    occupy(engine, now, reference, on, Place { seat: Some(seat), ..Place::default() });
    tell(engine, reference);
}

/// Whether an attempt was given ahead, nothing of it was seen to start, and nobody has asked it to end.
pub(super) fn is_returnable(engine: &Engine, attempt: AttemptId) -> bool {
    let run = engine.attempts.get(&attempt).and_then(|reference| engine.run(*reference));
    let run = run.filter(|run| run.status == JobStatus::Starting);
    run.as_ref().and_then(|run| run.current.as_ref()).is_some_and(|current| {
        let begun = current.containers.iter().any(|container| container.started_at.is_some());
        current.seat.is_some() && current.stopping.is_none() && !begun
    })
}

/// An attempt is lost with its agent before anybody heard of its start. If it had started all the same, it has left output.
pub(super) fn lost(engine: &mut Engine, now: Timestamp, attempt: AttemptId) {
    come_back(engine, now, attempt, |run, current| run.unheard.extend(current.outputs()));
}

/// An attempt comes back without having started.
pub(super) fn take_back(engine: &mut Engine, now: Timestamp, attempt: AttemptId) {
    come_back(engine, now, attempt, |_, _| {});
}

fn come_back(engine: &mut Engine, now: Timestamp, attempt: AttemptId, change: impl FnOnce(&mut Run, &CurrentAttempt)) {
    let Some((reference, current, _)) = vacate(engine, now, attempt) else { return };
    engine.unscheduled = true;
    if let Some(queue) = queue_of(engine, reference) {
        engine.paces.entry(queue).or_default().break_off(engine.config.ahead_ms);
    }
    move_to(engine, now, reference, JobStatus::Runnable, |run| change(run, &current));
}

/// An attempt has ended after so many milliseconds.
pub(super) fn note_pace(engine: &mut Engine, reference: JobRef, duration_ms: u64) {
    if engine.config.ahead_ms > 0
        && let Some(queue) = queue_of(engine, reference)
    {
        engine.paces.entry(queue).or_default().note(duration_ms);
    }
}

fn queue_of(engine: &Engine, reference: JobRef) -> Option<Name> {
    engine.jobs.get(&reference.job()).map(|job| job.queue.clone())
}
