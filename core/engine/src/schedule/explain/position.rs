//! The front of a queue in the order in which it is served, to count who is ahead.

use crate::engine::Engine;
use crate::ready::Ready;
use crate::schedule::order::{self, Served};
use crate::wait::Ahead;
use longshore_types::{JobId, JobRef, Name, Timestamp};
use std::collections::BTreeMap;

/// Jobs ahead are counted up to here.
const AHEAD_MAX: u32 = 1_000;

/// The entries that a count may reach, and how many jobs are before each.
#[derive(Default)]
pub(super) struct Front {
    /// The first job.
    pub(super) head: Option<JobRef>,
    singles: BTreeMap<JobRef, u32>,
    /// Children without rows of an array, by those that are served in one go, with how many jobs are before them.
    fresh: BTreeMap<JobId, Vec<(Served, u32)>>,
}

impl Front {
    pub(super) fn of(engine: &Engine, now: Timestamp, queue: &Name) -> Self {
        let mut front = Self::default();
        let mut jobs: u32 = 0;
        for served in order::front(engine, now, queue, AHEAD_MAX + 1) {
            front.head = front.head.or_else(|| engine.first_of(served.entry));
            match served.entry {
                Ready::One(reference) => drop(front.singles.insert(reference, jobs)),
                Ready::Fresh(id) => front.fresh.entry(id).or_default().push((served, jobs)),
            }
            jobs = jobs.saturating_add(served.count);
        }
        front
    }

    /// How many jobs of the queue are served before this one.
    pub(super) fn ahead(&self, engine: &Engine, reference: JobRef) -> Ahead {
        let jobs = self.singles.get(&reference).copied().or_else(|| {
            let (id, index) = (reference.job(), reference.index()?);
            let before = engine.children.get(&id)?.fresh_before(index, AHEAD_MAX)?;
            let own = |(served, _): &&(Served, u32)| (0..served.count).contains(&before.wrapping_sub(served.first));
            let (served, jobs) = self.fresh.get(&id)?.iter().find(own)?;
            Some(jobs.saturating_add(before - served.first))
        });
        let jobs = jobs.unwrap_or(u32::MAX);
        Ahead { jobs: jobs.min(AHEAD_MAX), more: jobs > AHEAD_MAX }
    }
}
