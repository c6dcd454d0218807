//! The children of an array job, compactly: a byte of status each, and a [`Run`] only for those that have left the
//! default and have not ended.

use crate::entity::Run;
use longshore_types::JobStatus;
use std::collections::BTreeMap;

/// The children of one array job.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Children {
    /// The status of each child; empty before they are spawned.
    pub(crate) statuses: Vec<JobStatus>,
    /// Children with a row that have not ended, or whose end is not written yet.
    pub(crate) live: BTreeMap<u32, Run>,
    /// Every RUNNABLE child without a row has at least this index.
    pub(crate) next_fresh: u32,
    /// Number of RUNNABLE children without a row.
    pub(crate) fresh: u32,
}

impl Children {
    /// The status of a child; `None` before children are spawned or beyond the last.
    pub(crate) fn status(&self, index: u32) -> Option<JobStatus> {
        self.statuses.get(usize::try_from(index).ok()?).copied()
    }

    /// Start-up found a child that has a row.
    pub(crate) fn restore(&mut self, index: u32, status: JobStatus) {
        if let Some(known) = self.statuses.get_mut(index as usize) {
            *known = status;
        }
        self.fresh = self.fresh.saturating_sub(1);
    }

    /// The first RUNNABLE child without a row at or after the cursor.
    pub(crate) fn peek_fresh(&mut self) -> Option<u32> {
        loop {
            let status = self.status(self.next_fresh)?;
            if status == JobStatus::Runnable && !self.live.contains_key(&self.next_fresh) {
                return Some(self.next_fresh);
            }
            self.next_fresh += 1;
        }
    }

    /// Whether the child is RUNNABLE and has no row.
    pub(crate) fn is_fresh(&self, index: u32) -> bool {
        self.status(index) == Some(JobStatus::Runnable) && !self.live.contains_key(&index)
    }

    /// The first index from `from` on of a child that may have no row, as `default` is what those without one are. Nothing
    /// leads back there: a row once written stays.
    pub(crate) fn rows_before(&self, from: u32, default: JobStatus) -> u32 {
        // What ended by default cannot be told here from what has ended with a row.
        let has_row = |index: &u32| {
            !default.is_terminal()
                && self.status(*index).is_some_and(|status| status != default || self.live.contains_key(index))
        };
        (from..).find(|index| !has_row(index)).unwrap_or(from)
    }

    /// The RUNNABLE children without a row, in order.
    pub(crate) fn fresh_from_first(&self) -> impl Iterator<Item = u32> {
        let size = u32::try_from(self.statuses.len()).unwrap_or(u32::MAX);
        (self.next_fresh..size).filter(|index| self.is_fresh(*index))
    }
}
