//! Reports on their way to the control plane: numbered from 1 without gaps, kept until acknowledged.

use longshore_protocol::{AttemptEvent, Report};
use longshore_types::AttemptId;
use std::collections::VecDeque;

#[derive(Debug, Default)]
pub(crate) struct Outbox {
    unacknowledged: VecDeque<Report>,
    last_number: u64,
    /// The last report handed out to be sent.
    sent: u64,
}

impl Outbox {
    /// Numbers an event and keeps it.
    pub(crate) fn push(&mut self, event: AttemptEvent) {
        self.last_number += 1;
        self.unacknowledged.push_back(Report { number: self.last_number, event });
    }

    /// The reports that were not sent yet, oldest first; from now on they count as sent.
    pub(crate) fn take_unsent(&mut self) -> impl Iterator<Item = &Report> {
        let sent = std::mem::replace(&mut self.sent, self.last_number);
        let first = self.unacknowledged.partition_point(|report| report.number <= sent);
        self.unacknowledged.range(first..)
    }

    /// Nothing of what is unacknowledged counts as sent any more: there is another link.
    pub(crate) fn begin_again(&mut self) {
        self.sent = 0;
    }

    /// Forgets the reports up to `through`. A number beyond the last report acknowledges what there is.
    pub(crate) fn acknowledge(&mut self, through: u64) {
        while self.unacknowledged.front().is_some_and(|report| report.number <= through) {
            self.unacknowledged.pop_front();
        }
    }

    /// Whether something about an attempt is not acknowledged yet.
    pub(crate) fn tells_of(&self, attempt: AttemptId) -> bool {
        self.unacknowledged.iter().any(|report| report.event.attempt() == attempt)
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
