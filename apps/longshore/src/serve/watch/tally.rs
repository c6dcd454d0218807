//! Counts what leaves the control loop: replies, and the events that commits carry. It looks, and changes nothing.

use crate::serve::outputs::{Outputs, Told};
use longshore_engine::entity::{Event, EventKind};
use longshore_engine::{Change, Response};
use longshore_metrics::Metrics;
use longshore_types::{AttemptId, JobStatus};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

/// Counts for one loop.
#[derive(Debug)]
pub(in crate::serve) struct Tally {
    metrics: Arc<Metrics>,
    outputs: Outputs,
    counted: Counted,
}

impl Tally {
    pub(in crate::serve) fn new(metrics: Arc<Metrics>, outputs: Outputs) -> Self {
        Self { metrics, outputs, counted: Counted::default() }
    }

    /// The loop has taken in so many inputs since `begun`, and handed out what came of them.
    pub(in crate::serve) fn turn(&self, inputs: u64, begun: Instant) {
        self.metrics.happened.step(inputs, begun.elapsed());
    }

    pub(in crate::serve) fn reply<E>(&self, result: &Result<Response, E>) {
        if let Ok(Response::Submitted { .. }) = result {
            self.metrics.happened.submitted();
        }
    }

    pub(in crate::serve) fn commit(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::AppendEvent(event) if event.kind == EventKind::StateChange => self.event(event),
                Change::PutLogStream(stream) if stream.ended_at.is_none() => {
                    self.outputs.tell(Told::Began(stream.attempt));
                }
                Change::PutLogStream(stream) => self.outputs.tell(Told::Ended(stream.attempt)),
                _ => {}
            }
        }
    }

    /// After an attempt a job is tried again or has ended; a job that ends without one has none to count.
    fn event(&mut self, event: &Event) {
        let (status, count) = (event.run.status, event.subject.count());
        self.metrics.happened.state(status.as_str(), count);
        let after_attempt = status.is_terminal() || status == JobStatus::Runnable;
        let last = event.run.attempts.last().filter(|_| after_attempt);
        if let Some(last) = last.filter(|last| self.counted.is_new(last.id, status)) {
            self.metrics.happened.attempts_ended(last.ending().as_str(), count);
        }
    }
}

/// Attempts that were counted when their jobs came to be RUNNABLE again, which may come to be that once more without another
/// attempt, and may be ended without one. The last so many.
#[derive(Debug, Default)]
struct Counted {
    known: BTreeSet<AttemptId>,
    order: VecDeque<AttemptId>,
}

impl Counted {
    const MOST: usize = 65_536;

    fn is_new(&mut self, attempt: AttemptId, status: JobStatus) -> bool {
        if status.is_terminal() {
            return !self.known.contains(&attempt);
        }
        let is_new = self.known.insert(attempt);
        if is_new {
            self.order.push_back(attempt);
        }
        if self.order.len() > Self::MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempt_counts_once_however_often_its_job_is_runnable_again() {
        let mut counted = Counted::default();
        let attempt = AttemptId::from_random(1);
        assert!(counted.is_new(attempt, JobStatus::Runnable));
        assert!(!counted.is_new(attempt, JobStatus::Runnable));
        assert!(!counted.is_new(attempt, JobStatus::Failed));
        assert!(counted.is_new(AttemptId::from_random(2), JobStatus::Succeeded));
    }
}
