//! One attempt that the agent holds: where it is between its launch and its end, and what to do next.
//! Decides alone from what it is told; says what to do with a [`Step`].

use crate::Signal;
use longshore_protocol::EndCause;
use longshore_types::Timestamp;

/// Milliseconds between SIGTERM and SIGKILL for an attempt that ran too long (`TMO-2`).
pub const TIMEOUT_GRACE_MS: u64 = 30_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Nothing,
    Withdraw,
    Signal(Signal),
}

/// A wish to end an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stop {
    pub(crate) cause: EndCause,
    pub(crate) grace_ms: u64,
}

#[derive(Debug)]
enum Phase {
    /// The runner has been asked to start it.
    Launching { stop: Option<Stop> },
    /// It runs; with a timeout, until then.
    Running { until: Option<Timestamp> },
    /// It got SIGTERM; it gets SIGKILL at `kill_at`, unless it has got that too.
    Stopping { cause: EndCause, kill_at: Option<Timestamp> },
}

#[derive(Debug)]
pub(crate) struct Held {
    timeout_ms: Option<u64>,
    phase: Phase,
}

impl Held {
    pub(crate) const fn new(timeout_ms: Option<u64>) -> Self {
        Self { timeout_ms, phase: Phase::Launching { stop: None } }
    }

    /// The process runs since `at`; a timeout counts from there (`TMO-1`).
    pub(crate) fn launched(&mut self, now: Timestamp, at: Timestamp) -> Step {
        let Phase::Launching { stop } = self.phase else { return Step::Nothing };
        self.phase = Phase::Running { until: self.timeout_ms.map(|timeout_ms| at.plus_ms(timeout_ms)) };
        stop.map_or(Step::Nothing, |stop| self.stop(now, stop))
    }

    /// Ends it: SIGTERM now, SIGKILL later (`STOP-1`). The first cause stays; a later wish can only hasten the SIGKILL.
    pub(crate) fn stop(&mut self, now: Timestamp, wish: Stop) -> Step {
        let wished = now.plus_ms(wish.grace_ms);
        match &mut self.phase {
            Phase::Launching { stop: Some(first) } => {
                first.grace_ms = first.grace_ms.min(wish.grace_ms);
                Step::Nothing
            }
            Phase::Launching { stop } => {
                *stop = Some(wish);
                Step::Withdraw
            }
            Phase::Running { .. } => {
                self.phase = Phase::Stopping { cause: wish.cause, kill_at: Some(wished) };
                Step::Signal(Signal::Terminate)
            }
            Phase::Stopping { kill_at, .. } => {
                *kill_at = kill_at.map(|kill_at| kill_at.min(wished));
                Step::Nothing
            }
        }
    }

    /// Its deadline has come.
    pub(crate) fn expire(&mut self, now: Timestamp) -> Step {
        match &mut self.phase {
            Phase::Launching { .. } => Step::Nothing,
            Phase::Running { .. } => self.stop(now, Stop { cause: EndCause::TimedOut, grace_ms: TIMEOUT_GRACE_MS }),
            Phase::Stopping { kill_at, .. } => {
                *kill_at = None;
                Step::Signal(Signal::Kill)
            }
        }
    }

    /// When `expire` is to be called, if nothing else happens.
    pub(crate) fn deadline(&self) -> Option<Timestamp> {
        match self.phase {
            Phase::Launching { .. } => None,
            Phase::Running { until } => until,
            Phase::Stopping { kill_at, .. } => kill_at,
        }
    }

    /// Why it ended, if its process ends now.
    pub(crate) fn cause(&self) -> EndCause {
        match self.phase {
            Phase::Launching { stop: Some(stop) } => stop.cause,
            Phase::Launching { stop: None } | Phase::Running { .. } => EndCause::Exited,
            Phase::Stopping { cause, .. } => cause,
        }
    }

    /// Whether it was stopped before its process was seen to run.
    pub(crate) fn stopped_before_launch(&self) -> Option<EndCause> {
        match self.phase {
            Phase::Launching { stop } => stop.map(|stop| stop.cause),
            Phase::Running { .. } | Phase::Stopping { .. } => None,
        }
    }

    /// Whether its process has been seen to run.
    pub(crate) fn is_launched(&self) -> bool {
        !matches!(self.phase, Phase::Launching { .. })
    }
}
