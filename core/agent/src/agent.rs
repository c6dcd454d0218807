//! [`Agent`]: messages, process events and time in; messages, launches and signals out. See the crate's diagram for an
//! attempt's life. It never runs an attempt twice, and reports each end once, until the control plane has it.

use crate::finished::Finished;
use crate::held::{Held, Step, Stop};
use crate::outbox::Outbox;
use crate::{ExitStatus, Input, Launch, Output, RunnerEvent};
use longshore_protocol::{
    AgentMessage, AttemptEnd, AttemptEvent, ControlMessage, EndCause, Hello, HostDescription, StartAttempt, VERSION,
};
use longshore_types::{AttemptId, HostId, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Milliseconds without a link after which an agent that has nothing to do and nothing to tell ends.
pub const IDLE_EXIT_MS: u64 = 60_000;

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
    link: Link,
    held: BTreeMap<AttemptId, Held>,
    /// The deadline of each held attempt that has one.
    deadlines: BTreeSet<(Timestamp, AttemptId)>,
    finished: Finished,
    outbox: Outbox,
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
            link: Link::Down { since: now },
            held: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            finished: Finished::default(),
            outbox: Outbox::default(),
            shutdown: None,
            exited: false,
            outputs: VecDeque::new(),
        }
    }

    /// Takes in what has happened; `now` never goes back by more than clocks do. Call [`Self::poll`] until it is empty.
    pub fn handle(&mut self, now: Timestamp, input: Input) {
        match input {
            Input::Connected => self.connected(),
            Input::Disconnected => self.disconnected(now),
            Input::FromControl(message) => self.on_control(now, message),
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
        attempts.into_iter().chain(self.idle_exit()).min()
    }

    fn connected(&mut self) {
        self.link = Link::Greeting;
        let Identity { host, incarnation, description } = self.identity.clone();
        let held = self.held.keys().copied().collect();
        let hello = Hello { version: VERSION, host, incarnation, description, held };
        self.outputs.push_back(Output::ToControl(AgentMessage::Hello(hello)));
    }

    fn disconnected(&mut self, now: Timestamp) {
        if !matches!(self.link, Link::Down { .. }) {
            self.link = Link::Down { since: now };
        }
    }

    fn on_control(&mut self, now: Timestamp, message: ControlMessage) {
        match message {
            ControlMessage::Welcome { .. } => self.welcomed(),
            ControlMessage::Start(start) => self.start(now, *start),
            ControlMessage::Stop { attempt, grace_ms } => {
                self.step(attempt, |held| held.stop(now, Stop { cause: EndCause::Stopped, grace_ms }));
            }
            ControlMessage::Ack { through } => self.outbox.acknowledge(through),
            ControlMessage::Shutdown { grace_ms } => self.begin_shutdown(now, grace_ms),
        }
    }

    fn welcomed(&mut self) {
        if self.link == Link::Greeting {
            self.link = Link::Up;
            let reports = self.outbox.unacknowledged().cloned().map(AgentMessage::Report);
            self.outputs.extend(reports.map(Output::ToControl));
        }
    }

    fn start(&mut self, now: Timestamp, start: StartAttempt) {
        let (attempt, timeout_ms) = (start.attempt, start.timeout_ms);
        if self.held.contains_key(&attempt) || self.finished.contains(attempt) {
            return;
        }
        if self.shutdown.is_some() {
            return self.end(attempt, now, never_ran(EndCause::Stopped, None));
        }
        let Some(launch) = launch(start) else { return };
        if self.identity.description.runtimes.contains(&launch.container.runtime) {
            self.held.insert(attempt, Held::new(timeout_ms));
            self.outputs.push_back(Output::Launch(Box::new(launch)));
        } else {
            let image = launch.container.image;
            let reason = format!("CannotStartContainerError: this host runs only the image \"host\", not {image:?}");
            self.end(attempt, now, never_ran(EndCause::StartFailed, Some(reason)));
        }
    }

    fn on_runner(&mut self, now: Timestamp, event: RunnerEvent) {
        match event {
            RunnerEvent::Launched { output, at } => self.launched(now, output, at),
            RunnerEvent::LaunchFailed { output, reason } => self.launch_failed(now, output, reason),
            RunnerEvent::Exited { output, status, oom_killed, at } => self.ended(output, at, status, oom_killed),
        }
    }

    fn launched(&mut self, now: Timestamp, attempt: AttemptId, at: Timestamp) {
        if self.held.get(&attempt).is_some_and(|held| !held.is_launched()) {
            self.report(AttemptEvent::Started { attempt, at });
            self.step(attempt, |held| held.launched(now, at));
        }
    }

    fn launch_failed(&mut self, now: Timestamp, attempt: AttemptId, reason: String) {
        let Some(held) = self.held.get(&attempt) else { return };
        let end = match held.stopped_before_launch() {
            Some(cause) => never_ran(cause, None),
            None => never_ran(EndCause::StartFailed, Some(reason)),
        };
        self.end(attempt, now, end);
    }

    fn ended(&mut self, attempt: AttemptId, at: Timestamp, status: ExitStatus, oom_killed: bool) {
        if let Some(held) = self.held.get(&attempt) {
            let end = status.attempt_end(held.cause(), oom_killed);
            self.end(attempt, at, end);
        }
    }

    /// Lets go of an attempt and reports its end.
    fn end(&mut self, attempt: AttemptId, at: Timestamp, end: AttemptEnd) {
        if let Some(deadline) = self.held.remove(&attempt).and_then(|held| held.deadline()) {
            self.deadlines.remove(&(deadline, attempt));
        }
        self.finished.insert(attempt, self.outbox.len());
        self.report(AttemptEvent::Ended { attempt, at, end });
    }

    fn report(&mut self, event: AttemptEvent) {
        let report = self.outbox.push(event);
        if self.link == Link::Up {
            self.outputs.push_back(Output::ToControl(AgentMessage::Report(report)));
        }
    }

    fn begin_shutdown(&mut self, now: Timestamp, grace_ms: u64) {
        self.shutdown = Some(grace_ms);
        let attempts: Vec<AttemptId> = self.held.keys().copied().collect();
        for attempt in attempts {
            self.step(attempt, |held| held.stop(now, Stop { cause: EndCause::Stopped, grace_ms }));
        }
    }

    fn expire(&mut self, now: Timestamp) {
        while let Some(&(deadline, attempt)) = self.deadlines.first()
            && deadline <= now
        {
            self.step(attempt, |held| held.expire(now));
        }
    }

    /// Moves a held attempt on, keeps its deadline in step and puts out what is to be done.
    fn step(&mut self, attempt: AttemptId, transition: impl FnOnce(&mut Held) -> Step) {
        let Some(held) = self.held.get_mut(&attempt) else { return };
        if let Some(deadline) = held.deadline() {
            self.deadlines.remove(&(deadline, attempt));
        }
        let step = transition(held);
        if let Some(deadline) = held.deadline() {
            self.deadlines.insert((deadline, attempt));
        }
        match step {
            Step::Nothing => {}
            Step::Withdraw => self.outputs.push_back(Output::Withdraw { output: attempt }),
            Step::Signal(signal) => self.outputs.push_back(Output::Signal { output: attempt, signal }),
        }
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

/// The container of an attempt.
fn launch(start: StartAttempt) -> Option<Launch> {
    let StartAttempt { attempt, job, address, containers, .. } = start;
    containers.into_iter().next().map(|container| Launch { attempt, job, address, container })
}

/// The end of an attempt of which no process ever was.
const fn never_ran(cause: EndCause, reason: Option<String>) -> AttemptEnd {
    AttemptEnd { cause, exit_code: None, reason, containers: Vec::new() }
}

#[cfg(test)]
mod tests;
