//! [`Driver`]: brings to the agent what happens, on whatever thread it happens, and carries out what the agent wants. Whoever
//! comes while somebody is at it leaves the event behind and goes on; so nobody waits, and most events need no other thread:
//! the launcher that sees an attempt end asks the agent itself, and starts what is next.

use super::event_loop::{Event, now};
use longshore_types::Timestamp;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

/// Longest sleep, so that a clock that is set forward is noticed.
const SLEEP_MAX_MS: u64 = 1_000;

/// What is driven: the agent and what is around it.
pub(super) trait Driven {
    /// Takes in what has happened and does what is to be done; false when it is done for good.
    fn handle(&mut self, event: Event) -> bool;

    /// When it wants to be woken, if nothing else happens.
    fn next_deadline(&self) -> Option<Timestamp>;
}

/// What threads share that have something to tell the agent.
pub(super) struct Driver<A> {
    inbox: Mutex<VecDeque<Event>>,
    /// Absent before the agent has begun and after it has ended.
    agent: Mutex<Option<A>>,
    alarm: Mutex<Alarm<A>>,
    rung: Condvar,
}

/// What the thread that keeps the time waits for.
struct Alarm<A> {
    at: Timestamp,
    /// What is left of the agent when it is done. Its end takes a while, and waits for threads that may be asking it.
    ended: Option<A>,
}

impl<A: Driven> Driver<A> {
    pub(super) fn new() -> Arc<Self> {
        let alarm = Mutex::new(Alarm { at: Timestamp::default(), ended: None });
        Arc::new(Self { inbox: Mutex::default(), agent: Mutex::default(), alarm, rung: Condvar::new() })
    }

    /// Tells the agent something; before it has begun, it hears of it when it does.
    pub(super) fn tell(&self, event: Event) {
        lock(&self.inbox).push_back(event);
        self.drive();
    }

    /// Begins, and keeps the time until the agent says that it is done.
    ///
    /// # Panics
    ///
    /// When the agent has, on whatever thread: it is the end of this process.
    pub(super) fn run(&self, agent: A) {
        *self.agent.lock().expect("nobody has asked the agent yet") = Some(agent);
        while self.wait() {
            assert!(!self.agent.is_poisoned(), "the agent panicked");
            self.tell(Event::Wake);
        }
        let ended = lock(&self.alarm).ended.take();
        drop(ended);
    }

    /// Takes in what there is, unless somebody is doing that.
    fn drive(&self) {
        loop {
            let mut state = match self.agent.try_lock() {
                Ok(state) => state,
                Err(TryLockError::WouldBlock | TryLockError::Poisoned(_)) => return,
            };
            let Some(agent) = state.as_mut() else { return };
            while let Some(event) = self.next_event() {
                if !agent.handle(event) {
                    return self.end(state.take());
                }
            }
            self.ring_at(agent.next_deadline());
            drop(state);
            // Whoever came after the last look, and before the lock was free, has left it to us.
            if lock(&self.inbox).is_empty() {
                return;
            }
        }
    }

    fn next_event(&self) -> Option<Event> {
        lock(&self.inbox).pop_front()
    }

    fn ring_at(&self, deadline: Option<Timestamp>) {
        let Some(deadline) = deadline else { return };
        let mut alarm = lock(&self.alarm);
        if deadline < alarm.at {
            alarm.at = deadline;
            self.rung.notify_one();
        }
    }

    fn end(&self, agent: Option<A>) {
        lock(&self.alarm).ended = agent;
        self.rung.notify_one();
    }

    /// Waits for the next deadline; false when the agent has ended.
    fn wait(&self) -> bool {
        let mut alarm = lock(&self.alarm);
        loop {
            if alarm.ended.is_some() {
                return false;
            }
            let left = alarm.at.since_ms(now()).min(SLEEP_MAX_MS);
            let (woken, waited) =
                self.rung.wait_timeout(alarm, Duration::from_millis(left)).unwrap_or_else(PoisonError::into_inner);
            alarm = woken;
            if waited.timed_out() {
                alarm.at = now().plus_ms(SLEEP_MAX_MS);
                return alarm.ended.is_none();
            }
        }
    }
}

/// Nobody panics while holding one of these.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
