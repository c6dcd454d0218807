//! The shares of queues with a fair-share policy, in memory: who is active, what each uses now and has used lately
//! (`FSS-2`, `FSS-3`). Pure bookkeeping: whose turn it is, is decided in `schedule/order`.

mod usage;

use crate::entity::{FairShare, ShareUsage, Usage};
use longshore_types::{Name, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A share of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    /// Jobs that have not ended.
    pub(crate) jobs: u64,
    /// Milli-vCPU that its attempts use now.
    pub(crate) running_milli: u64,
    /// How many times its use counts, in the units of a policy's weights (`FSS-1`).
    weight: u64,
    usage: Usage,
    /// When its last job ended, while it has none.
    left_at: Option<Timestamp>,
}

/// What decides whose turn it is: the less, the sooner (`FSS-5`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    weight: u64,
    /// What has been used in the window, and what starts to be used.
    used: u128,
    /// What one milli-vCPU counts when it starts to be used.
    at_start: u128,
}

impl Standing {
    /// Weighted use.
    pub(crate) fn weighted(self) -> u128 {
        self.used * u128::from(self.weight)
    }

    /// Once so many milli-vCPU more are in use.
    pub(crate) fn plus(self, milli: u64) -> Self {
        Self { used: self.used + u128::from(milli) * self.at_start, ..self }
    }

    /// How often so many milli-vCPU can be added before it has used more than `other`; at least once.
    pub(crate) fn turns_before(self, other: Self, milli: u64) -> u32 {
        let behind = other.weighted().saturating_sub(self.weighted());
        let each = u128::from(milli) * self.at_start * u128::from(self.weight);
        let turns = behind.checked_div(each).unwrap_or(u128::MAX);
        u32::try_from(turns).unwrap_or(u32::MAX).max(1)
    }
}

impl Share {
    /// One without jobs that has used nothing.
    fn new(name: &str, policy: &FairShare, now: Timestamp) -> Self {
        let usage = Usage::new(policy.window_ms(), now);
        Self { jobs: 0, running_milli: 0, weight: policy.weight_of(name), usage, left_at: None }
    }

    /// As it stands. What starts counts at once as if it had run for a period: within one step shares take turns, and in
    /// the long run what they have really used decides.
    pub(crate) fn standing(&self, now: Timestamp) -> Standing {
        let used = self.usage.sum(now, self.running_milli);
        let standing = Standing { weight: self.weight, used, at_start: self.usage.of_a_period() };
        standing.plus(self.running_milli)
    }

    /// By how much its weighted use grows in a millisecond while nothing of it starts or ends.
    pub(crate) fn growth(&self, now: Timestamp) -> u128 {
        // A clock that has gone back: what was counted already is not counted again.
        let running_milli = if self.usage.until > now { 0 } else { self.running_milli };
        u128::from(running_milli) * Usage::OF_A_MS * u128::from(self.weight)
    }

    /// Until when it grows so, that moment not included: then what has been used begins to count less.
    pub(crate) fn grows_until(&self, now: Timestamp) -> Timestamp {
        let end = self.usage.end_of_period(now);
        if self.usage.until > now { end.min(self.usage.until) } else { end }
    }

    /// Whether it has jobs, or has had some within the window (`FSS-2`).
    pub(crate) fn is_active(&self, now: Timestamp, window_ms: u64) -> bool {
        self.jobs > 0 || self.left_at.is_some_and(|at| now.since_ms(at) < window_ms)
    }

    /// Attempts of it use so much from now on.
    fn use_now(&mut self, now: Timestamp, running_milli: u64) {
        self.usage.count(now, self.running_milli);
        self.running_milli = running_milli;
    }
}

/// The shares of every queue.
#[derive(Debug, Default)]
pub(crate) struct Shares {
    queues: BTreeMap<Name, OfQueue>,
}

#[derive(Debug, Default)]
struct OfQueue {
    shares: BTreeMap<Arc<str>, Share>,
    /// How often one has begun to use more or less.
    changes: u64,
}

impl Shares {
    /// The shares of a queue.
    pub(crate) fn of(&self, queue: &Name) -> impl Iterator<Item = (&Arc<str>, &Share)> {
        self.of_queue(queue).into_iter().flatten()
    }

    /// The same by name; `None` if it never had one.
    pub(crate) fn of_queue(&self, queue: &Name) -> Option<&BTreeMap<Arc<str>, Share>> {
        self.queues.get(queue).map(|found| &found.shares)
    }

    /// Grows whenever a share of a queue begins to use more or less.
    pub(crate) fn changes(&self, queue: &Name) -> u64 {
        self.queues.get(queue).map_or(0, |found| found.changes)
    }

    /// One share of a queue.
    pub(crate) fn get(&self, queue: &Name, share: &str) -> Option<&Share> {
        self.of_queue(queue)?.get(share)
    }

    /// The name of a share, the same in memory for all who have it.
    pub(crate) fn shared_name(&self, queue: &Name, share: &str) -> Arc<str> {
        let known = self.of_queue(queue).and_then(|shares| shares.get_key_value(share));
        known.map_or_else(|| share.into(), |(name, _)| Arc::clone(name))
    }

    /// How many shares of a queue are active.
    pub(crate) fn active(&self, queue: &Name, now: Timestamp, policy: &FairShare) -> usize {
        let window_ms = policy.window_ms();
        self.of(queue).filter(|(_, share)| share.is_active(now, window_ms)).count()
    }

    /// A job comes to a share.
    pub(crate) fn enter(&mut self, queue: &Name, share: &str, now: Timestamp, policy: &FairShare) {
        let shares = &mut self.queues.entry(queue.clone()).or_default().shares;
        if !shares.contains_key(share) {
            shares.insert(share.into(), Share::new(share, policy, now));
        }
        let Some(share) = shares.get_mut(share) else { return };
        share.jobs += 1;
        share.left_at = None;
    }

    /// Forgets the shares of a queue that are active no longer; which they were.
    pub(crate) fn forget_inactive(&mut self, queue: &Name, now: Timestamp, policy: &FairShare) -> Vec<Arc<str>> {
        let Some(OfQueue { shares, .. }) = self.queues.get_mut(queue) else { return Vec::new() };
        let window_ms = policy.window_ms();
        shares.extract_if(.., |_, share| !share.is_active(now, window_ms)).map(|(name, _)| name).collect()
    }

    /// A job of a share has ended; whether it was the last.
    pub(crate) fn leave(&mut self, queue: &Name, share: &str, now: Timestamp) -> bool {
        let Some(share) = self.get_mut(queue, share) else { return false };
        assert!(share.jobs > 0, "what ends has been counted");
        share.jobs -= 1;
        share.left_at = (share.jobs == 0).then_some(now);
        share.jobs == 0
    }

    /// An attempt of a share starts.
    pub(crate) fn start(&mut self, queue: &Name, share: &str, now: Timestamp, milli: u64) {
        self.change(queue, share, |share| share.use_now(now, share.running_milli + milli));
    }

    /// An attempt of a share has ended.
    pub(crate) fn end(&mut self, queue: &Name, share: &str, now: Timestamp, milli: u64) {
        self.change(queue, share, |share| {
            assert!(share.running_milli >= milli, "what ends was in use");
            share.use_now(now, share.running_milli - milli);
        });
    }

    /// A queue goes by this policy from now on.
    pub(crate) fn adopt(&mut self, queue: &Name, policy: &FairShare) {
        let Some(found) = self.queues.get_mut(queue) else { return };
        found.changes += 1;
        for (name, share) in &mut found.shares {
            share.weight = policy.weight_of(name);
            share.usage.set_window(policy.window_ms());
        }
    }

    /// Forgets a queue; the shares it had.
    pub(crate) fn delete(&mut self, queue: &Name) -> Vec<Arc<str>> {
        self.queues.remove(queue).into_iter().flat_map(|found| found.shares).map(|(name, _)| name).collect()
    }

    /// What is to be written of a share.
    pub(crate) fn row(&self, queue: &Name, share: &str) -> Option<ShareUsage> {
        let found = self.get(queue, share)?;
        let (usage, left_at) = (found.usage.clone(), found.left_at);
        Some(ShareUsage { queue: queue.clone(), share: share.to_owned(), usage, left_at })
    }

    /// A row, at start-up.
    pub(crate) fn restore(&mut self, row: ShareUsage, policy: &FairShare) {
        let weight = policy.weight_of(&row.share);
        let share = Share { jobs: 0, running_milli: 0, weight, usage: row.usage, left_at: row.left_at };
        self.queues.entry(row.queue).or_default().shares.insert(row.share.into(), share);
    }

    /// An attempt was there before the restart: what it has used since the row was written is not counted yet.
    pub(crate) fn adopt_attempt(&mut self, queue: &Name, share: &str, milli: u64) {
        self.change(queue, share, |share| share.running_milli += milli);
    }

    /// One of them uses more or less from now on.
    fn change(&mut self, queue: &Name, share: &str, change: impl FnOnce(&mut Share)) {
        let Some(found) = self.queues.get_mut(queue) else { return };
        found.changes += 1;
        if let Some(share) = found.shares.get_mut(share) {
            change(share);
        }
    }

    fn get_mut(&mut self, queue: &Name, share: &str) -> Option<&mut Share> {
        self.queues.get_mut(queue)?.shares.get_mut(share)
    }
}

#[cfg(test)]
mod tests;
