//! Queues that stay as they are from step to step: no host has room for any of their heads, their heads are the same, and
//! so is whose turn it is. Of such a queue only what its first job has reserved is counted in a step.
//!
//! Whose turn it is depends on the time where shares have used something. They use more evenly while nothing of them starts
//! or ends, so it is known until when that stays as it is (`order/fair.rs`). An array without rows stays the head while its
//! children start, so it never settles its queue; nor does what needs consumables, which may come to be unattainable.

use super::{Step, order};
use crate::engine::Engine;
use crate::ready::{Place, Ready, ReadyQueue};
use longshore_placement::{Demand, Reservation};
use longshore_types::{Name, Timestamp};
use std::ops::Range;

/// What the first job of a queue has reserved, and for which heads that was found.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    /// [`ReadyQueue::changes`] and [`Shares::changes`](crate::shares::Shares::changes) then.
    changes: (u64, u64),
    /// Whose turn it is, from when on, and until when, that moment not included.
    first: Place,
    during: Range<Timestamp>,
    demand: Demand,
    reservation: Reservation,
    /// Whether something was kept idle for it.
    keeps_idle: bool,
    /// Whether its head was noted since (`schedule/blocked.rs`).
    noted: bool,
}

impl Settled {
    /// Whether the heads are those for which it was found, and in the same order.
    fn holds(&self, engine: &Engine, now: Timestamp, queue: &Name, ready: &ReadyQueue) -> bool {
        self.changes == changes(engine, queue, ready) && self.during.contains(&now)
    }
}

/// Whether a queue has stayed as it was; then its reservation is counted.
pub(super) fn stays(engine: &Engine, step: &mut Step, queue: &Name) -> bool {
    let (Some(ready), round) = (engine.ready.get(queue), &mut *step.round) else { return false };
    let Some(settled) = round.settled.get(queue).filter(|settled| settled.holds(engine, step.now, queue, ready)) else {
        return false;
    };
    let keeps_idle = round.space.keeps_idle(&settled.demand, &settled.reservation);
    if step.room == 0 || keeps_idle != settled.keeps_idle || ready.heads().may_fit(&round.space) {
        return false;
    }
    debug_assert_eq!(order::first(engine, step.now, queue).map(|(place, _)| place), Some(settled.first));
    round.reserved.extend(settled.reservation.assignments.iter().map(|assignment| assignment.host));
    round.space.occupy(&settled.demand, &settled.reservation);
    true
}

/// Remembers a queue whose first entry has just reserved a place, none of which fits anywhere.
pub(super) fn settle(
    engine: &Engine,
    step: &mut Step,
    queue: &Name,
    ((first, entry), demand): ((Place, Ready), Demand),
) {
    let (Some(ready), Some(held)) = (engine.ready.get(queue), engine.reservations.get(queue)) else { return };
    let alone = matches!(entry, Ready::One(_)) && demand.needs.is_empty();
    let Some(until) = until(engine, step.now, queue, first).filter(|_| alone) else {
        step.round.settled.remove(queue);
        return;
    };
    let Some(reservation) = held.reservation(&step.round) else { return };
    let (changes, keeps_idle) = (changes(engine, queue, ready), held.keeps_idle);
    let settled = Settled { changes, first, during: step.now..until, demand, reservation, keeps_idle, noted: false };
    step.round.settled.insert(queue.clone(), settled);
}

/// Whether the head of a queue has been noted and cannot be another since. From now on it has.
pub(super) fn is_noted(engine: &Engine, step: &mut Step, queue: &Name, ready: &ReadyQueue) -> bool {
    let settled = step.round.settled.get_mut(queue).filter(|settled| settled.holds(engine, step.now, queue, ready));
    settled.is_some_and(|settled| std::mem::replace(&mut settled.noted, true))
}

/// Until when it is this entry's turn if nothing of the queue changes. What is kept for others (`FSS-4`) changes with all that
/// runs.
fn until(engine: &Engine, now: Timestamp, queue: &Name, entry: Place) -> Option<Timestamp> {
    if engine.fair_share(queue).is_some_and(|policy| policy.reservation.is_some()) {
        return None;
    }
    let (first, until) = order::first_until(engine, now, queue)?;
    (first == entry).then_some(until)
}

fn changes(engine: &Engine, queue: &Name, ready: &ReadyQueue) -> (u64, u64) {
    (ready.changes(), engine.shares.changes(queue))
}
