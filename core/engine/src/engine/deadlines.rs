//! Moments at which a resource has something to do by itself: a transition that is over, attempts that have had their
//! time. Derived from rows, so that they survive a restart; found in order, so that looking at the next costs nothing.

use crate::entity::QuotaShareId;
use longshore_types::{JobId, Name, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// What has something to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    /// A compute environment.
    Environment(Name),
    /// A job queue.
    Queue(Name),
    /// A queue whose head has been waiting (`SCH-10`).
    Head(Name),
    /// A queue whose shares change places, while something waits that there may be room for (`FSS-5`).
    Turn(Name),
    /// A service environment.
    ServiceEnvironment(Name),
    /// A quota share.
    QuotaShare(QuotaShareId),
    /// A service job that has ended.
    ServiceJob(JobId),
    /// What environments want is to be counted again (`CE-12`).
    Scaling,
}

/// One moment at most for each.
#[derive(Debug, Default)]
pub(crate) struct Deadlines {
    order: BTreeSet<(Timestamp, Due)>,
    times: BTreeMap<Due, Timestamp>,
}

impl Deadlines {
    /// Replaces the moment of `due`; `None` takes it away.
    pub(crate) fn set(&mut self, due: Due, at: Option<Timestamp>) {
        let before = match at {
            Some(at) => self.times.insert(due.clone(), at),
            None => self.times.remove(&due),
        };
        if let Some(before) = before {
            self.order.remove(&(before, due.clone()));
        }
        if let Some(at) = at {
            self.order.insert((at, due));
        }
    }

    /// The next moment.
    pub(crate) fn first(&self) -> Option<Timestamp> {
        self.order.first().map(|(at, _)| *at)
    }

    /// The moment of `due`.
    pub(crate) fn of(&self, due: &Due) -> Option<Timestamp> {
        self.times.get(due).copied()
    }

    /// Takes away the first whose moment has come.
    pub(crate) fn take(&mut self, now: Timestamp) -> Option<Due> {
        let (at, due) = self.order.first().filter(|(at, _)| *at <= now)?.clone();
        self.order.remove(&(at, due.clone()));
        self.times.remove(&due);
        Some(due)
    }
}

#[cfg(test)]
mod tests;
