//! [`Pool`]: who has which GPU. What is taken is given back by the same name; a pool begins with all of them free, because
//! containers do not outlive the agent that holds it.

use crate::{Given, Gpu, Vendor};
use longshore_types::AttemptId;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The GPUs that this host offers.
#[derive(Debug, Default)]
pub struct Pool {
    gpus: Vec<Gpu>,
    /// By their places.
    taken: Mutex<BTreeMap<usize, AttemptId>>,
}

/// Placement gives no more than there are, so this is said only by mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{wanted} GPUs were asked for, and {free} of this host's {offered} are free")]
pub struct TooFew {
    wanted: u64,
    free: usize,
    offered: usize,
}

impl Pool {
    /// All of them free.
    pub fn new(gpus: Vec<Gpu>) -> Self {
        Self { gpus, taken: Mutex::default() }
    }

    /// Takes so many for a container, by what names its output; all of them or none.
    pub fn take(&self, container: AttemptId, wanted: u64) -> Result<Given, TooFew> {
        let mut taken = self.taken();
        let free: Vec<usize> = (0..self.gpus.len()).filter(|place| !taken.contains_key(place)).collect();
        let chosen = usize::try_from(wanted).ok().and_then(|count| free.get(..count));
        let chosen = chosen.ok_or(TooFew { wanted, free: free.len(), offered: self.gpus.len() })?;
        taken.extend(chosen.iter().map(|place| (*place, container)));
        Ok(Given::new(chosen.iter().map(|place| self.gpus[*place].clone()).collect(), self.vendors()))
    }

    /// The container has ended, or never was.
    pub fn give_back(&self, container: AttemptId) {
        self.taken().retain(|_, holder| *holder != container);
    }

    fn taken(&self) -> MutexGuard<'_, BTreeMap<usize, AttemptId>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn vendors(&self) -> Vec<Vendor> {
        let mut vendors: Vec<Vendor> = self.gpus.iter().map(|gpu| gpu.vendor).collect();
        vendors.sort_unstable();
        vendors.dedup();
        vendors
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Edits;

    fn id(number: u128) -> AttemptId {
        AttemptId::from_random(number)
    }

    fn pool(count: usize) -> Pool {
        let gpu = |number: usize| Gpu {
            vendor: Vendor::Nvidia,
            name: number.to_string(),
            known_as: format!("/dev/nvidia{number}"),
            by_cdi: false,
            edits: Edits::default(),
        };
        Pool::new((0..count).map(gpu).collect())
    }

    fn names(given: &Given) -> Vec<String> {
        given.gpus().iter().map(|gpu| gpu.name.clone()).collect()
    }

    #[test]
    fn no_gpu_is_two_containers_at_once() {
        let pool = pool(3);
        let (first, second) = (pool.take(id(1), 1).unwrap(), pool.take(id(2), 2).unwrap());
        assert_eq!((names(&first), names(&second)), (vec!["0".to_owned()], vec!["1".to_owned(), "2".to_owned()]));
        assert_eq!(pool.take(id(3), 1), Err(TooFew { wanted: 1, free: 0, offered: 3 }));
        pool.give_back(id(2));
        pool.give_back(id(2));
        assert_eq!(names(&pool.take(id(3), 1).unwrap()), ["1"]);
    }

    #[test]
    fn who_gets_too_few_gets_none() {
        let pool = pool(2);
        let error = pool.take(id(1), 3).unwrap_err();
        assert_eq!(error.to_string(), "3 GPUs were asked for, and 2 of this host's 2 are free");
        assert_eq!(names(&pool.take(id(2), 2).unwrap()).len(), 2);
    }

    #[test]
    fn who_asks_for_none_takes_none() {
        let pool = pool(1);
        assert!(pool.take(id(1), 0).unwrap().gpus().is_empty());
        assert_eq!(names(&pool.take(id(2), 1).unwrap()), ["0"]);
    }
}
