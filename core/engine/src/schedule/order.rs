//! Which class of a queue is served next: the only place that decides it. First in, first out (`SCH-1`), with retries in
//! front (`RTY-2`): the class whose first entry has the smallest place.

use crate::ready::{ClassKey, Place, ReadyQueue};
use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

/// How far one step has come in a queue.
#[derive(Clone, Debug, Default)]
pub(super) struct Walk {
    /// Classes that are short: nothing more of them is looked at in this step.
    short: BTreeSet<Arc<ClassKey>>,
    /// Every head up to here belongs to a class that is short.
    passed: Option<Place>,
}

/// The class to serve.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    pub(super) class: Arc<ClassKey>,
    /// Its first entry.
    pub(super) head: Place,
    /// Entries of the class before this place are served in one go; then it is another's turn.
    pub(super) until: Option<Place>,
}

impl Walk {
    /// The class is short: whoever is behind its head passes it.
    pub(super) fn pass(&mut self, turn: &Turn) {
        self.short.insert(Arc::clone(&turn.class));
        self.passed = Some(turn.head);
    }
}

/// Whose turn it is.
pub(super) fn next(queue: &ReadyQueue, walk: &Walk) -> Option<Turn> {
    let from = walk.passed.map_or(Bound::Unbounded, Bound::Excluded);
    let mut heads = queue.heads().range((from, Bound::Unbounded)).filter(|(_, class)| !walk.short.contains(*class));
    let (head, class) = heads.next()?;
    let until = heads.next().map(|(place, _)| *place);
    Some(Turn { class: Arc::clone(class), head: *head, until })
}
