//! Placement of what is RUNNABLE: the queues in order of priority (`SCH-2`), each in its own order (`SCH-1`), class by class
//! against the space that is left, and what is placed started at once.
//!
//! Work per step is bounded by counts and never by the length of a queue: by the attempts placed, and by the classes found
//! to be short.

mod ahead;
mod blocked;
mod explain;
mod gang;
mod held;
mod judge;
mod limits;
mod order;
mod reserve;
mod round;
mod serve;
mod settled;

pub(crate) use ahead::{PATIENCE, Pace};
pub(crate) use blocked::{Head, look};
pub(crate) use held::Held;
pub(crate) use judge::known_label;
pub(crate) use limits::{end_overdue, next_deadline};
pub(crate) use order::{Served, front};
pub(crate) use round::Round;

use crate::engine::Engine;
use crate::ready::ReadyQueue;
use crate::wait::{Answer, Question};
use longshore_types::{Name, Timestamp};
use std::cmp::Reverse;

/// One step of placement.
struct Step {
    now: Timestamp,
    round: Box<Round>,
    /// How many more attempts may be placed.
    room: usize,
    /// How much was looked at, for the tests that bound it.
    looks: usize,
}

impl Engine {
    /// Whether [`Engine::schedule`] may find something to do.
    pub const fn wants_schedule(&self) -> bool {
        self.unscheduled || self.arrived
    }

    /// Places what fits and starts its attempts.
    pub fn schedule(&mut self, now: Timestamp) {
        if self.wants_schedule() {
            step(self, now);
        }
    }

    /// Answers a question about the state in memory.
    pub fn answer(&self, now: Timestamp, question: &Question) -> Answer {
        match question {
            Question::Explain(jobs) => Answer::Waits(self.explain(now, jobs)),
            Question::StatusReasons(jobs) => Answer::Reasons(self.status_reasons(now, jobs)),
            Question::Snapshot(queue) => Answer::Snapshot(self.snapshot_of(now, queue).map(Box::new)),
            Question::Census => Answer::Census(Box::new(self.census())),
        }
    }
}

/// One step; says how much it looked at.
fn step(engine: &mut Engine, now: Timestamp) -> usize {
    engine.arrived = false;
    let all = std::mem::take(&mut engine.unscheduled);
    let mut step = Step { now, round: Round::take(engine), room: engine.config.placements_per_step, looks: 0 };
    let mut order = queues_in_order(engine);
    // Where nothing is served it makes no difference who has reserved what.
    let any = all || engine.ready.values().any(ReadyQueue::has_arrived);
    for queue in &order {
        if step.room == 0 {
            break;
        }
        judge::judge(engine, &mut step, queue);
        // What was short stays so until something becomes free; of what waits there only the reservation counts.
        if all || engine.ready.get(queue).is_some_and(ReadyQueue::has_arrived) {
            serve::serve(engine, &mut step, queue);
        } else if any && let Some((demand, reservation)) = held::claim(engine, &step.round, queue) {
            step.round.occupy(&demand, &reservation);
        }
    }
    let after = queues_in_order(engine);
    if let Some(first) = after.first().filter(|_| step.room > 0) {
        ahead::give(engine, now, first);
    }
    order.retain(|queue| engine.ready.get(queue).is_some_and(waits));
    // What was cut off by the bound on work, rather than by capacity, is looked at again in the next step; and so is
    // everything when a queue has come to its turn because the first jobs of another have started.
    engine.unscheduled |= step.room == 0 || order != after;
    limits::note(engine, now);
    blocked::note(engine, &mut step);
    step.round.put_back(engine);
    step.looks
}

/// Queues with something RUNNABLE in the order in which they are served: by priority (`SCH-2`); between equals the one
/// whose first job was submitted first, so that none of them starves.
fn queues_in_order(engine: &Engine) -> Vec<Name> {
    let waiting = engine.ready.iter().filter(|(_, ready)| waits(ready));
    let place = |(name, ready): (_, &ReadyQueue)| {
        let oldest = ready.heads().first().map_or(u64::MAX, |(place, _)| place.seq);
        Some((Reverse(engine.queues.get(name)?.priority), oldest, name))
    };
    let mut queues: Vec<(Reverse<i64>, u64, &Name)> = waiting.filter_map(place).collect();
    queues.sort_unstable();
    queues.into_iter().map(|(_, _, name)| name.clone()).collect()
}

fn waits(queue: &ReadyQueue) -> bool {
    !queue.classes().is_empty()
}

#[cfg(test)]
mod tests;
