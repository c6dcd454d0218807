//! The loop around the agent: moves inputs in and outputs out. It has no opinion on either.

use longshore_agent::{Agent, Input, Output, RunnerEvent};
use longshore_link::{ClientEvent, Outgoing};
use longshore_protocol::{AgentMessage, HostDescription};
use longshore_runner::Runner;
use longshore_staging::{Stager, Told};
use longshore_types::Timestamp;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Between SIGTERM and SIGKILL when the operator ends the agent (`STOP-1`).
const SHUTDOWN_GRACE_MS: u64 = 30_000;

/// Longest sleep, so that a clock that is set forward is noticed.
const SLEEP_MAX: Duration = Duration::from_secs(1);

/// What arrives at the loop.
#[derive(Debug)]
pub(super) enum Event {
    Link(ClientEvent),
    Runner(RunnerEvent),
    Stager(Told),
    /// The engine that runs containers has answered: the host is not what it was.
    EngineAnswers,
    /// The operator wants the agent to end.
    Shutdown,
}

/// Says what the host is that a runner runs on.
pub(super) type Describe = Box<dyn Fn(&Runner) -> HostDescription>;

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

    /// Runs until the agent says that it is done.
    pub(super) fn run(mut self, inbox: &Receiver<Event>) {
        longshore_runner::prefer_this_thread();
        loop {
            match inbox.recv_timeout(self.sleep()) {
                Ok(event) => self.take_in(event),
                Err(RecvTimeoutError::Timeout) => self.agent.handle(now(), Input::Wake),
                Err(RecvTimeoutError::Disconnected) => return,
            }
            while let Some(output) = self.agent.poll() {
                if output == Output::Exit {
                    return;
                }
                self.carry_out(output);
            }
        }
    }

    fn sleep(&self) -> Duration {
        let until = self.agent.next_deadline().map(|deadline| Duration::from_millis(deadline.since_ms(now())));
        until.unwrap_or(SLEEP_MAX).min(SLEEP_MAX)
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

pub(super) fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
