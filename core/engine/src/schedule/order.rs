//! Which class of a queue is served next: the only place that decides it. First in, first out (`SCH-1`), with retries in
//! front (`RTY-2`); or with a fair-share policy, share by share (`FSS-5`).

mod fair;
mod fifo;
mod front;

#[cfg(test)]
pub(super) use fair::line;
pub(crate) use front::{Served, front};

use crate::engine::Engine;
use crate::ready::{ClassKey, Look, Place, ReadyQueue};
use longshore_types::{Name, Timestamp};
use std::sync::Arc;

/// The class to serve.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    pub(super) class: Arc<ClassKey>,
    /// Its first entry.
    pub(super) head: Place,
    /// Entries of the class before this place are served in one go; then it is another's turn.
    pub(super) until: Option<Place>,
    /// The same by number: at most so many jobs.
    pub(super) most: u32,
}

/// Whose turn it is first in a queue, as things are now.
pub(super) fn first<'a>(engine: &'a Engine, now: Timestamp, queue: &Name) -> Option<(Place, &'a Arc<ClassKey>)> {
    let ready = engine.ready.get(queue)?;
    match engine.fair_share(queue) {
        None => ready.heads().first(),
        Some(policy) => fair::first(engine, now, (queue, policy), ready),
    }
}

/// The same, and until when it stays so if nothing of the queue changes, that moment not included.
pub(super) fn first_until(engine: &Engine, now: Timestamp, queue: &Name) -> Option<(Place, Timestamp)> {
    let (first, _) = first(engine, now, queue)?;
    let until = match engine.fair_share(queue) {
        None => Timestamp::MAX,
        Some(policy) => fair::first_until(engine, now, (queue, policy)),
    };
    Some((first, until))
}

/// When shares of a queue change places if nothing of it changes before.
pub(super) fn look_again(engine: &Engine, now: Timestamp, queue: &Name) -> Timestamp {
    fair::line_until(engine, now, queue).max(now.plus_ms(1))
}

/// How far one step has come in a queue.
#[derive(Clone, Debug)]
pub(super) enum Walk {
    Fifo(fifo::Walk),
    Fair(Box<fair::Walk>),
}

impl Walk {
    /// Nobody has been served yet.
    pub(super) fn new(engine: &Engine, now: Timestamp, queue: &Name) -> Self {
        match engine.fair_share(queue) {
            None => Self::Fifo(fifo::Walk::default()),
            Some(policy) => Self::Fair(Box::new(fair::Walk::new(engine, now, (queue, policy)))),
        }
    }

    /// Whose turn it is, of those that are looked at; nobody's, if the rest of the queue has to wait.
    pub(super) fn next(&mut self, queue: &ReadyQueue, look: Look<'_>) -> Option<Turn> {
        match self {
            Self::Fifo(walk) => walk.next(queue, look),
            Self::Fair(walk) => walk.next(queue, look),
        }
    }

    /// Once it is nobody's turn: whether that is because everybody was looked at.
    pub(super) const fn is_over(&self) -> bool {
        match self {
            Self::Fifo(_) => true,
            Self::Fair(walk) => walk.is_over(),
        }
    }

    /// So many jobs have started in a turn.
    pub(super) fn started(&mut self, turn: &Turn, jobs: u32) {
        match self {
            Self::Fifo(_) => {}
            Self::Fair(walk) => walk.started(turn, jobs),
        }
    }

    /// The class is short, after so many jobs were placed: whoever is behind its head passes it.
    pub(super) fn pass(&mut self, turn: &Turn, placed: u32) {
        match self {
            Self::Fifo(walk) => walk.pass(turn, placed),
            Self::Fair(walk) => walk.pass(turn, placed),
        }
    }

    /// A place was reserved for the class.
    pub(super) fn reserved(&mut self, turn: &Turn) {
        match self {
            Self::Fifo(_) => {}
            Self::Fair(walk) => walk.reserved(turn),
        }
    }
}
