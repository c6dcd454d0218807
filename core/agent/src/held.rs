//! One attempt that the agent holds: its containers between the first launch and the last end, in the order that their
//! dependencies allow, and what to do next. Decides alone from what it is told; says what to do with [`Action`]s.

mod container;
mod order;
mod verdict;

use crate::{Launch, Signal};
use container::{Container, Ended, State};
use longshore_protocol::{AttemptEnd, AttemptEvent, EndCause, Runtime, StartAttempt, StartContainer, TaskEnd};
use longshore_types::{AttemptId, JobRef, Timestamp};
use std::net::Ipv4Addr;

/// Milliseconds between SIGTERM and SIGKILL for a container that did not ask for its own (`TMO-2`, `STOP-1`).
pub const STOP_GRACE_MS: u64 = 30_000;

/// Something to do for an attempt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Launch(Box<Launch>),
    Withdraw(AttemptId),
    Signal(AttemptId, Signal),
    /// One of the containers of a task runs.
    ContainerStarted(AttemptId, Timestamp),
    /// Every essential container has started (`ST-1`).
    Started(Timestamp),
}

/// A wish to end an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stop {
    pub(crate) cause: EndCause,
    pub(crate) grace: Grace,
}

/// Milliseconds between SIGTERM and SIGKILL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grace {
    /// For containers that did not ask for their own.
    Default(u64),
    /// For every container, whatever it asked for.
    AtMost(u64),
}

/// That others have the seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Behind {
    /// When the attempt is given back if it still waits.
    pub(crate) until: Option<Timestamp>,
}

#[derive(Debug)]
pub(crate) struct Held {
    attempt: AttemptId,
    /// The seat that it has, or waits for.
    seat: AttemptId,
    /// Set while it waits for its seat.
    behind: Option<Behind>,
    job: JobRef,
    address: Option<Ipv4Addr>,
    timeout_ms: Option<u64>,
    containers: Vec<Container>,
    end: TaskEnd,
    /// Whether its containers may have shared something that is to be removed after them.
    shares: bool,
    /// Containers in the order in which they ended.
    ended: Vec<usize>,
    /// When the last essential container started.
    started_at: Option<Timestamp>,
    /// Why it is ending, once it is; `Exited` when an essential container ended by itself.
    ending: Option<Stop>,
}

impl Held {
    /// An attempt on a host with these runtimes. A container that needs another one ends here, and is told what is missing.
    pub(crate) fn new(start: StartAttempt, runtimes: &[Runtime], missing: Option<&str>) -> Self {
        let seat = start.seat_id();
        let StartAttempt { attempt, job, timeout_ms, address, containers, end, .. } = start;
        let shares_more = |one: &StartContainer| one.runtime == Runtime::Oci && one.output != attempt;
        let shares = runtimes.contains(&Runtime::Oci) && containers.iter().any(shares_more);
        let mut held = Self {
            attempt,
            seat,
            behind: None,
            job,
            address,
            timeout_ms,
            containers: containers.into_iter().map(Container::new).collect(),
            end,
            shares,
            ended: Vec::new(),
            started_at: None,
            ending: None,
        };
        for index in 0..held.containers.len() {
            if let Some(reason) = held.containers[index].lacks(runtimes, missing) {
                held.end(index, Ended::never_ran(Some(reason)));
            }
        }
        held
    }

    /// What names the outputs of its containers.
    pub(crate) fn outputs(&self) -> impl Iterator<Item = AttemptId> {
        self.containers.iter().map(|container| container.output)
    }

    /// Whether its containers may have shared something that is to be removed after them (`VOL-1`).
    pub(crate) const fn shares(&self) -> bool {
        self.shares
    }

    /// The seat that it has, or waits for.
    pub(crate) const fn seat(&self) -> AttemptId {
        self.seat
    }

    /// When it started: the last essential container, if all of them did.
    pub(crate) const fn started_at(&self) -> Option<Timestamp> {
        self.started_at
    }

    /// What has happened to it so far.
    pub(crate) fn happened(&self) -> Vec<AttemptEvent> {
        let attempt = self.attempt;
        let parts = self.containers.iter().filter(|_| self.is_task());
        let began = |container: &Container| {
            Some(AttemptEvent::ContainerStarted { attempt, output: container.output, at: container.since()? })
        };
        let started = self.started_at.map(|at| AttemptEvent::Started { attempt, at });
        parts.filter_map(began).chain(started).collect()
    }

    /// Whether others have its seat.
    pub(crate) const fn is_behind(&self) -> bool {
        self.behind.is_some()
    }

    /// Others have its seat: nothing of it starts before that is over.
    pub(crate) fn wait_behind(&mut self, behind: Behind) {
        self.behind = Some(behind);
    }

    /// The seat is free.
    pub(crate) fn take_seat(&mut self) -> Vec<Action> {
        self.behind = None;
        Vec::new()
    }

    /// It waits for its seat no longer, and ends without having started.
    pub(crate) fn give_back(&mut self, now: Timestamp) -> Vec<Action> {
        self.stop(now, Stop { cause: EndCause::Returned, grace: Grace::AtMost(0) })
    }

    /// Launches what waits for nothing more and ends what waits in vain, until nothing changes any more.
    pub(crate) fn advance(&mut self, now: Timestamp) -> Vec<Action> {
        let mut actions = Vec::new();
        loop {
            self.stop_with_essential(now, &mut actions);
            if self.ending.is_some() || self.is_behind() {
                return actions;
            }
            let Some((index, readiness)) = order::next(&self.containers, now) else { return actions };
            match readiness {
                order::Readiness::Ready => actions.extend(self.launch(index)),
                order::Readiness::Never(reason) => self.end(index, Ended::never_ran(Some(reason))),
            }
        }
    }

    /// Whether its containers are told of one by one: those of a task are, even if it has only one.
    fn is_task(&self) -> bool {
        self.containers.iter().any(|container| container.output != self.attempt)
    }

    /// When an essential container has ended, or the last of them, the others are stopped (`MC-3`, `EKS-1`).
    fn stop_with_essential(&mut self, now: Timestamp, actions: &mut Vec<Action>) {
        let mut essential = self.containers.iter().filter(|container| container.essential);
        let over = |container: &Container| matches!(container.state, State::Ended(_));
        let decided = match self.end {
            TaskEnd::AnyEssential => essential.any(over),
            TaskEnd::AllEssential => essential.all(over),
        };
        if self.ending.is_none() && decided {
            let stop = Stop { cause: EndCause::Exited, grace: Grace::Default(STOP_GRACE_MS) };
            actions.extend(self.stop(now, stop));
        }
    }

    fn launch(&mut self, index: usize) -> Option<Action> {
        let State::Waiting(container) = std::mem::replace(&mut self.containers[index].state, State::Launching) else {
            return None;
        };
        let (attempt, job, address) = (self.attempt, self.job, self.address);
        Some(Action::Launch(Box::new(Launch { attempt, job, address, container: *container })))
    }

    /// A container runs since `at`. A timeout counts from the start of the last essential one (`TMO-1`).
    pub(crate) fn launched(&mut self, now: Timestamp, output: AttemptId, at: Timestamp) -> Vec<Action> {
        let Some(index) = self.position(output) else { return Vec::new() };
        if !matches!(self.containers[index].state, State::Launching) {
            return Vec::new();
        }
        self.containers[index].state = State::Running { since: at };
        let mut actions = Vec::new();
        if self.is_task() {
            actions.push(Action::ContainerStarted(output, at));
        }
        let essential = |container: &Container| !container.essential || container.has_started();
        if self.started_at.is_none() && self.containers.iter().all(essential) {
            self.started_at = Some(at);
            actions.push(Action::Started(at));
        }
        if let Some(stop) = self.ending {
            actions.extend(self.containers[index].stop(now, stop.grace));
        }
        actions
    }

    /// A container could not be started, or was withdrawn.
    pub(crate) fn launch_failed(&mut self, output: AttemptId, reason: String) {
        let withdrawn = self.ending.is_some();
        if let Some(index) = self.position(output) {
            self.end(index, Ended::never_ran((!withdrawn).then_some(reason)));
        }
    }

    /// A container ran and is over, with this exit code and reason.
    pub(crate) fn exited(&mut self, output: AttemptId, (exit_code, reason): (i32, Option<String>), at: Timestamp) {
        if let Some(index) = self.position(output) {
            let since = self.containers[index].since().unwrap_or(at);
            self.end(index, Ended { ran: Some((since, at)), exit_code: Some(exit_code), reason });
        }
    }

    fn end(&mut self, index: usize, ended: Ended) {
        self.containers[index].state = State::Ended(ended);
        self.ended.push(index);
    }

    /// Ends all of it: SIGTERM now, SIGKILL later (`STOP-1`). The first cause stays; a later wish can only hasten the
    /// SIGKILL.
    pub(crate) fn stop(&mut self, now: Timestamp, wish: Stop) -> Vec<Action> {
        // It waits for its seat no longer.
        self.behind = None;
        let first = self.ending.replace(wish);
        if let Some(first) = first {
            self.ending = Some(Stop { cause: first.cause, grace: first.grace.shorter(wish.grace) });
        }
        for index in 0..self.containers.len() {
            if matches!(self.containers[index].state, State::Waiting(_)) {
                self.end(index, Ended::never_ran(None));
            }
        }
        let actions = self.containers.iter_mut().filter_map(|container| container.stop(now, wish.grace));
        // What was being launched at the first wish has been withdrawn already.
        actions.filter(|action| first.is_none() || !matches!(action, Action::Withdraw(_))).collect()
    }

    /// Its deadline has come.
    pub(crate) fn expire(&mut self, now: Timestamp) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.behind.and_then(|behind| behind.until).is_some_and(|until| until <= now) {
            actions.extend(self.give_back(now));
        }
        if self.until().is_some_and(|until| until <= now) {
            let stop = Stop { cause: EndCause::TimedOut, grace: Grace::Default(STOP_GRACE_MS) };
            actions.extend(self.stop(now, stop));
        }
        actions.extend(self.containers.iter_mut().filter_map(|container| container.expire(now)));
        actions
    }

    /// When its timeout ends it, while nothing else does.
    fn until(&self) -> Option<Timestamp> {
        let running = self.ending.is_none().then_some(self.started_at)?;
        Some(running?.plus_ms(self.timeout_ms?))
    }

    /// When `expire` is to be called, if nothing else happens.
    pub(crate) fn deadline(&self) -> Option<Timestamp> {
        let kills = self.containers.iter().filter_map(Container::kill_at);
        let waits = self.ending.is_none().then(|| order::deadline(&self.containers)).flatten();
        let given_back = self.behind.and_then(|behind| behind.until);
        self.until().into_iter().chain(kills).chain(waits).chain(given_back).min()
    }

    /// How it ended, once it has.
    pub(crate) fn verdict(&self) -> Option<AttemptEnd> {
        let end = verdict::of(&self.containers, &self.ended, self.ending.map(|stop| stop.cause))?;
        let containers =
            if self.is_task() { self.containers.iter().filter_map(Container::end).collect() } else { Vec::new() };
        Some(AttemptEnd { containers, ..end })
    }

    /// A container that has not ended.
    fn position(&self, output: AttemptId) -> Option<usize> {
        let open = |container: &Container| container.output == output && !matches!(container.state, State::Ended(_));
        self.containers.iter().position(open)
    }
}

impl Grace {
    /// Of two wishes the one that is over first, as far as can be said before it is known what the container asked for.
    const fn shorter(self, other: Self) -> Self {
        match (self, other) {
            (Self::AtMost(one), Self::AtMost(two)) => Self::AtMost(if one < two { one } else { two }),
            (Self::AtMost(_), Self::Default(_)) => self,
            (Self::Default(_), Self::AtMost(_)) => other,
            (Self::Default(one), Self::Default(two)) => Self::Default(if one < two { one } else { two }),
        }
    }
}
