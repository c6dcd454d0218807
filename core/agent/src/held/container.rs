//! One container of a held attempt: where it is between waiting and its end.

use super::{Action, Grace};
use crate::Signal;
use longshore_protocol::{Condition, ContainerEnd, Runtime, StartContainer};
use longshore_types::{AttemptId, Timestamp};

#[derive(Debug)]
pub(super) struct Container {
    pub(super) name: String,
    pub(super) output: AttemptId,
    pub(super) essential: bool,
    pub(super) depends_on: Vec<(String, Condition)>,
    pub(super) start_timeout_ms: Option<u64>,
    stop_grace_ms: Option<u64>,
    pub(super) state: State,
}

#[derive(Debug)]
pub(super) enum State {
    /// For what it depends on.
    Waiting(Box<StartContainer>),
    /// The runner has been asked to start it.
    Launching,
    Running {
        since: Timestamp,
    },
    /// It got SIGTERM; it gets SIGKILL at `kill_at`, unless it has got that too.
    Stopping {
        since: Timestamp,
        kill_at: Option<Timestamp>,
    },
    Ended(Ended),
}

/// How a container ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) ran: Option<(Timestamp, Timestamp)>,
    pub(super) exit_code: Option<i32>,
    pub(super) reason: Option<String>,
}

impl Ended {
    pub(super) const fn never_ran(reason: Option<String>) -> Self {
        Self { ran: None, exit_code: None, reason }
    }
}

impl Container {
    pub(super) fn new(start: StartContainer) -> Self {
        let depends_on = start.depends_on.iter().map(|entry| (entry.container.clone(), entry.condition));
        Self {
            name: start.name.clone(),
            output: start.output,
            essential: start.essential,
            depends_on: depends_on.collect(),
            start_timeout_ms: start.start_timeout_ms,
            stop_grace_ms: start.stop_grace_ms,
            state: State::Waiting(Box::new(start)),
        }
    }

    /// Why it cannot run on a host with these runtimes, if it cannot.
    pub(super) fn lacks(&self, runtimes: &[Runtime], missing: Option<&str>) -> Option<String> {
        let State::Waiting(start) = &self.state else { return None };
        (!runtimes.contains(&start.runtime)).then(|| {
            let image = &start.image;
            let because = missing.map(|reason| format!(": {reason}")).unwrap_or_default();
            format!("CannotStartContainerError: this host runs only the image \"host\", not {image:?}{because}")
        })
    }

    /// Whether its process has been seen to run.
    pub(super) const fn has_started(&self) -> bool {
        self.since().is_some()
    }

    /// When its process started.
    pub(super) const fn since(&self) -> Option<Timestamp> {
        match &self.state {
            State::Waiting(_) | State::Launching => None,
            State::Running { since } | State::Stopping { since, .. } => Some(*since),
            State::Ended(ended) => match ended.ran {
                Some((since, _)) => Some(since),
                None => None,
            },
        }
    }

    /// Asks it to end, or hastens its end.
    pub(super) fn stop(&mut self, now: Timestamp, grace: Grace) -> Option<Action> {
        let wished = now.plus_ms(self.grace_ms(grace));
        match &mut self.state {
            State::Waiting(_) | State::Ended(_) => None,
            State::Launching => Some(Action::Withdraw(self.output)),
            State::Running { since } => {
                self.state = State::Stopping { since: *since, kill_at: Some(wished) };
                Some(Action::Signal(self.output, Signal::Terminate))
            }
            State::Stopping { kill_at, .. } => {
                *kill_at = kill_at.map(|kill_at| kill_at.min(wished));
                None
            }
        }
    }

    /// Its own `stopTimeout` comes before what is usual, not before what the operator allows (`MC-4`).
    fn grace_ms(&self, grace: Grace) -> u64 {
        match grace {
            Grace::Default(usual) => self.stop_grace_ms.unwrap_or(usual),
            Grace::AtMost(allowed) => self.stop_grace_ms.unwrap_or(allowed).min(allowed),
        }
    }

    pub(super) const fn kill_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Stopping { kill_at, .. } => kill_at,
            _ => None,
        }
    }

    /// Kills it when its grace is over.
    pub(super) fn expire(&mut self, now: Timestamp) -> Option<Action> {
        let State::Stopping { kill_at, .. } = &mut self.state else { return None };
        kill_at.take_if(|kill_at| *kill_at <= now)?;
        Some(Action::Signal(self.output, Signal::Kill))
    }

    pub(super) fn end(&self) -> Option<ContainerEnd> {
        let State::Ended(Ended { ran, exit_code, reason }) = &self.state else { return None };
        Some(ContainerEnd { output: self.output, ran: *ran, exit_code: *exit_code, reason: reason.clone() })
    }
}
