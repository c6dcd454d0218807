//! Looking for an engine until it answers: it may be started after the agent, or take its time. A thread asks again and again,
//! less and less often; containers wait for it, and whoever wants to know is told.

use super::ByEngine;
use longshore_docker::Engine;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

/// Between the first two times that an engine is asked for, and at most.
const PAUSE_MIN: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(10);
/// How long the agent's start is held up by an engine that says nothing.
const HELD_UP: Duration = Duration::from_secs(5);
/// How often a container that waits looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(200);

/// How far it is.
#[derive(Default)]
pub(super) struct Search {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    engine: Option<Arc<Engine>>,
    /// Why it was not found the last time.
    reason: Option<String>,
    /// To be called when it is found.
    call: Option<Box<dyn FnOnce() + Send>>,
}

impl Search {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The engine, or why it has not been found, if it has been looked for.
    pub(super) fn found(&self) -> Result<Arc<Engine>, Option<String>> {
        let state = self.state();
        state.engine.clone().ok_or_else(|| state.reason.clone())
    }

    /// Waits for it as long as it is wanted.
    pub(super) fn wait(&self, is_wanted: impl Fn() -> bool) -> Option<Arc<Engine>> {
        let mut state = self.state();
        while is_wanted() {
            if let Some(engine) = &state.engine {
                return Some(Arc::clone(engine));
            }
            (state, _) = self.changed.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner);
        }
        None
    }

    pub(super) fn when_found(&self, call: Box<dyn FnOnce() + Send>) {
        let mut state = self.state();
        if state.engine.is_none() {
            state.call = Some(call);
            return;
        }
        drop(state);
        call();
    }

    /// Notes what came of asking; whether it is over.
    fn note(&self, asked: Result<Engine, String>) -> bool {
        let mut state = self.state();
        match asked {
            Ok(engine) => state.engine = Some(Arc::new(engine)),
            Err(reason) => {
                if state.reason.as_ref() != Some(&reason) {
                    tracing::warn!(reason, "containers wait for their engine, which is asked for again");
                }
                state.reason = Some(reason);
            }
        }
        let is_over = state.engine.is_some();
        let call = state.call.take_if(|_| is_over);
        drop(state);
        self.changed.notify_all();
        if let Some(call) = call {
            call();
        }
        is_over
    }
}

/// Starts to look, and waits for what comes of it first, or a while.
pub(super) fn begin(by_engine: &Arc<ByEngine>) {
    let sought = Arc::downgrade(by_engine);
    if let Err(error) = thread::Builder::new().name("engine".into()).spawn(move || seek(&sought)) {
        let _not_over = by_engine.search.note(Err(format!("no thread can look for the container engine: {error}")));
        return;
    }
    let search = &by_engine.search;
    let is_open = |state: &mut State| state.engine.is_none() && state.reason.is_none();
    let _whatever_is_known = search.changed.wait_timeout_while(search.state(), HELD_UP, is_open);
}

/// Until it is found, or its runner is gone.
fn seek(sought: &Weak<ByEngine>) {
    let mut pause = PAUSE_MIN;
    while let Some(by_engine) = sought.upgrade() {
        if by_engine.search.note(by_engine.connect()) {
            return;
        }
        drop(by_engine);
        thread::sleep(pause);
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn engine_that_is_not_found_is_waited_for_while_it_is_wanted() {
        let search = Search::default();
        assert_eq!(search.found().unwrap_err(), None);
        assert!(!search.note(Err("not there".into())));
        assert_eq!(search.found().unwrap_err(), Some("not there".into()));
        let wanted = AtomicBool::new(true);
        assert!(search.wait(|| wanted.swap(false, Ordering::Relaxed)).is_none());
    }
}
