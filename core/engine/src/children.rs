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
}
