//! Which containers are together: those of a task, and those of all nodes of a job on this host. What they have in common is
//! made for the first of them, and goes with the last.

use longshore_protocol::StartContainer;
use longshore_types::{AttemptId, JobId, JobRef};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Whose something in common is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Task(AttemptId),
    /// Of all nodes of a job: each has an address of its own in it (`MNP-4`).
    Nodes(JobId),
}

/// Things that more than one container has, and whose they are.
#[derive(Debug)]
pub(crate) struct Together<T>(Mutex<Shared<T>>);

#[derive(Debug)]
struct Shared<T> {
    by_key: BTreeMap<Key, Weak<T>>,
    /// Kept between the containers of a task, until its attempt is released.
    kept: BTreeMap<AttemptId, Vec<Arc<T>>>,
}

impl<T> Default for Together<T> {
    fn default() -> Self {
        Self(Mutex::new(Shared { by_key: BTreeMap::new(), kept: BTreeMap::new() }))
    }
}

/// With whom a container is: with nobody if it is all of its attempt.
pub(crate) fn of_task(attempt: AttemptId, container: &StartContainer) -> Option<Key> {
    (attempt != container.output).then_some(Key::Task(attempt))
}

/// The same for what nodes of a job have together too.
pub(crate) fn of_job((attempt, job): (AttemptId, JobRef), container: &StartContainer) -> Option<Key> {
    match job {
        JobRef::Node(job, _) => Some(Key::Nodes(job)),
        _ => of_task(attempt, container),
    }
}

impl<T> Together<T> {
    /// What a container of an attempt has, made for it or for another before it.
    pub(crate) fn of<E>(
        &self,
        key: Option<Key>,
        (attempt, container): (AttemptId, &StartContainer),
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let Some(key) = key else { return make().map(Arc::new) };
        let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shared.by_key.retain(|_, one| one.strong_count() > 0);
        let one = match shared.by_key.get(&key).and_then(Weak::upgrade) {
            Some(one) => one,
            None => Arc::new(make()?),
        };
        shared.by_key.insert(key, Arc::downgrade(&one));
        if attempt != container.output {
            let kept = shared.kept.entry(attempt).or_default();
            if !kept.iter().any(|other| Arc::ptr_eq(other, &one)) {
                kept.push(Arc::clone(&one));
            }
        }
        Ok(one)
    }

    /// The containers of an attempt have all ended.
    pub(crate) fn release(&self, attempt: AttemptId) {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).kept.remove(&attempt);
        drop(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use longshore_protocol::Runtime;
    use std::convert::Infallible;

    fn id(number: u128) -> AttemptId {
        AttemptId::from_random(number)
    }

    fn container(output: u128) -> StartContainer {
        StartContainer::only(id(output), Runtime::Oci, "image")
    }

    /// What a container of an attempt has, if the next thing to be made is a number.
    fn of(together: &Together<u32>, (attempt, job): (u128, JobRef), output: u128, next: u32) -> Arc<u32> {
        let container = container(output);
        let key = of_job((id(attempt), job), &container);
        together.of(key, (id(attempt), &container), || Ok::<u32, Infallible>(next)).unwrap()
    }

    fn job(number: u128) -> JobRef {
        JobRef::Job(JobId::from_random(number))
    }

    #[test]
    fn task_has_its_own_between_its_containers_until_it_is_released() {
        let together = Together::default();
        assert_eq!(*of(&together, (1, job(1)), 10, 100), 100);
        assert_eq!(*of(&together, (1, job(1)), 11, 101), 100, "the first container is gone, its task is not");
        assert_eq!(*of(&together, (2, job(2)), 20, 102), 102);
        together.release(id(1));
        assert_eq!(*of(&together, (1, job(1)), 12, 103), 103);
    }

    #[test]
    fn nodes_of_a_job_have_one_as_long_as_any_of_them_runs() {
        let together = Together::default();
        let node = |number| JobRef::Node(JobId::from_random(7), number);
        let main = of(&together, (1, node(0)), 1, 100);
        let other = of(&together, (2, node(1)), 2, 101);
        assert_eq!((*main, *other), (100, 100));
        drop(main);
        assert_eq!(*of(&together, (3, node(2)), 3, 102), 100);
        drop(other);
        assert_eq!(*of(&together, (4, node(0)), 4, 103), 103);
    }

    #[test]
    fn container_that_is_all_of_its_attempt_has_what_nobody_else_has() {
        let together = Together::default();
        let first = of(&together, (1, job(1)), 1, 100);
        assert_eq!((*first, *of(&together, (1, job(1)), 1, 101)), (100, 101));
        assert_eq!(of_task(id(1), &container(1)), None);
    }
}
