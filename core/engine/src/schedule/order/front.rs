//! The front of a queue as it would be served if everything fitted: what GetJobQueueSnapshot and explanations show.

use super::fair;
use crate::engine::Engine;
use crate::entity::FairShare;
use crate::ready::{ClassKey, Heads, Place, Ready, ReadyQueue, SharePlace};
use crate::schedule::reserve::Room;
use crate::shares::Standing;
use longshore_types::{Name, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

/// Jobs that are served one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Served {
    pub(crate) entry: Ready,
    /// Of an array's fresh children: how many of them are served before.
    pub(crate) first: u32,
    /// How many they are.
    pub(crate) count: u32,
}

/// What is served next, as things are now: at least `most` jobs, if there are so many.
pub(crate) fn front(engine: &Engine, now: Timestamp, queue: &Name, most: u32) -> Vec<Served> {
    let Some(ready) = engine.ready.get(queue) else { return Vec::new() };
    match engine.fair_share(queue) {
        None => by_place(engine, ready, most),
        Some(policy) => Shares::new(engine, now, (queue, policy, ready), most).front(most),
    }
}

fn by_place(engine: &Engine, ready: &ReadyQueue, most: u32) -> Vec<Served> {
    let heads = ready.heads().iter().take(most as usize);
    let mut heads: BTreeMap<Place, &ClassKey> = heads.map(|(place, class)| (place, &**class)).collect();
    let mut front = Vec::new();
    let mut jobs: u32 = 0;
    while jobs < most
        && let Some((place, class)) = heads.pop_first()
    {
        let Some(entry) = entry(ready, class, place) else { continue };
        let count = count_of(engine, entry);
        front.push(Served { entry, first: 0, count });
        jobs = jobs.saturating_add(count);
        heads.extend(after(ready, class, place).map(|next| (next, class)));
    }
    front
}

/// The shares of a queue while they are served in thought.
struct Shares<'a> {
    engine: &'a Engine,
    ready: &'a ReadyQueue,
    shares: BTreeMap<&'a str, Waiting<'a>>,
    line: BTreeSet<(u128, Place, &'a str)>,
    /// What is served first: a place is reserved for it.
    reserved: Option<&'a str>,
}

struct Waiting<'a> {
    standing: Standing,
    heads: BTreeMap<SharePlace, &'a ClassKey>,
    /// Children of the first entry that were served.
    served: u32,
}

impl<'a> Shares<'a> {
    fn new(
        engine: &'a Engine,
        now: Timestamp,
        (queue, policy, ready): (&Name, &FairShare, &'a ReadyQueue),
        most: u32,
    ) -> Self {
        let waiting = |(share, heads): (&'a Arc<str>, &'a Heads<SharePlace>)| {
            let standing = engine.shares.get(queue, share)?.standing(now);
            let heads = heads.iter().take(most as usize).map(|(place, class)| (place, &**class)).collect();
            Some((&**share, Waiting { standing, heads, served: 0 }))
        };
        let shares = ready.shares().iter().filter_map(waiting).collect();
        let room = Room::of(engine, now, (queue, policy));
        let reserved = fair::reserved(engine, queue, room).and_then(|class| {
            let (share, heads) = ready.shares().get_key_value(class.share.as_ref()?)?;
            heads.first().is_some_and(|(_, first)| *first == class).then_some(&**share)
        });
        let mut line = Self { engine, ready, shares, line: BTreeSet::new(), reserved };
        let names: Vec<&str> = line.shares.keys().copied().collect();
        names.into_iter().for_each(|share| line.line_up(share));
        line
    }

    fn front(mut self, most: u32) -> Vec<Served> {
        let mut front = Vec::new();
        let mut jobs: u32 = 0;
        while jobs < most
            && let Some((share, turns)) = self.next()
        {
            let served = self.serve(share, turns.min(most - jobs));
            jobs = jobs.saturating_add(served.map_or(0, |served| served.count));
            front.extend(served);
            self.line_up(share);
        }
        front
    }

    /// The share whose turn it is, and how many jobs it may start.
    fn next(&mut self) -> Option<(&'a str, u32)> {
        if let Some(share) = self.reserved.take() {
            self.line.retain(|(_, _, other)| *other != share);
            return Some((share, 1));
        }
        let (_, _, share) = self.line.pop_first()?;
        let own = self.shares.get(share)?;
        let milli = own.heads.values().next()?.shape.vcpu_milli();
        let next = self.line.first().and_then(|(_, _, next)| self.shares.get(next));
        Some((share, next.map_or(u32::MAX, |next| own.standing.turns_before(next.standing, milli))))
    }

    /// Serves so many of the first entry of a share.
    fn serve(&mut self, share: &str, turns: u32) -> Option<Served> {
        let waiting = self.shares.get_mut(share)?;
        let (&place, &class) = waiting.heads.first_key_value()?;
        let entry = entry(self.ready, class, place.place)?;
        let all = count_of(self.engine, entry);
        let (first, count) = (waiting.served, turns.min(all.saturating_sub(waiting.served)));
        waiting.served += count;
        waiting.standing = waiting.standing.plus(class.shape.vcpu_milli().saturating_mul(u64::from(count)));
        if waiting.served >= all {
            waiting.served = 0;
            waiting.heads.remove(&place);
            let next = after(self.ready, class, place.place);
            waiting.heads.extend(next.map(|next| (SharePlace::of(class, next), class)));
        }
        Some(Served { entry, first, count })
    }

    fn line_up(&mut self, share: &'a str) {
        let Some(waiting) = self.shares.get(share) else { return };
        if let Some((first, _)) = waiting.heads.first_key_value() {
            self.line.insert((waiting.standing.weighted(), first.place, share));
        }
    }
}

fn entry(ready: &ReadyQueue, class: &ClassKey, place: Place) -> Option<Ready> {
    ready.classes().get(class)?.entries.get(&place).copied()
}

/// The place of the next entry of the class.
fn after(ready: &ReadyQueue, class: &ClassKey, place: Place) -> Option<Place> {
    let entries = &ready.classes().get(class)?.entries;
    entries.range((Bound::Excluded(place), Bound::Unbounded)).next().map(|(next, _)| *next)
}

/// How many jobs an entry stands for.
fn count_of(engine: &Engine, entry: Ready) -> u32 {
    match entry {
        Ready::One(_) => 1,
        Ready::Fresh(id) => engine.children.get(&id).map_or(0, |children| children.fresh),
    }
}
