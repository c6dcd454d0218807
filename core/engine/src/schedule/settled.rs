//! Queues that stay as they are from step to step: no host has room for any of their heads, their heads are the same, and
//! whose turn it is does not depend on the time. Of such a queue only what its first job has reserved is counted in a step.
//!
//! Whose turn it is depends on the time only where shares have used something; and what has used nothing goes on so until
//! something of its queue starts, which changes its heads. An array without rows stays the head while its children start,
//! so it never settles its queue; nor does what needs consumables, which may come to be unattainable.

use super::Step;
use crate::engine::Engine;
use crate::ready::{Ready, ReadyQueue};
use longshore_placement::{Demand, Reservation};
use longshore_types::Name;

/// What the first job of a queue has reserved, and for which heads that was found.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    /// [`ReadyQueue::changes`] then.
    changes: u64,
    demand: Demand,
    reservation: Reservation,
    /// Whether something was kept idle for it.
    keeps_idle: bool,
    /// Whether its head was noted since (`schedule/blocked.rs`).
    noted: bool,
}

impl Settled {
    /// Whether the heads are those for which it was found.
    fn holds(&self, ready: &ReadyQueue) -> bool {
        self.changes == ready.changes()
    }
}

/// Whether a queue has stayed as it was; then its reservation is counted.
pub(super) fn stays(engine: &Engine, step: &mut Step, queue: &Name) -> bool {
    let (Some(ready), round) = (engine.ready.get(queue), &mut *step.round) else { return false };
    let Some(settled) = round.settled.get(queue).filter(|settled| settled.holds(ready)) else { return false };
    let keeps_idle = round.space.keeps_idle(&settled.demand, &settled.reservation);
    if step.room == 0 || keeps_idle != settled.keeps_idle || ready.heads().may_fit(&round.space) {
        return false;
    }
    round.reserved.extend(settled.reservation.assignments.iter().map(|assignment| assignment.host));
    round.space.occupy(&settled.demand, &settled.reservation);
    true
}

/// Remembers a queue whose first entry has just reserved a place, none of which fits anywhere.
pub(super) fn settle(engine: &Engine, step: &mut Step, queue: &Name, (entry, demand): (Ready, Demand)) {
    let (Some(ready), Some(held)) = (engine.ready.get(queue), engine.reservations.get(queue)) else { return };
    let alone = matches!(entry, Ready::One(_)) && demand.needs.is_empty();
    if !alone || !is_steady(engine, queue, ready) {
        step.round.settled.remove(queue);
        return;
    }
    let Some(reservation) = held.reservation(&step.round) else { return };
    let (changes, keeps_idle) = (ready.changes(), held.keeps_idle);
    let settled = Settled { changes, demand, reservation, keeps_idle, noted: false };
    step.round.settled.insert(queue.clone(), settled);
}

/// Whether the head of a queue has been noted and cannot be another since. From now on it has.
pub(super) fn is_noted(step: &mut Step, queue: &Name, ready: &ReadyQueue) -> bool {
    let settled = step.round.settled.get_mut(queue).filter(|settled| settled.holds(ready));
    settled.is_some_and(|settled| std::mem::replace(&mut settled.noted, true))
}

/// Whether the order of what waits in a queue changes only with its heads.
fn is_steady(engine: &Engine, queue: &Name, ready: &ReadyQueue) -> bool {
    let Some(policy) = engine.fair_share(queue) else { return true };
    let known = engine.shares.of_queue(queue);
    let unused = |share| known.and_then(|known| known.get(share)).is_some_and(crate::shares::Share::is_unused);
    policy.reservation.is_none() && ready.shares().keys().all(unused)
}
