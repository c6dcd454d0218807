//! Hosts and their agents. An agent's deadlines are kept by its host's clock; an agent that dies takes its processes with
//! it, at the latest when another one is started, which kills what it finds before it says Hello.

use super::network::Weather;
use super::processes::{Process, Providers};
use super::{Event, World};
use crate::violation::{Rule, Violation, require};
use longshore_agent::{Agent, Identity, Input, Output, RunnerEvent};
use longshore_protocol::{HostDescription, Runtime};
use longshore_types::{AttemptId, HostId, Resources};
use std::collections::BTreeMap;

/// How long it takes to start an agent that ended because it had nothing to do.
const RESTART_MS: u64 = 3_000;

/// A host.
#[derive(Debug)]
pub(crate) struct SimHost {
    pub(crate) id: HostId,
    pub(crate) capacity: Resources,
    pub(crate) agent: Option<SimAgent>,
    pub(crate) incarnation: u64,
    /// Processes that are being started or run, by what names their output; an agent's death leaves them here.
    pub(crate) processes: BTreeMap<AttemptId, Process>,
    /// What its clock is ahead.
    pub(crate) clock: i64,
    pub(crate) weather: Weather,
    pub(crate) providers: Providers,
    /// Until when it is dead.
    pub(crate) dead_until: u64,
}

/// An agent's process.
#[derive(Debug)]
pub(crate) struct SimAgent {
    agent: Agent,
    /// The link that it has.
    pub(crate) link: Option<u64>,
    wakes_at: Option<u64>,
}

impl SimHost {
    pub(crate) fn new(number: u64, vcpus: u64) -> Self {
        Self {
            id: HostId::from_random(u128::from(number)),
            capacity: Resources { vcpu_milli: vcpus * 1_000, memory_mib: 100_000, gpus: 0 },
            agent: None,
            incarnation: 0,
            processes: BTreeMap::new(),
            clock: 0,
            weather: Weather::default(),
            providers: Providers::default(),
            dead_until: 0,
        }
    }

    /// The agent, if it is still this one.
    pub(crate) fn agent_of(&mut self, incarnation: u64) -> Option<&mut SimAgent> {
        self.agent.as_mut().filter(|_| self.incarnation == incarnation)
    }
}

impl World {
    pub(super) fn start_agent(&mut self, host: usize) -> Result<(), Violation> {
        if self.hosts[host].agent.is_some() || self.hosts[host].dead_until > self.now {
            return Ok(());
        }
        let now = self.clock(self.hosts[host].clock);
        let sim = &mut self.hosts[host];
        sim.processes.clear();
        sim.incarnation += 1;
        let description = HostDescription {
            name: format!("h{}", host + 1),
            capacity: sim.capacity,
            runtimes: vec![Runtime::Process, Runtime::Oci],
            enforcement: "none".into(),
        };
        let incarnation = sim.incarnation;
        let agent = Agent::new(now, Identity { host: sim.id, incarnation, description });
        sim.agent = Some(SimAgent { agent, link: None, wakes_at: None });
        self.tell(|_| format!("the agent of h{} starts", host + 1));
        let ms = self.random.between(10, 200);
        self.after(ms, Event::Connects { host, incarnation });
        Ok(())
    }

    /// The agent's process is gone.
    pub(super) fn end_agent(&mut self, host: usize, down_ms: u64) {
        let Some(agent) = self.hosts[host].agent.take() else { return };
        if let Some(link) = agent.link {
            self.agent_end_is_gone(link);
        }
        self.hosts[host].processes.retain(|_, process| process.runs);
        self.after(down_ms, Event::AgentStarts { host });
    }

    pub(super) fn tell_agent(&mut self, host: usize, input: Input) -> Result<(), Violation> {
        let now = self.clock(self.hosts[host].clock);
        let Some(sim) = &mut self.hosts[host].agent else { return Ok(()) };
        sim.agent.handle(now, input);
        while let Some(output) = self.hosts[host].agent.as_mut().and_then(|sim| sim.agent.poll()) {
            self.carry_out(host, output)?;
        }
        self.arrange_agent_waking(host);
        Ok(())
    }

    fn carry_out(&mut self, host: usize, output: Output) -> Result<(), Violation> {
        match output {
            Output::ToControl(message) => {
                let incarnation = self.hosts[host].incarnation;
                self.audit.note_report((host, incarnation), &message);
                if let Some(link) = self.hosts[host].agent.as_ref().and_then(|agent| agent.link) {
                    self.send_to_server(link, message);
                }
            }
            Output::Launch(launch) => self.begin_launch(host, *launch),
            Output::Withdraw { output } => self.withdraw(host, output),
            Output::Signal { output, signal } => self.signal(host, output, signal),
            Output::Release { attempt } => {
                let open = self.hosts[host].processes.values().any(|process| process.launch.attempt == attempt);
                let text = || format!("{attempt} is released before its containers have ended");
                require(!open, Rule::OneAttempt, text)?;
            }
            Output::Exit => {
                self.tell(|_| format!("the agent of h{} ends", host + 1));
                self.end_agent(host, RESTART_MS);
            }
        }
        Ok(())
    }

    pub(super) fn runner_says(&mut self, host: usize, incarnation: u64, event: RunnerEvent) -> Result<(), Violation> {
        if self.hosts[host].agent_of(incarnation).is_none() {
            return Ok(());
        }
        self.tell_agent(host, Input::FromRunner(event))
    }

    pub(super) fn agent_wakes(&mut self, host: usize, incarnation: u64) -> Result<(), Violation> {
        let Some(agent) = self.hosts[host].agent_of(incarnation) else { return Ok(()) };
        agent.wakes_at = None;
        self.tell_agent(host, Input::Wake)
    }

    /// A deadline may have come nearer. One whose time has come although nothing was done about it waits for a second.
    pub(super) fn arrange_agent_waking(&mut self, host: usize) {
        let (ahead, incarnation, now) = (self.hosts[host].clock, self.hosts[host].incarnation, self.now);
        let Some(deadline) = self.hosts[host].agent.as_ref().and_then(|sim| sim.agent.next_deadline()) else { return };
        let due = self.when(deadline, ahead);
        let at = if due <= now { now + 1_000 } else { due };
        let Some(agent) = &mut self.hosts[host].agent else { return };
        if agent.wakes_at.is_none_or(|planned| at < planned) {
            agent.wakes_at = Some(at);
            self.at(at, Event::AgentWakes { host, incarnation });
        }
    }
}
