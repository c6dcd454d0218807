//! Things by random id, in the order of their ids. An id's leading bits say which bucket it is in, as in a hash table, but
//! ids need no hash to be spread evenly, so that the buckets are in order too: to walk through them is deterministic.
//!
//! Against a tree: two or three places in memory to look at instead of one per level, however many things there are. It
//! grows a few buckets at a time, with each thing that comes, so that nobody waits for the whole of it to be moved.
//!
//! ```text
//! buckets   ·    ·    ·   [7c 7f]  [81]  [a0 b1]  …    by `bits` leading bits
//! grown    [02] [1a] [20 2e] [31] [44] [5d]            by one more; those halves are all that `buckets` had so far
//! ```

use longshore_types::{AttemptId, JobId};

/// Things per bucket, on average, from which on the table grows.
const FULL: usize = 6;
/// Buckets that are split for each thing that comes while it does.
const SPLIT: usize = 2;
/// Leading bits that count in an empty table.
const BITS: u32 = 4;

/// An id that is random in its leading bits. Others are found too, but not fast.
pub(crate) trait RandomId: Copy + Ord {
    /// The leading 64 bits.
    fn leading(self) -> u64;
}

impl RandomId for JobId {
    fn leading(self) -> u64 {
        Self::leading(self)
    }
}

impl RandomId for AttemptId {
    fn leading(self) -> u64 {
        Self::leading(self)
    }
}

/// In order.
type Bucket<K, T> = Vec<(K, T)>;

/// Things by id.
#[derive(Debug)]
pub(crate) struct Table<K, T> {
    /// One bucket for each value of the leading `bits` bits. The first of them are in `grown`, and empty here.
    buckets: Vec<Bucket<K, T>>,
    bits: u32,
    /// Two buckets for each that has been split; empty unless the table grows.
    grown: Vec<Bucket<K, T>>,
    len: usize,
}

impl<K, T> Default for Table<K, T> {
    fn default() -> Self {
        let buckets = (0..1 << BITS).map(|_| Vec::new()).collect();
        Self { buckets, bits: BITS, grown: Vec::new(), len: 0 }
    }
}

impl<K: RandomId, T> Table<K, T> {
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn get(&self, id: &K) -> Option<&T> {
        let bucket = self.bucket(*id)?;
        let at = bucket.binary_search_by_key(id, |(key, _)| *key).ok()?;
        bucket.get(at).map(|(_, thing)| thing)
    }

    pub(crate) fn get_mut(&mut self, id: &K) -> Option<&mut T> {
        let bucket = self.bucket_mut(*id)?;
        let at = bucket.binary_search_by_key(id, |(key, _)| *key).ok()?;
        bucket.get_mut(at).map(|(_, thing)| thing)
    }

    pub(crate) fn contains_key(&self, id: &K) -> bool {
        self.get(id).is_some()
    }

    /// Puts a thing in; what had its id before, if anything did.
    pub(crate) fn insert(&mut self, id: K, thing: T) -> Option<T> {
        let bucket = self.bucket_mut(id)?;
        match bucket.binary_search_by_key(&id, |(key, _)| *key) {
            Ok(at) => bucket.get_mut(at).map(|(_, known)| std::mem::replace(known, thing)),
            Err(at) => {
                bucket.insert(at, (id, thing));
                self.len += 1;
                self.grow();
                None
            }
        }
    }

    pub(crate) fn remove(&mut self, id: &K) -> Option<T> {
        let bucket = self.bucket_mut(*id)?;
        let at = bucket.binary_search_by_key(id, |(key, _)| *key).ok()?;
        let (_, thing) = bucket.remove(at);
        if bucket.is_empty() {
            // What the many had does not stay with the few.
            *bucket = Vec::new();
        }
        self.len -= 1;
        Some(thing)
    }

    /// In the order of the ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &T)> {
        self.grown.iter().chain(&self.buckets).flatten().map(|(id, thing)| (id, thing))
    }

    /// Which bucket an id is in: by one bit more than `bits`, if it has been split.
    fn index(&self, id: K) -> usize {
        usize::try_from(id.leading() >> (u64::BITS - 1 - self.bits)).unwrap_or(usize::MAX)
    }

    fn bucket(&self, id: K) -> Option<&Bucket<K, T>> {
        let index = self.index(id);
        self.grown.get(index).or_else(|| self.buckets.get(index / 2))
    }

    fn bucket_mut(&mut self, id: K) -> Option<&mut Bucket<K, T>> {
        let index = self.index(id);
        match self.grown.get_mut(index) {
            Some(bucket) => Some(bucket),
            None => self.buckets.get_mut(index / 2),
        }
    }

    /// Splits some buckets, if there are too few.
    fn grow(&mut self) {
        if self.grown.is_empty() && (self.len <= self.buckets.len() * FULL || self.bits + 1 == u64::BITS) {
            return;
        }
        if self.grown.is_empty() {
            self.grown.reserve_exact(self.buckets.len() * 2);
        }
        let last_bit = u64::BITS - 1 - self.bits;
        for _ in 0..SPLIT {
            let Some(bucket) = self.buckets.get_mut(self.grown.len() / 2) else { break };
            let mut low = std::mem::take(bucket);
            let high = low.split_off(low.partition_point(|(id, _)| id.leading() >> last_bit & 1 == 0));
            self.grown.push(low);
            self.grown.push(high);
        }
        if self.grown.len() == self.buckets.len() * 2 {
            self.buckets = std::mem::take(&mut self.grown);
            self.bits += 1;
        }
    }
}

#[cfg(test)]
mod tests;
