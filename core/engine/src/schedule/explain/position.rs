//! The front of a queue in the order in which it is served, to count who is ahead.

use crate::engine::Engine;
use crate::ready::Ready;
use crate::schedule::order;
use crate::wait::Ahead;
use longshore_types::{JobId, JobRef, Name};
use std::collections::BTreeMap;

/// Jobs ahead are counted up to here.
const AHEAD_MAX: u32 = 1_000;

/// The entries that a count may reach, and how many jobs are before each.
#[derive(Default)]
pub(super) struct Front {
    /// The first job.
    pub(super) head: Option<JobRef>,
    singles: BTreeMap<JobRef, u32>,
    /// Children without rows of an array, all together.
    fresh: BTreeMap<JobId, u32>,
}

impl Front {
    pub(super) fn of(engine: &Engine, queue: &Name) -> Self {
        let Some(ready) = engine.ready.get(queue) else { return Self::default() };
        let mut front = Self::default();
        let mut jobs: u32 = 0;
        for entry in order::front(ready, AHEAD_MAX as usize + 1) {
            if jobs > AHEAD_MAX {
                break;
            }
            front.head = front.head.or_else(|| engine.first_of(entry));
            let count = match entry {
                Ready::One(reference) => {
                    front.singles.insert(reference, jobs);
                    1
                }
                Ready::Fresh(id) => {
                    front.fresh.insert(id, jobs);
                    engine.children.get(&id).map_or(0, |children| children.fresh)
                }
            };
            jobs = jobs.saturating_add(count);
        }
        front
    }

    /// How many jobs of the queue are served before this one.
    pub(super) fn ahead(&self, engine: &Engine, reference: JobRef) -> Ahead {
        let jobs = self.singles.get(&reference).copied().or_else(|| {
            let (id, index) = (reference.job(), reference.index()?);
            let (before, children) = (self.fresh.get(&id)?, engine.children.get(&id)?);
            Some(before.saturating_add(children.fresh_before(index, AHEAD_MAX)?))
        });
        let jobs = jobs.unwrap_or(u32::MAX);
        Ahead { jobs: jobs.min(AHEAD_MAX), more: jobs > AHEAD_MAX }
    }
}
