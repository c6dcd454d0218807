//! Reports on their way to the control plane: numbered from 1 without gaps, kept until acknowledged.

use longshore_protocol::{AttemptEvent, Report};
use std::collections::VecDeque;

#[derive(Debug, Default)]
pub(crate) struct Outbox {
    unacknowledged: VecDeque<Report>,
    last_number: u64,
}

impl Outbox {
    /// Numbers an event and keeps it.
    pub(crate) fn push(&mut self, event: AttemptEvent) -> Report {
        self.last_number += 1;
        let report = Report { number: self.last_number, event };
        self.unacknowledged.push_back(report.clone());
        report
    }

    /// Forgets the reports up to `through`. A number beyond the last report acknowledges what there is.
    pub(crate) fn acknowledge(&mut self, through: u64) {
        while self.unacknowledged.front().is_some_and(|report| report.number <= through) {
            self.unacknowledged.pop_front();
        }
    }

    /// Every unacknowledged report, oldest first.
    pub(crate) fn unacknowledged(&self) -> impl Iterator<Item = &Report> {
        self.unacknowledged.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.unacknowledged.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.unacknowledged.is_empty()
    }
}

#[cfg(test)]
mod tests;
