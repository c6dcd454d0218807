//! Events (spec section 24): what happened to jobs, one after another. They are written with the rows whose change they
//! tell of, in the same transaction, so that none is lost and none tells of what never was.

use super::Run;
use longshore_types::{JobId, JobRef, Timestamp};
use serde::{Deserialize, Serialize};

/// An entry of the outbox: one event, or one for each of many children to which the same happened at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The number of its last event. Events are numbered from 1 in the order in which they happened, without gaps, and
    /// no number is ever used again.
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// To whom.
    pub subject: EventSubject,
    /// The life of each as it was then.
    pub run: Run,
    /// For an array itself: children per status then, indexed by `JobStatus as usize`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<[u32; 7]>,
}

/// What an event tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventKind {
    /// `Batch Job State Change` (`EV-1`).
    StateChange,
    /// `Batch Job Queue Blocked` (`EV-3`).
    QueueBlocked,
}

/// Whom an event is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventSubject {
    /// One job, child or node.
    One(JobRef),
    /// Children of an array, an event for each, in the order of their indexes.
    Children {
        /// The array.
        array: JobId,
        /// Their indexes, as ranges from the first to the last, ascending.
        ranges: Vec<(u32, u32)>,
    },
}

impl EventKind {
    /// How it is written in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StateChange => "state",
            Self::QueueBlocked => "blocked",
        }
    }

    /// The kind that is written so.
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::StateChange, Self::QueueBlocked].into_iter().find(|kind| kind.as_str() == text)
    }
}

impl EventSubject {
    /// The job, or the array of the children.
    pub const fn job(&self) -> JobId {
        match self {
            Self::One(reference) => reference.job(),
            Self::Children { array, .. } => *array,
        }
    }

    /// How many events it stands for.
    pub fn count(&self) -> u64 {
        match self {
            Self::One(_) => 1,
            Self::Children { ranges, .. } => ranges.iter().map(|(first, last)| u64::from(last - first) + 1).sum(),
        }
    }
}

impl Event {
    /// The number of its first event.
    pub fn first(&self) -> u64 {
        self.seq + 1 - self.subject.count()
    }

    /// The events that it stands for, by number, beginning with the first above `after`.
    pub fn after(&self, after: u64) -> impl Iterator<Item = (u64, JobRef)> + '_ {
        let first = self.first();
        let from = first.max(after.saturating_add(1));
        let mut skip = from - first;
        let (one, array, ranges) = match &self.subject {
            EventSubject::One(reference) => (Some(*reference), reference.job(), &[][..]),
            EventSubject::Children { array, ranges } => (None, *array, ranges.as_slice()),
        };
        let one = one.filter(|_| skip == 0);
        let children = ranges.iter().flat_map(move |&(first, last)| {
            // Whole ranges are passed over without a look at each of their children.
            let passed = skip.min(u64::from(last - first) + 1);
            skip -= passed;
            (u64::from(first) + passed..=u64::from(last)).filter_map(|index| u32::try_from(index).ok())
        });
        (from..).zip(one.into_iter().chain(children.map(move |index| JobRef::Child(array, index))))
    }
}

/// The ascending `indexes` as ranges from the first to the last.
pub(crate) fn ranges(indexes: impl Iterator<Item = u32>) -> Vec<(u32, u32)> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for index in indexes {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == index => *last = index,
            _ => ranges.push((index, index)),
        }
    }
    ranges
}

#[cfg(test)]
mod tests;
