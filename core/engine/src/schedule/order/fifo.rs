//! First in, first out: the class whose first entry has the smallest place.

use super::Turn;
use crate::ready::{ClassKey, Look, Place, ReadyQueue};
use std::collections::BTreeSet;
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

    pub(super) fn next(&self, queue: &ReadyQueue, look: Look<'_>) -> Option<Turn> {
        let found = queue.heads().next(self.passed, look, &self.short)?;
        Some(Turn { class: Arc::clone(found.class), head: found.place, until: found.next, most: u32::MAX })
    }
}
