//! How far a container is, for those who want to stop it from other threads than its own.

use longshore_agent::Signal;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One container.
#[derive(Debug, Default)]
pub(crate) struct Control(Mutex<State>);

#[derive(Debug, Default)]
enum State {
    /// For its image or its turn.
    #[default]
    Waiting,
    Withdrawn,
    Starting,
    /// Its runner goes away: it ends as soon as it runs.
    Abandoned,
    Running(Box<dyn Signalled>),
    Over,
}

/// Whoever passes signals on to a container that runs.
pub(super) trait Signalled: std::fmt::Debug + Send + Sync {
    fn signal(&self, signal: Signal);
}

impl Control {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it had not begun, and will not.
    pub(super) fn withdraw(&self) -> bool {
        let mut state = self.state();
        let waits = matches!(*state, State::Waiting);
        if waits {
            *state = State::Withdrawn;
        }
        waits
    }

    pub(super) fn is_withdrawn(&self) -> bool {
        matches!(*self.state(), State::Withdrawn)
    }

    pub(super) fn signal(&self, signal: Signal) {
        if let State::Running(container) = &*self.state() {
            container.signal(signal);
        }
    }

    /// Ends it however far it is.
    pub(super) fn abandon(&self) {
        self.withdraw();
        self.signal(Signal::Kill);
        let mut state = self.state();
        if matches!(*state, State::Starting) {
            *state = State::Abandoned;
        }
    }

    pub(super) fn begin(&self) -> bool {
        let mut state = self.state();
        let waits = matches!(*state, State::Waiting);
        if waits {
            *state = State::Starting;
        }
        waits
    }

    pub(super) fn runs(&self, container: Box<dyn Signalled>) {
        let mut state = self.state();
        let abandoned = matches!(*state, State::Abandoned);
        *state = State::Running(container);
        drop(state);
        if abandoned {
            self.signal(Signal::Kill);
        }
    }

    pub(super) fn is_over(&self) {
        *self.state() = State::Over;
    }
}
