//! What is around the agent: moves inputs in and outputs out, on the thread of whoever has the input. It has no opinion on
//! either.

use super::driver::Driven;
use longshore_agent::{Agent, Input, Output, RunnerEvent};
use longshore_link::{ClientEvent, Outgoing};
use longshore_protocol::{AgentMessage, HostDescription};
use longshore_runner::Runner;
use longshore_staging::{Stager, Told};
use longshore_types::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

/// Between SIGTERM and SIGKILL when the operator ends the agent (`STOP-1`).
const SHUTDOWN_GRACE_MS: u64 = 30_000;

/// What happens.
#[derive(Debug)]
pub(super) enum Event {
    Link(ClientEvent),
    Runner(RunnerEvent),
    Stager(Told),
    /// The engine that runs containers has answered: the host is not what it was.
    EngineAnswers,
    /// The operator wants the agent to end.
    Shutdown,
    /// Time has passed.
    Wake,
}

/// Says what the host is that a runner runs on.
pub(super) type Describe = Box<dyn Fn(&Runner) -> HostDescription + Send>;

pub(super) struct EventLoop {
    agent: Agent,
    runner: Runner,
    stager: Stager,
    /// What the host is.
    describe: Describe,
    /// The link, while it is up.
    outgoing: Option<Outgoing<AgentMessage>>,
}

impl EventLoop {
    pub(super) fn new(agent: Agent, runner: Runner, stager: Stager, describe: Describe) -> Self {
        Self { agent, runner, stager, describe, outgoing: None }
    }

    fn take_in(&mut self, event: Event) {
        let input = match event {
            Event::Link(ClientEvent::Connected(outgoing)) => {
                self.outgoing = Some(outgoing);
                Input::Connected
            }
            Event::Link(ClientEvent::FromControl(message)) => Input::FromControl(message),
            Event::Link(ClientEvent::Disconnected) => {
                self.outgoing = None;
                Input::Disconnected
            }
            Event::Runner(event) => match self.stager.event(event) {
                Some(event) => Input::FromRunner(event),
                None => return,
            },
            Event::Stager(Told::Ready(launch)) => match self.stager.admit(launch) {
                Some(launch) => return self.runner.launch(launch),
                None => return,
            },
            Event::Stager(Told::Event(event)) => Input::FromRunner(event),
            Event::EngineAnswers => {
                let description = Box::new((self.describe)(&self.runner));
                Input::Described { description, missing: self.runner.runs_containers().err() }
            }
            Event::Shutdown => Input::Shutdown { grace_ms: SHUTDOWN_GRACE_MS },
            Event::Wake => Input::Wake,
        };
        self.agent.handle(now(), input);
    }

    fn carry_out(&self, output: Output) {
        match output {
            Output::ToControl(message) => {
                if let Some(outgoing) = &self.outgoing {
                    outgoing.send(message);
                }
            }
            Output::Launch(launch) => {
                if let Some(launch) = self.stager.launch(launch) {
                    self.runner.launch(launch);
                }
            }
            Output::Withdraw { output } => {
                if !self.stager.withdraw(output) {
                    self.runner.withdraw(output);
                }
            }
            Output::Signal { output, signal } => {
                if !self.stager.signal(output) {
                    self.runner.signal(output, signal);
                }
            }
            Output::Release { attempt } => self.runner.release(attempt),
            Output::Exit => {}
        }
    }
}

impl Driven for EventLoop {
    fn handle(&mut self, event: Event) -> bool {
        self.take_in(event);
        while let Some(output) = self.agent.poll() {
            if output == Output::Exit {
                return false;
            }
            self.carry_out(output);
        }
        true
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.agent.next_deadline()
    }
}

pub(super) fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
