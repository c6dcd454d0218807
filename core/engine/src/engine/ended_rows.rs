//! Rows of jobs that have ended and left memory, while a change to them is being written. They are kept apart from the
//! jobs in memory, because nothing that lives may find them: they have neither children nor a place in anything.
//!
//! A change is made to a row that the caller has read from the store. In between somebody else may have changed the same
//! row, so every reading carries a stamp, and what has become stale is read again.

use crate::entity::Job;
use longshore_types::JobId;
use std::collections::{BTreeMap, VecDeque};

/// How many changes are remembered to tell stale readings from fresh ones. A reading older than that is taken for stale.
const REMEMBERED: usize = 1_024;

/// Changed rows of ended jobs.
#[derive(Debug, Default)]
pub(crate) struct EndedRows {
    /// Changed since the last commit was taken.
    gathering: BTreeMap<JobId, Job>,
    /// Changed in commits that are not durable yet, oldest first.
    writing: VecDeque<(u64, BTreeMap<JobId, Job>)>,
    /// Number of changes ever made: the stamp of a reading that is asked for now.
    changes: u64,
    /// The jobs of the latest changes, oldest first.
    latest: VecDeque<JobId>,
}

impl EndedRows {
    pub(crate) fn is_empty(&self) -> bool {
        self.gathering.is_empty()
    }

    /// The row as it will be when everything decided is durable; `None` when the store's is that.
    pub(crate) fn get(&self, id: JobId) -> Option<&Job> {
        let in_flight = || self.writing.iter().rev().find_map(|(_, rows)| rows.get(&id));
        self.gathering.get(&id).or_else(in_flight)
    }

    pub(crate) fn put(&mut self, job: Job) {
        self.changes += 1;
        self.latest.push_back(job.id);
        if self.latest.len() > REMEMBERED {
            self.latest.pop_front();
        }
        self.gathering.insert(job.id, job);
    }

    pub(crate) const fn stamp(&self) -> u64 {
        self.changes
    }

    /// Whether the store's row of `id`, read after `stamp` was given out, is still the latest.
    pub(crate) fn is_fresh(&self, id: JobId, stamp: u64) -> bool {
        let since = self.changes.checked_sub(stamp).and_then(|since| usize::try_from(since).ok());
        let known = since.filter(|since| *since <= self.latest.len());
        known.is_some_and(|since| !self.latest.iter().rev().take(since).any(|changed| *changed == id))
    }

    /// The rows to be written in `commit`.
    pub(super) fn take(&mut self, commit: u64) -> Vec<Job> {
        let rows = std::mem::take(&mut self.gathering);
        let changed = rows.values().cloned().collect();
        if !rows.is_empty() {
            self.writing.push_back((commit, rows));
        }
        changed
    }

    /// Everything up to `commit` is durable: its rows are the store's.
    pub(super) fn committed(&mut self, commit: u64) {
        while self.writing.pop_front_if(|(written_in, _)| *written_in <= commit).is_some() {}
    }
}

#[cfg(test)]
mod tests;
