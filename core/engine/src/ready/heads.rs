//! The first entries of classes, in order, and by what they ask for: the next that there may be room for is found without a
//! look at all those before it.

use super::ClassKey;
use longshore_placement::{Shape, Space};
use longshore_types::Resources;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

/// How many heads are looked at in their order before those that fit are searched for by what they ask for.
const IN_ORDER: usize = 8;

/// Which heads are looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Look<'a> {
    /// All of them.
    All,
    /// Those that a host may have room for.
    Fitting(&'a Space),
}

impl Look<'_> {
    fn takes(self, class: &ClassKey) -> bool {
        match self {
            Self::All => true,
            Self::Fitting(space) => !space.is_too_full_for(&class.shape),
        }
    }
}

/// A head that was looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found<'a, P> {
    pub(crate) place: P,
    pub(crate) class: &'a Arc<ClassKey>,
    /// Up to where nobody else has a turn.
    pub(crate) next: Option<P>,
}

/// The first entry of each class, by place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heads<P> {
    in_order: BTreeMap<P, Arc<ClassKey>>,
    /// Those of single jobs, by what one of them asks of a host.
    singles: BTreeMap<Resources, BTreeSet<P>>,
    gangs: BTreeSet<P>,
}

impl<P> Default for Heads<P> {
    fn default() -> Self {
        Self { in_order: BTreeMap::new(), singles: BTreeMap::new(), gangs: BTreeSet::new() }
    }
}

impl<P: Ord + Copy> Heads<P> {
    pub(super) fn insert(&mut self, place: P, class: Arc<ClassKey>) {
        match &class.shape {
            Shape::Single(each) => self.singles.entry(*each).or_default().insert(place),
            Shape::Gang(_) => self.gangs.insert(place),
        };
        self.in_order.insert(place, class);
    }

    pub(super) fn remove(&mut self, place: &P) {
        let Some(class) = self.in_order.remove(place) else { return };
        let Shape::Single(each) = &class.shape else {
            self.gangs.remove(place);
            return;
        };
        if let Some(places) = self.singles.get_mut(each) {
            places.remove(place);
            if places.is_empty() {
                self.singles.remove(each);
            }
        }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.in_order.is_empty()
    }

    /// The first of all.
    pub(crate) fn first(&self) -> Option<(P, &Arc<ClassKey>)> {
        self.in_order.first_key_value().map(|(place, class)| (*place, class))
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (P, &Arc<ClassKey>)> {
        self.in_order.iter().map(|(place, class)| (*place, class))
    }

    /// Whether a host may have room for one of them.
    pub(crate) fn may_fit(&self, space: &Space) -> bool {
        !self.gangs.is_empty() || self.fitting(space).next().is_some()
    }

    /// The first behind `passed`, of those that are looked at and of none of the classes that are `short`.
    pub(crate) fn next(
        &self,
        passed: Option<P>,
        look: Look<'_>,
        short: &BTreeSet<Arc<ClassKey>>,
    ) -> Option<Found<'_, P>> {
        let behind = (passed.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let Look::Fitting(space) = look else {
            let mut heads = self.in_order.range(behind).filter(|(_, class)| !short.contains(*class));
            let (&place, class) = heads.next()?;
            return Some(Found { place, class, next: heads.next().map(|(next, _)| *next) });
        };
        let mut first = self.in_order.range(behind).take(IN_ORDER).filter(|(_, class)| look.takes(class));
        if let Some((&place, class)) = first.find(|(_, class)| !short.contains(*class)) {
            // Whoever comes next: where it does not fit, the same class is found again.
            let next = self.in_order.range((Bound::Excluded(place), Bound::Unbounded)).next();
            return Some(Found { place, class, next: next.map(|(next, _)| *next) });
        }
        let places = self.fitting(space).flat_map(|places| self.waiting(places, behind, short));
        let (mut first, mut second) = (None, None);
        for place in places.chain(self.waiting(&self.gangs, behind, short)) {
            if first.is_none_or(|first| place < first) {
                second = first.replace(place);
            } else if second.is_none_or(|second| place < second) {
                second = Some(place);
            }
        }
        let (&place, class) = self.in_order.get_key_value(&first?)?;
        Some(Found { place, class, next: second })
    }

    /// The places of single jobs that a host may have room for, by what they ask for.
    fn fitting(&self, space: &Space) -> impl Iterator<Item = &BTreeSet<P>> {
        let most = Resources { vcpu_milli: space.most_vcpu_milli(), memory_mib: u64::MAX, gpus: u64::MAX };
        let small = self.singles.range(..=most);
        small.filter(|(each, _)| !space.is_too_full_for(&Shape::Single(**each))).map(|(_, places)| places)
    }

    /// The first two of those places.
    fn waiting(
        &self,
        places: &BTreeSet<P>,
        behind: (Bound<P>, Bound<P>),
        short: &BTreeSet<Arc<ClassKey>>,
    ) -> impl Iterator<Item = P> {
        let waits = |place: &&P| self.in_order.get(*place).is_some_and(|class| !short.contains(class));
        places.range(behind).filter(waits).take(2).copied()
    }
}

#[cfg(test)]
mod tests;
