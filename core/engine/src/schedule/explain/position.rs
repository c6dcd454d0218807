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
    /// The first children without rows of each array that was asked about, as many as are counted.
    first: BTreeMap<JobId, Vec<u32>>,
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
    pub(super) fn ahead(&mut self, engine: &Engine, reference: JobRef) -> Ahead {
        let jobs = self.singles.get(&reference).copied();
        let jobs = jobs.or_else(|| self.ahead_of_fresh(engine, reference)).unwrap_or(u32::MAX);
        Ahead { jobs: jobs.min(AHEAD_MAX), more: jobs > AHEAD_MAX }
    }

    /// The same for a child without a row; `None` if it is no such child, or beyond those that are counted.
    fn ahead_of_fresh(&mut self, engine: &Engine, reference: JobRef) -> Option<u32> {
        let (id, index) = (reference.job(), reference.index()?);
        let (children, served) = (engine.children.get(&id)?, self.fresh.get(&id)?);
        if !children.is_fresh(index) {
            return None;
        }
        let counted = || children.fresh_from_first().take(AHEAD_MAX as usize + 1).collect();
        let first = self.first.entry(id).or_insert_with(counted);
        let before = u32::try_from(first.partition_point(|before| *before < index)).ok()?;
        let own = |(served, _): &&(Served, u32)| (0..served.count).contains(&before.wrapping_sub(served.first));
        let (served, jobs) = served.iter().find(own)?;
        Some(jobs.saturating_add(before - served.first))
    }
}
