//! [`Agent`]: messages, process events and time in; messages, launches and signals out. See the crate's diagram for an
//! attempt's life. It never runs an attempt twice, and reports each end once, until the control plane has it.

use crate::finished::{Finished, Told};
use crate::held::{Action, Behind, Grace, Held, Stop};
use crate::outbox::Outbox;
use crate::seats::Seats;
use crate::{Input, Output, RunnerEvent};
use longshore_protocol::{
    AgentMessage, AttemptEnd, AttemptEvent, ControlMessage, EndCause, Hello, HostDescription, StartAttempt, VERSION,
};
use longshore_types::{AttemptId, HostId, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The exit code of a container whose program succeeded and whose outputs could not be stored.
const UNDELIVERED_EXIT_CODE: i32 = 1;

/// Milliseconds without a link after which an agent that has nothing to do and nothing to tell ends.
pub const IDLE_EXIT_MS: u64 = 60_000;

/// Milliseconds for which reports that keep nobody waiting are gathered: those about attempts whose seat is waited for.
pub const GATHER_MS: u64 = 5;

/// Who an agent is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The host, the same for every agent that ever ran on it.
    pub host: HostId,
    /// Distinguishes this agent process from its predecessors on the host.
    pub incarnation: u64,
    /// What the host offers.
    pub description: HostDescription,
}

/// Where the link to the control plane is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Down {
        since: Timestamp,
    },
    /// Hello is sent, reports wait for the Welcome.
    Greeting,
    Up,
}

/// A host agent.
#[derive(Debug)]
pub struct Agent {
    identity: Identity,
    /// Why containers of other images than `host` cannot be run, if they cannot.
    missing: Option<String>,
    link: Link,
    held: BTreeMap<AttemptId, Held>,
    /// The attempt of each container of a held attempt, by what names the container's output.
    containers: BTreeMap<AttemptId, AttemptId>,
    seats: Seats,
    /// The deadline of each held attempt that has one.
    deadlines: BTreeSet<(Timestamp, AttemptId)>,
    finished: Finished,
    outbox: Outbox,
    /// When the reports that are gathered now are sent.
    send_at: Option<Timestamp>,
    /// The grace of a shutdown that was asked for.
    shutdown: Option<u64>,
    exited: bool,
    outputs: VecDeque<Output>,
}

impl Agent {
    /// An agent that holds nothing and has no link yet.
    pub fn new(now: Timestamp, identity: Identity) -> Self {
        Self {
            identity,
            missing: None,
            link: Link::Down { since: now },
            held: BTreeMap::new(),
            containers: BTreeMap::new(),
            seats: Seats::default(),
            deadlines: BTreeSet::new(),
            finished: Finished::default(),
            outbox: Outbox::default(),
            send_at: None,
            shutdown: None,
            exited: false,
            outputs: VecDeque::new(),
        }
    }

    /// The agent of a host that runs no OCI containers, with the reason, which jobs that need one are told.
    #[must_use]
    pub fn without_containers(self, reason: String) -> Self {
        Self { missing: Some(reason), ..self }
    }

    /// Takes in what has happened; `now` never goes back by more than clocks do. Call [`Self::poll`] until it is empty.
    pub fn handle(&mut self, now: Timestamp, input: Input) {
        match input {
            Input::Connected => self.connected(),
            Input::Disconnected => self.disconnected(now),
            Input::FromControl(message) => self.on_control(now, message),
            Input::Described { description, missing } => self.described(*description, missing),
            Input::FromRunner(event) => self.on_runner(now, event),
            Input::Shutdown { grace_ms } => self.begin_shutdown(now, grace_ms),
            Input::Wake => {}
        }
        self.expire(now);
        self.exit_when_done(now);
    }

    /// The next thing to do, in order.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call [`Self::handle`] with [`Input::Wake`] if nothing else happens.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let attempts = self.deadlines.first().map(|(deadline, _)| *deadline);
        attempts.into_iter().chain(self.send_at).chain(self.idle_exit()).min()
    }

    fn connected(&mut self) {
        self.link = Link::Greeting;
        let Identity { host, incarnation, description } = self.identity.clone();
        let held = self.held.keys().copied().collect();
        let leaving = self.shutdown.is_some();
        let hello = Hello { version: VERSION, host, incarnation, description, held, leaving };
        self.outputs.push_back(Output::ToControl(AgentMessage::Hello(hello)));
    }

    /// Whoever is connected hears it in a further Hello, and compares again, as after a reconnection.
    fn described(&mut self, description: HostDescription, missing: Option<String>) {
        self.identity.description = description;
        self.missing = missing;
        if !matches!(self.link, Link::Down { .. }) {
            self.connected();
        }
    }

    fn disconnected(&mut self, now: Timestamp) {
        self.send_at = None;
        if !matches!(self.link, Link::Down { .. }) {
            self.link = Link::Down { since: now };
        }
    }

    fn on_control(&mut self, now: Timestamp, message: ControlMessage) {
        match message {
            ControlMessage::Welcome { .. } => self.welcomed(),
            ControlMessage::Start(start) => self.start(now, *start),
            ControlMessage::Stop { attempt, grace_ms } => {
                let stop = Stop { cause: EndCause::Stopped, grace: Grace::Default(grace_ms) };
                self.step((now, now), attempt, |held| held.stop(now, stop));
            }
            ControlMessage::Ack { through } => self.outbox.acknowledge(through),
            ControlMessage::Shutdown { grace_ms } => self.begin_shutdown(now, grace_ms),
        }
    }

    fn welcomed(&mut self) {
        if self.link == Link::Greeting {
            self.link = Link::Up;
            self.outbox.begin_again();
            self.send_reports();
        }
    }

    fn start(&mut self, now: Timestamp, start: StartAttempt) {
        let attempt = start.attempt;
        if self.held.contains_key(&attempt) || self.finished.get(attempt).is_some() {
            return self.tell_again(now, attempt);
        }
        let patience = start.seat.map(|seat| now.plus_ms(seat.patience_ms));
        let mut held = Held::new(start, &self.identity.description.runtimes, self.missing.as_deref());
        if !self.seats.enter(held.seat(), attempt) {
            held.wait_behind(Behind { until: patience });
        }
        self.containers.extend(held.outputs().map(|output| (output, attempt)));
        self.held.insert(attempt, held);
        match self.shutdown {
            // Whoever has patience was given ahead.
            Some(_) if patience.is_some() => self.step((now, now), attempt, |held| held.give_back(now)),
            Some(grace_ms) => self.stop_for_shutdown(now, attempt, grace_ms),
            None => self.step((now, now), attempt, |_| Vec::new()),
        }
    }

    fn on_runner(&mut self, now: Timestamp, event: RunnerEvent) {
        let Some(&attempt) = self.containers.get(&event.output()) else { return };
        match event {
            RunnerEvent::Launched { output, at } => {
                self.step((now, now), attempt, |held| held.launched(now, output, at));
            }
            RunnerEvent::LaunchFailed { output, reason } => self.step((now, now), attempt, |held| {
                held.launch_failed(output, reason);
                Vec::new()
            }),
            RunnerEvent::Exited { output, status, oom_killed, at } => self.step((now, at), attempt, |held| {
                held.exited(output, status.shown(oom_killed), at);
                Vec::new()
            }),
            RunnerEvent::Undelivered { output, reason, at } => self.step((now, at), attempt, |held| {
                held.exited(output, (UNDELIVERED_EXIT_CODE, Some(reason)), at);
                Vec::new()
            }),
        }
    }

    /// Reports what happened to an attempt that has, or had, a seat: at once, unless the next at that seat is here already.
    fn report(&mut self, now: Timestamp, seat: AttemptId, event: AttemptEvent) {
        self.outbox.push(event);
        if self.link != Link::Up {
            return;
        }
        if self.seats.is_waited_for(seat) {
            self.send_at.get_or_insert(now.plus_ms(GATHER_MS));
        } else {
            self.send_reports();
        }
    }

    /// An attempt that is here, or was, is to be started. If that comes from before the control plane heard of what has happened
    /// to it, it is going to hear. If all of it was acknowledged, whoever says so does not know any more, or not yet that it
    /// has started: the control plane was set back to an older database.
    fn tell_again(&mut self, now: Timestamp, attempt: AttemptId) {
        if self.outbox.tells_of(attempt) {
            return;
        }
        let held = self.held.get(&attempt).map(Held::happened);
        let events = held.or_else(|| self.finished.get(attempt).map(|told| told.events(attempt)));
        for event in events.unwrap_or_default() {
            self.report(now, attempt, event);
        }
    }

    fn send_reports(&mut self) {
        self.send_at = None;
        let reports = self.outbox.take_unsent().cloned().map(AgentMessage::Report);
        self.outputs.extend(reports.map(Output::ToControl));
    }

    fn begin_shutdown(&mut self, now: Timestamp, grace_ms: u64) {
        let is_new = self.shutdown.replace(grace_ms).is_none();
        if is_new && !self.held.is_empty() && !matches!(self.link, Link::Down { .. }) {
            // Before it hears of ends: else the control plane fills what they leave free.
            self.connected();
        }
        let (waiting, others): (Vec<_>, Vec<_>) = self.held.iter().partition(|(_, held)| held.is_behind());
        let ids = |part: Vec<(&AttemptId, &Held)>| part.into_iter().map(|(attempt, _)| *attempt).collect::<Vec<_>>();
        let (waiting, others) = (ids(waiting), ids(others));
        for attempt in waiting {
            self.step((now, now), attempt, |held| held.give_back(now));
        }
        for attempt in others {
            self.stop_for_shutdown(now, attempt, grace_ms);
        }
    }

    fn stop_for_shutdown(&mut self, now: Timestamp, attempt: AttemptId, grace_ms: u64) {
        let stop = Stop { cause: EndCause::Stopped, grace: Grace::AtMost(grace_ms) };
        self.step((now, now), attempt, |held| held.stop(now, stop));
    }

    fn expire(&mut self, now: Timestamp) {
        while let Some(&(deadline, attempt)) = self.deadlines.first()
            && deadline <= now
        {
            self.step((now, now), attempt, |held| held.expire(now));
        }
        if self.send_at.is_some_and(|at| at <= now) {
            self.send_reports();
        }
    }

    /// Moves a held attempt on, keeps its deadline in step and puts out what is to be done. If it ends, it ended at the
    /// second of the times.
    fn step(
        &mut self,
        (now, at): (Timestamp, Timestamp),
        attempt: AttemptId,
        transition: impl FnOnce(&mut Held) -> Vec<Action>,
    ) {
        let Some(held) = self.held.get_mut(&attempt) else { return };
        if let Some(deadline) = held.deadline() {
            self.deadlines.remove(&(deadline, attempt));
        }
        let mut actions = transition(held);
        actions.extend(held.advance(now));
        if let Some(deadline) = held.deadline() {
            self.deadlines.insert((deadline, attempt));
        }
        let (verdict, seat) = (held.verdict(), held.seat());
        for action in actions {
            self.carry_out(now, (attempt, seat), action);
        }
        if let Some(end) = verdict {
            self.let_go(attempt, (at, end.clone()));
            if let Some(next) = self.seats.leave(seat, attempt) {
                // First of all: whoever has waited for the seat starts before the end is told of.
                self.step((now, now), next, Held::take_seat);
            }
            self.report(now, seat, AttemptEvent::Ended { attempt, at, end });
        }
    }

    fn carry_out(&mut self, now: Timestamp, (attempt, seat): (AttemptId, AttemptId), action: Action) {
        match action {
            Action::Launch(launch) => self.outputs.push_back(Output::Launch(launch)),
            Action::Withdraw(output) => self.outputs.push_back(Output::Withdraw { output }),
            Action::Signal(output, signal) => self.outputs.push_back(Output::Signal { output, signal }),
            Action::ContainerStarted(output, at) => {
                self.report(now, seat, AttemptEvent::ContainerStarted { attempt, output, at });
            }
            Action::Started(at) => self.report(now, seat, AttemptEvent::Started { attempt, at }),
        }
    }

    /// Forgets an attempt that has ended, all but what there is to tell of it.
    fn let_go(&mut self, attempt: AttemptId, (ended_at, end): (Timestamp, AttemptEnd)) {
        let held = self.held.remove(&attempt);
        for output in held.iter().flat_map(Held::outputs) {
            self.containers.remove(&output);
        }
        let started_at = held.as_ref().and_then(Held::started_at);
        if held.is_some_and(|held| held.shares()) {
            self.outputs.push_back(Output::Release { attempt });
        }
        self.finished.insert(attempt, Told { started_at, ended_at, end }, self.outbox.len());
    }

    fn exit_when_done(&mut self, now: Timestamp) {
        let disconnected = matches!(self.link, Link::Down { .. });
        let told = self.outbox.is_empty() || disconnected;
        let asked = self.shutdown.is_some() && self.held.is_empty() && told;
        let idle = self.idle_exit().is_some_and(|deadline| deadline <= now);
        if (asked || idle) && !self.exited {
            self.exited = true;
            self.outputs.push_back(Output::Exit);
        }
    }

    /// When an agent with nothing to do and nothing to tell ends, unless a link comes up.
    fn idle_exit(&self) -> Option<Timestamp> {
        match self.link {
            Link::Down { since } if self.held.is_empty() && self.outbox.is_empty() && !self.exited => {
                Some(since.plus_ms(IDLE_EXIT_MS))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
