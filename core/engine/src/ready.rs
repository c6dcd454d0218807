//! What is RUNNABLE in one queue, by class: entries that ask for the same are one class, in order inside it. Placement
//! looks at the heads of classes, so its work does not grow with the length of a queue.

mod heads;

pub(crate) use heads::{Found, Heads, Look};

use crate::engine::Engine;
use crate::entity::{Job, JobSpec, Run};
use longshore_placement::{Member, Shape};
use longshore_types::{JobId, JobRef, Name};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The place of an entry in its queue: retried jobs first (`RTY-2`), then by submission (`SCH-1`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// 0 for a retry, 1 for a first attempt.
    pub(crate) rank: u8,
    /// The job's order of submission.
    pub(crate) seq: u64,
    /// 0 for a job or an array's fresh children, else the child's index + 1.
    pub(crate) part: u64,
}

impl Place {
    /// Before every other.
    pub(crate) const FIRST: Self = Self { rank: 0, seq: 0, part: 0 };

    /// Of a job or child with a life of its own: retries go first (`RTY-2`).
    pub(crate) fn of(run: &Run, seq: u64, index: Option<u32>) -> Self {
        let rank = u8::from(run.attempts.is_empty());
        Self { rank, seq, part: index.map_or(0, |index| u64::from(index) + 1) }
    }

    /// Of an array's fresh children.
    pub(crate) const fn fresh(seq: u64) -> Self {
        Self { rank: 1, seq, part: 0 }
    }
}

/// The place of an entry in its share of a queue: the highest scheduling priority first, then as in any queue (`FSS-5`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SharePlace {
    /// The scheduling priority.
    pub(crate) priority: Reverse<i64>,
    /// The place in the queue.
    pub(crate) place: Place,
}

impl SharePlace {
    /// Of an entry of a class.
    pub(crate) fn of(class: &ClassKey, place: Place) -> Self {
        Self { priority: Reverse(class.priority.unwrap_or(0)), place }
    }
}

/// An entry of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ready {
    /// One job or child.
    One(JobRef),
    /// Every RUNNABLE child of the array that has no row of its own, in index order.
    Fresh(JobId),
}

/// What entries of a class have in common: all that placement and the order of service ask about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClassKey {
    /// What one of them asks of hosts. It comes first because it tells most classes apart, and without a look at text.
    pub(crate) shape: Shape,
    /// `shareIdentifier`.
    pub(crate) share: Option<Arc<str>>,
    /// The scheduling priority.
    pub(crate) priority: Option<i64>,
    /// What one of them takes of consumable resources, by name (`CR-2`).
    pub(crate) consumables: Vec<(Name, u64)>,
}

impl ClassKey {
    /// The class of a job, or of the children of an array.
    pub(crate) fn of(job: &Job) -> Self {
        Self {
            share: job.share_identifier.clone(),
            priority: job.scheduling_priority,
            shape: shape(job),
            consumables: needs(&job.spec),
        }
    }
}

/// What one of them asks of hosts: a place for every node, or one place (`SCH-5`).
fn shape(job: &Job) -> Shape {
    let Some(nodes) = job.spec.nodes() else { return Shape::Single(job.spec.demand) };
    let member = |(each, count)| Member { each, count };
    Shape::Gang(nodes.demands().into_iter().map(member).collect())
}

/// What one of them takes of consumable resources, by name; a job with several nodes takes it once (`MNP-11`).
fn needs(spec: &JobSpec) -> Vec<(Name, u64)> {
    let mut needs: Vec<(Name, u64)> =
        spec.consumables.iter().map(|need| (need.resource.clone(), need.quantity)).collect();
    needs.sort_unstable();
    needs
}

/// The entries of one class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Class {
    /// In order.
    pub(crate) entries: BTreeMap<Place, Ready>,
    /// Why no host could hold them even if it were empty. Such a class is set aside and blocks nobody, unless the queue is
    /// strict.
    pub(crate) label: Option<&'static str>,
    /// Entries from here on may not carry the label as their status reason yet.
    pub(crate) unlabelled_from: Option<Place>,
    /// Entries before `unlabelled_from` that do not either: they came later.
    pub(crate) late: BTreeSet<Place>,
    /// The last service of the queue in which it was found to be short; zero before the first.
    short_in: u64,
    /// The service after which it came into being.
    since: u64,
}

/// The RUNNABLE part of one queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ReadyQueue {
    classes: BTreeMap<Arc<ClassKey>, Class>,
    /// The first entry of every class that has a turn.
    heads: Heads<Place>,
    /// The same of classes with a share identifier, by share.
    shares: BTreeMap<Arc<str>, Heads<SharePlace>>,
    /// Classes that placement has to judge before it looks at them: they are new, or the fleet has changed.
    unjudged: BTreeSet<Arc<ClassKey>>,
    /// Classes with entries that may not carry their label.
    unlabelled: BTreeSet<Arc<ClassKey>>,
    /// How many classes take something of which consumable resource.
    consumables: BTreeMap<Name, usize>,
    /// Whether what can never be placed keeps its turn all the same, as in AWS.
    strict: bool,
    /// How often placement has served the queue. Classes that it finds to be short then stay so until something is given
    /// back.
    service: u64,
    /// Whether that was so then of every class that has a turn.
    all_short: bool,
    /// Whether something has come since then that is of no such class.
    arrived: bool,
    /// How often another entry has become the first of its class.
    changes: u64,
}

impl ReadyQueue {
    /// Empty. In a strict one nothing is set aside: what can never be placed blocks those behind it (`SCH-1`).
    pub(crate) fn new(strict: bool) -> Self {
        Self { strict, ..Self::default() }
    }

    /// Every class.
    pub(crate) const fn classes(&self) -> &BTreeMap<Arc<ClassKey>, Class> {
        &self.classes
    }

    /// The first entry of every class that has a turn.
    pub(crate) const fn heads(&self) -> &Heads<Place> {
        &self.heads
    }

    /// The first entry of every class of a share that may be placed; none is empty.
    pub(crate) const fn shares(&self) -> &BTreeMap<Arc<str>, Heads<SharePlace>> {
        &self.shares
    }

    /// Grows whenever some class has another head, or none any more.
    pub(crate) const fn changes(&self) -> u64 {
        self.changes
    }

    /// Whether something has come that placement may have room for.
    pub(crate) const fn has_arrived(&self) -> bool {
        self.arrived
    }

    /// Placement serves the queue from its head on.
    pub(crate) fn begin(&mut self) {
        self.service += 1;
        self.arrived = false;
        self.all_short = false;
    }

    /// Nothing more of anything fits.
    pub(crate) const fn pass_all(&mut self) {
        self.all_short = true;
    }

    /// Nothing more of a class fits.
    pub(crate) fn pass(&mut self, key: &Arc<ClassKey>) {
        if let Some(class) = self.classes.get_mut(key) {
            class.short_in = self.service;
        }
    }

    /// Every consumable resource that some class takes something of, whether it exists or not.
    pub(crate) fn consumables(&self) -> impl Iterator<Item = &Name> {
        self.consumables.keys()
    }

    /// Adds an entry.
    pub(crate) fn insert(&mut self, key: ClassKey, place: Place, ready: Ready) {
        let key = match self.classes.get_key_value(&key) {
            Some((known, _)) => Arc::clone(known),
            None => Arc::new(key),
        };
        let known = self.classes.contains_key(&key);
        let new = || Class { since: self.service, ..Class::default() };
        let class = self.classes.entry(Arc::clone(&key)).or_insert_with(new);
        let before = class.head(self.strict);
        class.entries.insert(place, ready);
        if class.label.is_some() && class.unlabelled_from.is_none_or(|from| place < from) {
            class.late.insert(place);
            self.unlabelled.insert(Arc::clone(&key));
        }
        let in_vain = self.all_short && class.since < self.service && class.label.is_none();
        let is_short = class.short_in == self.service || in_vain;
        self.arrived |= self.service == 0 || !is_short;
        if !known {
            self.unjudged.insert(Arc::clone(&key));
            for (name, _) in &key.consumables {
                *self.consumables.entry(name.clone()).or_default() += 1;
            }
        }
        self.move_head(&key, before);
    }

    /// Removes an entry.
    pub(crate) fn remove(&mut self, key: &ClassKey, place: Place) {
        let Some((key, class)) = self.classes.get_key_value(key).map(|(key, _)| Arc::clone(key)).and_then(|key| {
            let class = self.classes.get_mut(&key)?;
            Some((key, class))
        }) else {
            return;
        };
        let before = class.head(self.strict);
        class.entries.remove(&place);
        class.late.remove(&place);
        self.move_head(&key, before);
        if self.classes.get(&key).is_some_and(|class| class.entries.is_empty()) {
            self.classes.remove(&key);
            self.unjudged.remove(&key);
            self.unlabelled.remove(&key);
            key.consumables.iter().for_each(|(name, _)| self.forget_consumable(name));
        }
    }

    fn forget_consumable(&mut self, name: &Name) {
        if let Some(classes) = self.consumables.get_mut(name) {
            *classes -= 1;
            if *classes == 0 {
                self.consumables.remove(name);
            }
        }
    }

    /// Has every class judged again: capacity or eligibility has changed.
    pub(crate) fn unblock(&mut self) {
        self.unjudged = self.classes.keys().cloned().collect();
    }

    /// A class to be judged.
    pub(crate) fn take_unjudged(&mut self) -> Option<Arc<ClassKey>> {
        self.unjudged.pop_first()
    }

    /// The judgement: why no host could ever hold the class, or that one could.
    pub(crate) fn judge(&mut self, key: &Arc<ClassKey>, label: Option<&'static str>) {
        let Some(class) = self.classes.get_mut(key) else { return };
        if class.label == label {
            return;
        }
        let before = class.head(self.strict);
        class.label = label;
        class.unlabelled_from = Some(Place::FIRST);
        class.late.clear();
        self.unlabelled.insert(Arc::clone(key));
        self.move_head(key, before);
    }

    /// Start-up found an entry that carries a label: the class had it, though perhaps not every entry was written.
    pub(crate) fn adopt(&mut self, key: &ClassKey, label: &'static str) {
        let key = self.classes.get_key_value(key).map(|(key, _)| Arc::clone(key));
        if let Some(key) = key {
            self.judge(&key, Some(label));
        }
    }

    /// An entry that may not carry the label of its class as its status reason, and the label; each is handed out once.
    pub(crate) fn take_unlabelled(&mut self) -> Option<(Ready, Option<&'static str>)> {
        loop {
            let key = Arc::clone(self.unlabelled.first()?);
            let class = self.classes.get_mut(&key)?;
            if let Some(place) = class.late.pop_first() {
                return class.entries.get(&place).map(|ready| (*ready, class.label));
            }
            let next = class.unlabelled_from.and_then(|from| class.entries.range(from..).next());
            if let Some((place, ready)) = next.map(|(place, ready)| (*place, *ready)) {
                class.unlabelled_from = Some(Place { part: place.part + 1, ..place });
                return Some((ready, class.label));
            }
            class.unlabelled_from = None;
            self.unlabelled.remove(&key);
        }
    }

    fn move_head(&mut self, key: &Arc<ClassKey>, before: Option<Place>) {
        let after = self.classes.get(key).and_then(|class| class.head(self.strict));
        if before != after {
            self.changes += 1;
            if let Some(before) = before {
                self.heads.remove(&before);
            }
            if let Some(after) = after {
                self.heads.insert(after, Arc::clone(key));
            }
            self.move_share_head(key, before, after);
        }
    }

    fn move_share_head(&mut self, key: &Arc<ClassKey>, before: Option<Place>, after: Option<Place>) {
        let Some(share) = &key.share else { return };
        if let Some(before) = before
            && let Some(heads) = self.shares.get_mut(share)
        {
            heads.remove(&SharePlace::of(key, before));
            if heads.is_empty() && after.is_none() {
                self.shares.remove(share);
            }
        }
        if let Some(after) = after {
            let heads = self.shares.entry(Arc::clone(share)).or_default();
            heads.insert(SharePlace::of(key, after), Arc::clone(key));
        }
    }
}

impl Class {
    /// The first entry that has a turn.
    fn head(&self, strict: bool) -> Option<Place> {
        let first = || self.entries.first_key_value().map(|(place, _)| *place);
        if self.label.is_some() && !strict { None } else { first() }
    }
}

impl Engine {
    /// The job or child that an entry starts with.
    pub(crate) fn first_of(&self, ready: Ready) -> Option<JobRef> {
        match ready {
            Ready::One(reference) => Some(reference),
            Ready::Fresh(id) => {
                let index = self.children.get(&id)?.fresh_from_first().next()?;
                Some(JobRef::Child(id, index))
            }
        }
    }
}

#[cfg(test)]
mod tests;
