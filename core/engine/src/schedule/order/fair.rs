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
use crate::ready::{ClassKey, Found, Look, Place, ReadyQueue, SharePlace};
use crate::schedule::reserve::Room;
use crate::shares::{Share, Standing};
use longshore_types::{Name, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub(in crate::schedule) struct Walk {
    /// The shares that something waits in, by name.
    lanes: Vec<Lane>,
    /// The same in order, with the place of its first entry; without the share whose turn it is.
    line: BTreeSet<(u128, Place, usize)>,
    /// The share whose turn it is.
    turn_of: Option<usize>,
    /// The class whose first entry has a place reserved, part of which is kept idle for it.
    reserved: Option<Arc<ClassKey>>,
    /// Classes that are short though their heads are still to come: nothing more of them is looked at in this step.
    short: BTreeSet<Arc<ClassKey>>,
    /// What may be started before what is kept is touched.
    room: Room,
    /// Whether it was touched: what is left waits, whether it fits or not.
    kept: bool,
}

/// A share that something waits in.
#[derive(Clone, Debug)]
struct Lane {
    share: Arc<str>,
    standing: Standing,
    /// Every head up to here belongs to a class that is short.
    passed: Option<SharePlace>,
}

impl Walk {
    pub(super) fn new(engine: &Engine, now: Timestamp, (queue, policy): (&Name, &FairShare)) -> Self {
        let ready = engine.ready.get(queue);
        let waiting = ready.into_iter().flat_map(|ready| standings(engine, now, queue, ready));
        let lane = |(share, standing): (&Arc<str>, Standing)| Lane { share: Arc::clone(share), standing, passed: None };
        let room = Room::of(engine, now, (queue, policy));
        let mut walk = Self {
            lanes: waiting.map(lane).collect(),
            line: BTreeSet::new(),
            turn_of: None,
            reserved: reserved(engine, queue, room),
            short: BTreeSet::new(),
            room,
            kept: false,
        };
        if let Some(ready) = ready {
            (0..walk.lanes.len()).for_each(|lane| walk.line_up(ready, lane));
        }
        walk
    }

    pub(super) fn next(&mut self, queue: &ReadyQueue, look: Look<'_>) -> Option<Turn> {
        if let Some(class) = self.reserved.take() {
            let head = *queue.classes().get(&class)?.entries.first_key_value()?.0;
            return Some(Turn { class, head, until: None, most: 1 });
        }
        if let Some(lane) = self.turn_of.take() {
            self.line_up(queue, lane);
        }
        let (lane, turn) = self.next_lane(queue, look)?;
        let most = self.turns(lane, &turn.class);
        self.turn_of = Some(lane);
        self.within_room(Turn { most, ..turn })
    }

    /// The next share in the line with what comes first in it. One in which nothing is left to be looked at has no turn.
    fn next_lane(&mut self, queue: &ReadyQueue, look: Look<'_>) -> Option<(usize, Turn)> {
        while let Some((weighted, place, lane)) = self.line.pop_first() {
            let Lane { share, passed, .. } = &self.lanes[lane];
            let heads = queue.shares().get(share);
            let found = heads.and_then(|heads| heads.next(*passed, look, &self.short));
            let Some(Found { place: first, class, next }) = found else { continue };
            if first.place > place {
                // Those before it do not fit: it comes when it would have come after them.
                self.line.insert((weighted, first.place, lane));
                continue;
            }
            let until = next.filter(|next| next.priority == first.priority).map(|next| next.place);
            return Some((lane, Turn { class: Arc::clone(class), head: first.place, until, most: u32::MAX }));
        }
        None
    }

    /// Whether nobody is left because everybody was looked at.
    pub(super) const fn is_over(&self) -> bool {
        !self.kept
    }

    pub(super) fn started(&mut self, turn: &Turn, jobs: u32) {
        let milli = turn.class.shape.vcpu_milli().saturating_mul(u64::from(jobs));
        self.room.start(milli);
        let share = turn.class.share.as_deref().unwrap_or_default();
        if let Ok(lane) = self.lanes.binary_search_by(|lane| (*lane.share).cmp(share)) {
            let standing = &mut self.lanes[lane].standing;
            *standing = standing.plus(milli);
        }
    }

    pub(super) fn pass(&mut self, turn: &Turn, placed: u32) {
        // Before the head that has a place reserved, there may be others of its share.
        if placed > 0 || self.turn_of.is_none() {
            self.short.insert(Arc::clone(&turn.class));
        }
        if let Some(lane) = self.turn_of {
            self.lanes[lane].passed = Some(SharePlace::of(&turn.class, turn.head));
        }
    }

    pub(super) fn reserved(&mut self, turn: &Turn) {
        self.room.take(turn.class.shape.vcpu_milli());
    }

    /// Gives a share its place in the line, if something of it is left to be looked at.
    fn line_up(&mut self, queue: &ReadyQueue, lane: usize) {
        let Lane { share, standing, passed } = &self.lanes[lane];
        let heads = queue.shares().get(share);
        if let Some(found) = heads.and_then(|heads| heads.next(*passed, Look::All, &self.short)) {
            self.line.insert((standing.weighted(), found.place.place, lane));
        }
    }

    /// How many jobs of a class its share may start before another's turn comes.
    fn turns(&self, lane: usize, class: &ClassKey) -> u32 {
        let own = self.lanes[lane].standing;
        let next = self.line.first().map(|(_, _, next)| self.lanes[*next].standing);
        next.map_or(u32::MAX, |next| own.turns_before(next, class.shape.vcpu_milli()))
    }

    /// As much of a turn as leaves what is kept for others untouched (`FSS-4`).
    fn within_room(&mut self, turn: Turn) -> Option<Turn> {
        let most = self.room.admits(turn.class.shape.vcpu_milli());
        self.kept |= most == 0;
        (most > 0).then_some(Turn { most: most.min(turn.most), ..turn })
    }
}

/// Whose turn it is first: what [`Walk::next`] would say, without the preparations for those who come after.
pub(super) fn first<'a>(
    engine: &'a Engine,
    now: Timestamp,
    (queue, policy): (&Name, &FairShare),
    ready: &'a ReadyQueue,
) -> Option<(Place, &'a Arc<ClassKey>)> {
    let room = Room::of(engine, now, (queue, policy));
    let first = match reserved(engine, queue, room) {
        Some(class) => {
            let (class, entries) = ready.classes().get_key_value(&class)?;
            Some((*entries.entries.first_key_value()?.0, class))
        }
        None => {
            // Of equals the first by name, as in the line.
            let first = in_line(engine, now, queue).min_by_key(|(weighted, place, ..)| (*weighted, *place));
            first.map(|(_, place, class, _)| (place, class))
        }
    };
    first.filter(|(_, class)| room.admits(class.shape.vcpu_milli()) > 0)
}

/// Until when [`first`] stays the same if nothing of the queue changes, that moment not included.
pub(super) fn first_until(engine: &Engine, now: Timestamp, (queue, policy): (&Name, &FairShare)) -> Timestamp {
    match reserved(engine, queue, Room::of(engine, now, (queue, policy))) {
        Some(_) => Timestamp::MAX,
        None => line_until(engine, now, queue),
    }
}

/// Until when the shares that something waits in stay in their order. What they have used grows evenly until the present
/// period ends, so one passes another when it has used as little and grows more slowly.
pub(super) fn line_until(engine: &Engine, now: Timestamp, queue: &Name) -> Timestamp {
    let line = line(engine, now, queue);
    let passed = |pair: &[(u128, Place, &Share)]| {
        let [(least, _, first), (more, _, next)] = pair else { return None };
        let nearer = first.growth(now).checked_sub(next.growth(now)).filter(|nearer| *nearer > 0)?;
        Some(now.plus_ms(u64::try_from((more - least).div_ceil(nearer)).ok()?))
    };
    let ends = line.iter().map(|(.., share)| share.grows_until(now));
    line.windows(2).filter_map(passed).chain(ends).min().unwrap_or(now)
}

/// The shares that something waits in, in order: what each has used, weighted, and the place of its first entry.
pub(in crate::schedule) fn line<'a>(engine: &'a Engine, now: Timestamp, queue: &Name) -> Vec<(u128, Place, &'a Share)> {
    let entries = in_line(engine, now, queue).map(|(weighted, place, _, share)| (weighted, place, share));
    let mut line: Vec<(u128, Place, &Share)> = entries.collect();
    line.sort_unstable_by_key(|(weighted, place, _)| (*weighted, *place));
    line
}

/// The shares that something waits in, by name: what each has used, weighted, and the first that waits in it.
fn in_line<'a>(
    engine: &'a Engine,
    now: Timestamp,
    queue: &Name,
) -> impl Iterator<Item = (u128, Place, &'a Arc<ClassKey>, &'a Share)> + use<'a> {
    let known = engine.shares.of_queue(queue);
    engine.ready.get(queue).into_iter().flat_map(ReadyQueue::shares).filter_map(move |(share, heads)| {
        let share = known?.get(share)?;
        let (first, class) = heads.first()?;
        Some((share.standing(now).weighted(), first.place, class, share))
    })
}

/// Where each share stands that something waits in, by name.
fn standings<'a>(
    engine: &Engine,
    now: Timestamp,
    queue: &Name,
    ready: &'a ReadyQueue,
) -> impl Iterator<Item = (&'a Arc<str>, Standing)> {
    let known = engine.shares.of_queue(queue);
    ready.shares().keys().filter_map(move |share| Some((share, known?.get(share)?.standing(now))))
}

/// The class whose first entry has a place reserved since an earlier step, part of which is kept idle for it. One that would
/// touch what is kept for others stands in the line as everybody does.
pub(super) fn reserved(engine: &Engine, queue: &Name, room: Room) -> Option<Arc<ClassKey>> {
    let held = engine.reservations.get(queue).filter(|held| held.keeps_idle)?;
    let entries = engine.ready.get(queue)?.classes().get(&held.class)?;
    let first = *entries.entries.first_key_value()?.1;
    let waits = entries.label.is_none() && engine.first_of(first) == Some(held.job);
    let admitted = room.admits(held.class.shape.vcpu_milli()) > 0;
    (waits && admitted).then(|| Arc::clone(&held.class))
}
