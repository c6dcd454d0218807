//! Which class of a queue is served next: the only place that decides it. First in, first out (`SCH-1`), with retries in
//! front (`RTY-2`): the class whose first entry has the smallest place.

use crate::ready::{ClassKey, Place, Ready, ReadyQueue};
use std::collections::{BTreeMap, BTreeSet};
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

/// The first `most` entries in the order in which they are served, as things are now.
pub(crate) fn front(queue: &ReadyQueue, most: usize) -> Vec<Ready> {
    let mut heads: BTreeMap<Place, &ClassKey> =
        queue.heads().iter().take(most).map(|(place, class)| (*place, &**class)).collect();
    let mut front = Vec::new();
    while front.len() < most
        && let Some((place, key)) = heads.pop_first()
    {
        let Some(class) = queue.classes().get(key) else { continue };
        front.extend(class.entries.get(&place));
        let next = class.entries.range((Bound::Excluded(place), Bound::Unbounded)).next();
        heads.extend(next.map(|(place, _)| (*place, key)));
    }
    front
}
