//! How many bytes of content the store holds, and how many it may hold: counted as they come and go, never by looking at
//! the disk. Bytes count from their arrival until the change that takes them away is committed; those of a write that is
//! refused or breaks off are given back. Keys, metadata and the rest of the database do not count.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::failure::{Error, Result};

/// The bytes of one store.
#[derive(Debug, Default)]
pub struct Usage {
    bytes: AtomicU64,
    limit: Option<u64>,
}

impl Usage {
    pub(crate) fn new(bytes: u64, limit: Option<u64>) -> Arc<Self> {
        Arc::new(Self { bytes: AtomicU64::new(bytes), limit })
    }

    /// Bytes of objects, of parts of uploads under way, and of what is arriving.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// The most it takes.
    pub const fn limit(&self) -> Option<u64> {
        self.limit
    }

    /// Refuses so many bytes more if there is no room for them now.
    pub(crate) fn require(&self, more: u64) -> Result<()> {
        match self.limit {
            Some(limit) if self.bytes().saturating_add(more) > limit => Err(Error::Limit { limit }),
            _ => Ok(()),
        }
    }

    /// A committed change has taken these bytes away.
    pub(crate) fn give_back(&self, bytes: u64) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    fn take(&self, more: u64) -> Result<()> {
        let limit = self.limit.unwrap_or(u64::MAX);
        let grown = |bytes: u64| bytes.checked_add(more).filter(|bytes| *bytes <= limit);
        let taken = self.bytes.try_update(Ordering::Relaxed, Ordering::Relaxed, grown);
        taken.map(drop).map_err(|_| Error::Limit { limit })
    }
}

/// Bytes that no committed row names yet. Dropped without `keep`, they are given back.
#[derive(Debug)]
pub(crate) struct Charge {
    usage: Arc<Usage>,
    bytes: u64,
}

impl Charge {
    pub(crate) const fn new(usage: Arc<Usage>) -> Self {
        Self { usage, bytes: 0 }
    }

    pub(crate) fn grow(&mut self, more: u64) -> Result<()> {
        self.usage.take(more)?;
        self.bytes += more;
        Ok(())
    }

    /// A committed row names them, or may do so.
    pub(crate) fn keep(&mut self) {
        self.bytes = 0;
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.usage.give_back(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charge_beyond_the_limit_is_refused_and_takes_nothing() {
        let usage = Usage::new(90, Some(100));
        let mut charge = Charge::new(Arc::clone(&usage));
        charge.grow(10).unwrap();
        assert!(matches!(charge.grow(1), Err(Error::Limit { limit: 100 })));
        assert_eq!(usage.bytes(), 100);
        assert!(usage.require(0).is_ok() && usage.require(1).is_err());
    }

    #[test]
    fn dropped_charge_is_given_back_and_a_kept_one_stays() {
        let usage = Usage::new(0, None);
        let mut kept = Charge::new(Arc::clone(&usage));
        kept.grow(7).unwrap();
        let mut dropped = Charge::new(Arc::clone(&usage));
        dropped.grow(5).unwrap();
        drop(dropped);
        kept.keep();
        drop(kept);
        assert_eq!(usage.bytes(), 7);
        usage.give_back(7);
        assert_eq!(usage.bytes(), 0);
    }
}
