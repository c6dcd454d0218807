//! Work given ahead: the next attempts of short jobs go to a host before there is room for them there, to take the places
//! of those that run when they end. The commit and the messages that a job's start needs are then done while others run,
//! many at a time, and no host waits for them (docs/decisions/0015-short-jobs-are-given-ahead.md).
//!
//! What may be given ahead, and how much:
//! - only what is next: entries of the queue that is served first, in its order, while nobody would pass anybody by it;
//! - only into places of the same size, of the same queue, whose attempts have been short of late;
//! - no more than [`Config::ahead_ms`](crate::Config) of work to a place, reckoned from the longest of late, and never
//!   more than [`MOST`] attempts.
//!
//! So whoever comes later, whatever its priority, waits for a place at most so long when all goes on as it did. If it does
//! not, an attempt that has waited for [`PATIENCE`] times as long is given back by its agent.

use super::order;
use crate::engine::Engine;
use crate::fleet::HostState;
use crate::lifecycle::start_ahead;
use crate::ready::Ready;
use longshore_placement::Shape;
use longshore_protocol::VERSION_OF_SEATS;
use longshore_types::{AttemptId, HostId, JobRef, Name, Resources, Timestamp};

/// Most attempts that wait for one place.
const MOST: u64 = 32;

/// How many times as long as work is given ahead an attempt waits before it is given back.
pub(crate) const PATIENCE: u64 = 4;

/// How long attempts of a queue have taken of late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pace {
    /// The longest, forgotten by an eighth with each that ends; `None` before one has.
    longest_ms: Option<u64>,
}

impl Pace {
    /// One has ended after so long.
    pub(crate) fn note(&mut self, duration_ms: u64) {
        let before = self.longest_ms.unwrap_or(0);
        self.longest_ms = Some(duration_ms.max(before - before.div_ceil(8)));
    }

    /// One did not end in time: nothing is given ahead before some have again.
    pub(crate) fn break_off(&mut self, ahead_ms: u64) {
        self.longest_ms = Some(ahead_ms.saturating_mul(PATIENCE));
    }

    /// How many attempts may wait for a place.
    fn depth(self, ahead_ms: u64) -> usize {
        let depth = self.longest_ms.map_or(0, |longest| ahead_ms / longest.max(1));
        usize::try_from(depth.min(MOST)).unwrap_or(0)
    }
}

/// A place that attempts of a queue have.
struct Seat {
    of: AttemptId,
    host: HostId,
    environment: Name,
    demand: Resources,
    waiting: usize,
}

impl Engine {
    /// Whether the host of what has just ended may soon be idle, though its place went to the next.
    pub(crate) fn wants_more_ahead(&self, reference: JobRef) -> bool {
        let Some(job) = self.jobs.get(&reference.job()) else { return false };
        is_low(self, depth(self, &job.queue))
    }

    /// Whether anything waits on a host for its place.
    pub const fn has_ahead(&self) -> bool {
        self.fleet.ahead > 0
    }
}

fn depth(engine: &Engine, queue: &Name) -> usize {
    engine.paces.get(queue).map_or(0, |pace| pace.depth(engine.config.ahead_ms))
}

/// Refilled when half is used up, so that the work for it is done for many at once.
fn is_low(engine: &Engine, depth: usize) -> bool {
    depth > 0 && engine.fleet.ahead.saturating_mul(2) <= engine.fleet.seats().saturating_mul(depth)
}

/// Gives ahead what is next of a queue, which is served first.
pub(super) fn give(engine: &mut Engine, now: Timestamp, queue: &Name) {
    let depth = depth(engine, queue);
    if !is_low(engine, depth) || engine.fair_share(queue).is_some() {
        return;
    }
    let mut seats = seats(engine, now, queue);
    let mut given = false;
    while let Some((reference, demand)) = next(engine, now, queue) {
        let open = seats.iter_mut().filter(|seat| seat.demand == demand && seat.waiting < depth);
        let Some(seat) = open.min_by_key(|seat| seat.waiting) else { break };
        seat.waiting += 1;
        start_ahead(engine, now, reference, seat.of, (seat.host, &seat.environment));
        given = true;
    }
    if given {
        // Whoever had a reservation, or blocked a strict queue, was the first to be given a place: those behind it have
        // their turn, with what was kept idle for it.
        engine.reservations.remove(queue);
        engine.unscheduled = true;
    }
}

/// The places that attempts of the queue have, where nothing has been held for long and where more may go.
fn seats(engine: &Engine, now: Timestamp, queue: &Name) -> Vec<Seat> {
    let Some(row) = engine.queues.get(queue) else { return Vec::new() };
    let accepting: Vec<&Name> = row.environments_in_order().into_iter().collect();
    let accepts = |name: &Name| {
        accepting.contains(&name) && engine.environments.get(name).is_some_and(|found| found.accepts_work())
    };
    let takes_more = |state: &HostState| state.takes_work() && state.version >= VERSION_OF_SEATS;
    let hosts = engine.fleet.hosts.iter().filter(|(_, state)| takes_more(state));
    let lines = hosts.flat_map(|(host, state)| state.seats.iter().map(move |(of, line)| (*host, *of, line)));
    let seat = |(host, of, line): (HostId, AttemptId, &std::collections::BTreeSet<AttemptId>)| {
        let mut environment = None;
        let mut demand = Resources::default();
        for attempt in line {
            let reference = *engine.attempts.get(attempt)?;
            let job = engine.jobs.get(&reference.job()).filter(|job| job.queue == *queue && job.gang.is_none())?;
            let run = engine.run(reference)?;
            let current = run.current.as_ref().filter(|current| current.stopping.is_none())?;
            if now.since_ms(current.placed_at) > engine.config.ahead_ms.saturating_mul(PATIENCE) {
                return None;
            }
            environment = Some(current.environment.clone());
            demand = job.spec.demand;
        }
        let environment = environment.filter(|name| accepts(name))?;
        Some(Seat { of, host, environment, demand, waiting: line.len() - 1 })
    };
    lines.filter_map(seat).collect()
}

/// The job or child that is served next, and what it asks of a host; `None` for what cannot be given ahead.
fn next(engine: &mut Engine, now: Timestamp, queue: &Name) -> Option<(JobRef, Resources)> {
    let (head, key) = order::first(engine, now, queue)?;
    let Shape::Single(demand) = key.shape else { return None };
    let class = engine.ready.get(queue)?.classes().get(key)?;
    let entry: Ready = *class.entries.get(&head)?;
    if !key.consumables.is_empty() || class.label.is_some() {
        return None;
    }
    let reference = super::serve::next_of(engine, entry)?;
    Some((reference, demand))
}

#[cfg(test)]
mod tests;
