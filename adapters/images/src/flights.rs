//! Work that many ask for at once and one does: the others wait and share what came of it.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Work in progress, by what it is about.
#[derive(Debug)]
pub struct Flights<T> {
    flying: Mutex<BTreeMap<String, Arc<Flight<T>>>>,
}

#[derive(Debug)]
struct Flight<T> {
    landed: Mutex<State<T>>,
    changed: Condvar,
}

#[derive(Debug)]
enum State<T> {
    Flying,
    Landed(T),
    /// Whoever did it panicked.
    Lost,
}

impl<T> Default for Flights<T> {
    fn default() -> Self {
        Self { flying: Mutex::default() }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T: Clone> Flights<T> {
    /// Does the work, or waits for whoever is doing it now.
    pub fn share(&self, about: &str, work: impl FnOnce() -> T) -> T {
        loop {
            match self.join(about) {
                Ok(own) => return self.fly(about, &own, work),
                Err(other) => {
                    if let Some(result) = other.wait() {
                        return result;
                    }
                }
            }
        }
    }

    /// A flight of one's own, or the one that is in the air.
    fn join(&self, about: &str) -> Result<Arc<Flight<T>>, Arc<Flight<T>>> {
        let mut flying = lock(&self.flying);
        if let Some(other) = flying.get(about) {
            return Err(Arc::clone(other));
        }
        let own = Arc::new(Flight { landed: Mutex::new(State::Flying), changed: Condvar::new() });
        flying.insert(about.to_owned(), Arc::clone(&own));
        Ok(own)
    }

    fn fly(&self, about: &str, own: &Flight<T>, work: impl FnOnce() -> T) -> T {
        let result = catch_unwind(AssertUnwindSafe(work));
        lock(&self.flying).remove(about);
        *lock(&own.landed) = result.as_ref().map_or(State::Lost, |result| State::Landed(result.clone()));
        own.changed.notify_all();
        result.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl<T: Clone> Flight<T> {
    fn wait(&self) -> Option<T> {
        let mut landed = lock(&self.landed);
        loop {
            match &*landed {
                State::Landed(result) => return Some(result.clone()),
                State::Lost => return None,
                State::Flying => landed = self.changed.wait(landed).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    #[test]
    fn work_asked_for_while_it_is_done_is_done_once() {
        const ASKING: usize = 8;
        let (flights, done, arrived) = (Flights::default(), AtomicUsize::new(0), Barrier::new(ASKING));
        let waiting = AtomicUsize::new(0);
        let ask = || {
            arrived.wait();
            waiting.fetch_add(1, Ordering::SeqCst);
            flights.share("image", || {
                while waiting.load(Ordering::SeqCst) < ASKING {
                    thread::yield_now();
                }
                done.fetch_add(1, Ordering::SeqCst) + 1
            })
        };
        let results: Vec<usize> = thread::scope(|scope| {
            let asking: Vec<_> = (0..ASKING).map(|_| scope.spawn(ask)).collect();
            asking.into_iter().map(|one| one.join().unwrap()).collect()
        });
        // A thread that was late found the work done and did it again; nobody did it side by side.
        assert_eq!(results.iter().max(), Some(&done.load(Ordering::SeqCst)));
        assert_eq!(flights.share("image", || 100), 100, "what has landed is not remembered");
    }

    #[test]
    fn panic_of_the_one_who_works_lets_the_next_try() {
        let flights = Flights::default();
        assert!(thread::scope(|scope| scope.spawn(|| flights.share("x", || panic!("lost"))).join()).is_err());
        assert_eq!(flights.share("x", || 1), 1);
    }
}
