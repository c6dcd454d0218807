//! The jobs in memory, by id. Each is shared with the commits that write it as it was: to hand out a row is to count one
//! more owner, and a job is only copied when it changes before such a commit is done with it.

use crate::entity::Job;
use crate::table::Table;
use longshore_types::JobId;
use std::sync::Arc;

/// Jobs by id.
#[derive(Debug, Default)]
pub(crate) struct Jobs(Table<JobId, Arc<Job>>);

impl Jobs {
    pub(crate) fn get(&self, id: &JobId) -> Option<&Job> {
        self.0.get(id).map(|job| &**job)
    }

    pub(crate) fn get_mut(&mut self, id: &JobId) -> Option<&mut Job> {
        self.0.get_mut(id).map(Arc::make_mut)
    }

    /// The job as it is now, whatever becomes of it.
    pub(crate) fn row(&self, id: &JobId) -> Option<&Arc<Job>> {
        self.0.get(id)
    }

    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn contains_key(&self, id: &JobId) -> bool {
        self.0.contains_key(id)
    }

    pub(crate) fn insert(&mut self, job: impl Into<Arc<Job>>) {
        let job = job.into();
        self.0.insert(job.id, job);
    }

    pub(crate) fn remove(&mut self, id: &JobId) {
        self.0.remove(id);
    }

    /// In the order of their ids.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Job> {
        self.0.iter().map(|(_, job)| &**job)
    }
}
