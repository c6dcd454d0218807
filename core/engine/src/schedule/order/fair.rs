//! Fair share: of the shares in which something waits, the one that has used least goes first, its use counted with its
//! weight (`FSS-1`, `FSS-5`); inside a share the highest scheduling priority, then first in, first out. Every start counts
//! at once, so within one step shares take turns as their weights say.
//!
//! Two things stand above that order. A job for which something is kept idle, because it needs more than has come free, is
//! served first, so that it starts once its place is free, whoever has used least by then. And a part of the queue's vCPUs
//! is kept for shares that are not active yet (`FSS-4`): when the next in line would touch it, the queue waits, but for a
//! job that nothing of its queue runs beside.

use super::Turn;
use crate::engine::Engine;
use crate::entity::FairShare;
use crate::ready::{ClassKey, Place, ReadyQueue, SharePlace};
use crate::shares::Standing;
use longshore_types::{Name, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub(in crate::schedule) struct Walk {
    /// Where each share stands that something waits in.
    standings: BTreeMap<String, Standing>,
    /// The same in order, with the place of its first entry; without the share whose turn it is.
    line: BTreeSet<(u128, Place, String)>,
    /// The share whose turn it is.
    turn_of: Option<String>,
    /// The class whose first entry has a place reserved, part of which is kept idle for it.
    reserved: Option<Arc<ClassKey>>,
    /// Classes that are short though their heads are still to come: nothing more of them is looked at in this step.
    short: BTreeSet<Arc<ClassKey>>,
    /// By share: every head up to here belongs to a class that is short.
    passed: BTreeMap<String, SharePlace>,
    /// Milli-vCPU that may be started before what is kept is touched; without it nothing is kept.
    room: Option<u64>,
    /// Whether nothing of the queue runs.
    idle: bool,
}

impl Walk {
    pub(super) fn new(engine: &Engine, now: Timestamp, (queue, policy): (&Name, &FairShare)) -> Self {
        let waiting = engine.ready.get(queue).into_iter().flat_map(|ready| ready.shares().keys());
        let standing = |share: &String| Some((share.clone(), engine.shares.get(queue, share)?.standing(now)));
        let standings: BTreeMap<String, Standing> = waiting.filter_map(standing).collect();
        let used: u64 = engine.shares.of(queue).map(|(_, share)| share.running_milli).sum();
        let mut walk = Self {
            standings,
            line: BTreeSet::new(),
            turn_of: None,
            reserved: reserved(engine, queue),
            short: BTreeSet::new(),
            passed: BTreeMap::new(),
            room: super::super::reserve::limit_milli(engine, now, (queue, policy))
                .map(|most| most.saturating_sub(used)),
            idle: used == 0,
        };
        if let Some(ready) = engine.ready.get(queue) {
            let shares: Vec<String> = walk.standings.keys().cloned().collect();
            shares.into_iter().for_each(|share| walk.line_up(ready, share));
        }
        walk
    }

    pub(super) fn next(&mut self, queue: &ReadyQueue) -> Option<Turn> {
        if let Some(class) = self.reserved.take() {
            let head = *queue.classes().get(&class)?.entries.first_key_value()?.0;
            return self.within_room(Turn { class, head, until: None, most: 1 });
        }
        if let Some(share) = self.turn_of.take() {
            self.line_up(queue, share);
        }
        let (share, turn) = self.next_share(queue)?;
        let most = self.turns(&share, &turn.class);
        self.turn_of = Some(share);
        self.within_room(Turn { most, ..turn })
    }

    /// The next share in the line with what comes first in it. One in which nothing is left to be looked at has no turn:
    /// what it waits with is of the class that was served first.
    fn next_share(&mut self, queue: &ReadyQueue) -> Option<(String, Turn)> {
        while let Some((_, _, share)) = self.line.pop_first() {
            let mut heads = self.heads(queue, &share);
            let Some((first, class)) = heads.next() else { continue };
            let peer = heads.next().filter(|(next, _)| next.priority == first.priority);
            let until = peer.map(|(next, _)| next.place);
            let turn = Turn { class: Arc::clone(class), head: first.place, until, most: u32::MAX };
            drop(heads);
            return Some((share, turn));
        }
        None
    }

    pub(super) fn started(&mut self, turn: &Turn, jobs: u32) {
        let milli = turn.class.shape.vcpu_milli().saturating_mul(u64::from(jobs));
        self.idle &= jobs == 0;
        self.take_room(milli);
        if let Some(standing) = turn.class.share.as_ref().and_then(|share| self.standings.get_mut(share)) {
            *standing = standing.plus(milli);
        }
    }

    pub(super) fn pass(&mut self, turn: &Turn, placed: u32) {
        // Before the head that has a place reserved, there may be others of its share.
        if placed > 0 || self.turn_of.is_none() {
            self.short.insert(Arc::clone(&turn.class));
        }
        if let Some(share) = &self.turn_of {
            let place = SharePlace::of(&turn.class, turn.head);
            match self.passed.get_mut(share) {
                Some(passed) => *passed = place,
                None => drop(self.passed.insert(share.clone(), place)),
            }
        }
    }

    pub(super) fn reserved(&mut self, turn: &Turn) {
        self.take_room(turn.class.shape.vcpu_milli());
    }

    fn take_room(&mut self, milli: u64) {
        self.room = self.room.map(|room| room.saturating_sub(milli));
    }

    /// Gives a share its place in the line, if something of it is left to be looked at.
    fn line_up(&mut self, queue: &ReadyQueue, share: String) {
        let first = self.heads(queue, &share).next().map(|(first, _)| first.place);
        if let (Some(place), Some(standing)) = (first, self.standings.get(&share)) {
            self.line.insert((standing.weighted(), place, share));
        }
    }

    /// The heads of a share that are left to be looked at.
    fn heads<'a>(
        &'a self,
        queue: &'a ReadyQueue,
        share: &str,
    ) -> impl Iterator<Item = (SharePlace, &'a Arc<ClassKey>)> + use<'a> {
        let from = self.passed.get(share).map_or(Bound::Unbounded, |passed| Bound::Excluded(*passed));
        let heads = queue.shares().get(share).into_iter().flat_map(move |heads| heads.range((from, Bound::Unbounded)));
        heads.filter(|(_, class)| !self.short.contains(*class)).map(|(place, class)| (*place, class))
    }

    /// How many jobs of a class its share may start before another's turn comes.
    fn turns(&self, share: &str, class: &ClassKey) -> u32 {
        let own = self.standings.get(share);
        let next = self.line.first().and_then(|(_, _, next)| self.standings.get(next));
        match (own, next) {
            (Some(own), Some(next)) => own.turns_before(*next, class.shape.vcpu_milli()),
            _ => u32::MAX,
        }
    }

    /// As much of a turn as leaves what is kept for others untouched (`FSS-4`).
    fn within_room(&self, turn: Turn) -> Option<Turn> {
        let Some(room) = self.room else { return Some(turn) };
        let fits = room.checked_div(turn.class.shape.vcpu_milli()).unwrap_or(u64::MAX);
        let most = u32::try_from(fits).unwrap_or(u32::MAX).max(u32::from(self.idle));
        (most > 0).then_some(Turn { most: most.min(turn.most), ..turn })
    }
}

/// The class whose first entry has a place reserved since an earlier step, part of which is kept idle for it.
pub(super) fn reserved(engine: &Engine, queue: &Name) -> Option<Arc<ClassKey>> {
    let held = engine.reservations.get(queue).filter(|held| held.keeps_idle)?;
    let job = engine.job(held.job.job())?;
    let (class, entries) = engine.ready.get(queue)?.classes().get_key_value(&ClassKey::of(job))?;
    let first = *entries.entries.first_key_value()?.1;
    let waits = entries.label.is_none() && engine.first_of(first) == Some(held.job);
    waits.then(|| Arc::clone(class))
}
