//! The jobs in memory, by id. Ids are random, so the nodes of a tree of them are filled by two thirds: what lies in them is
//! kept small, and each job on its own.

use crate::entity::Job;
use longshore_types::JobId;
use std::collections::BTreeMap;

/// Jobs by id.
#[derive(Debug, Default)]
pub(crate) struct Jobs(BTreeMap<JobId, Box<Job>>);

impl Jobs {
    pub(crate) fn get(&self, id: &JobId) -> Option<&Job> {
        self.0.get(id).map(|job| &**job)
    }

    pub(crate) fn get_mut(&mut self, id: &JobId) -> Option<&mut Job> {
        self.0.get_mut(id).map(|job| &mut **job)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn contains_key(&self, id: &JobId) -> bool {
        self.0.contains_key(id)
    }

    pub(crate) fn insert(&mut self, job: Job) {
        self.0.insert(job.id, Box::new(job));
    }

    pub(crate) fn remove(&mut self, id: &JobId) {
        self.0.remove(id);
    }

    /// In the order of their ids.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &JobId> {
        self.0.keys()
    }

    /// In the order of their ids.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Job> {
        self.0.values().map(|job| &**job)
    }
}
