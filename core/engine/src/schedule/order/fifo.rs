//! First in, first out: the class whose first entry has the smallest place.

use super::Turn;
use crate::ready::{ClassKey, Place, ReadyQueue};
use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

#[derive(Clone, Debug, Default)]
pub(in crate::schedule) struct Walk {
    /// Classes that are short though their heads are still to come: nothing more of them is looked at in this step.
    short: BTreeSet<Arc<ClassKey>>,
    /// Every head up to here belongs to a class that is short.
    passed: Option<Place>,
}

impl Walk {
    pub(super) fn pass(&mut self, turn: &Turn, placed: u32) {
        if placed > 0 {
            self.short.insert(Arc::clone(&turn.class));
        }
        self.passed = Some(turn.head);
    }

    pub(super) fn next(&self, queue: &ReadyQueue) -> Option<Turn> {
        let from = self.passed.map_or(Bound::Unbounded, Bound::Excluded);
        let heads = queue.heads().range((from, Bound::Unbounded));
        let mut heads = heads.filter(|(_, class)| !self.short.contains(*class));
        let (head, class) = heads.next()?;
        let until = heads.next().map(|(place, _)| *place);
        Some(Turn { class: Arc::clone(class), head: *head, until, most: u32::MAX })
    }
}
