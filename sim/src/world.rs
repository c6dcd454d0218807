//! The world: a server over a disk, hosts with agents and processes, links between them, a client with a script, and
//! time, which passes from one event to the next. The server's [`Control`] and every [`Agent`] are the ones that ship.
//!
//! ```text
//!  script ──lines──▶ client ──requests──▶ server (Control) ──commits──▶ disk (rows)
//!                      ▲                  │    ▲                          │
//!                      └── replies ◀──────┘    │ links: delay, cut, …     └──▶ after a crash, all there is
//!                                              ▼
//!                                        hosts (Agent) ──▶ processes
//! ```
//!
//! What is looked at after each event is in [`crate::audit`]; this module and those below it only make things happen.

mod client;
mod disk;
mod faults;
mod healing;
mod hosts;
mod looks;
mod network;
mod processes;
mod restoring;
mod server;

use crate::audit::Audit;
use crate::coverage::Coverage;
use crate::planted::Planted;
use crate::random::Random;
use crate::script::{Kind, Line, Script};
use crate::setting;
use crate::story::{Fingerprint, Story};
use crate::violation::{Rule, Violation, require};
pub(crate) use processes::{attempt_of, whole};

use client::Client;
use disk::Disk;
use hosts::SimHost;
use longshore_agent::RunnerEvent;
use longshore_engine::{Command, Config, Rows};
use longshore_protocol::{AgentMessage, ControlMessage};
use longshore_types::{AttemptId, JobRef, Timestamp};
use network::Link;
use server::Server;
use std::collections::BTreeMap;

/// What the clocks show when a story begins.
const BEGINNING: i64 = 1_700_000_000_000;
/// More events than any story needs.
const MOST_EVENTS: u64 = 500_000;
/// Longer than any healing takes, although clocks that were set back make up for it.
const HEALING_MS: u64 = 12 * 3_600_000;

/// Something that is going to happen.
#[derive(Debug)]
pub(crate) enum Event {
    /// A line of the script.
    Line(usize),
    /// A request arrives at the server.
    Request { line: Line, command: Command },
    /// A message arrives at the server.
    ToServer { link: u64, message: AgentMessage },
    /// The server sees that a link is gone.
    ServerHearsClose { link: u64 },
    /// A message arrives at an agent.
    ToAgent { link: u64, message: ControlMessage },
    /// An agent sees that its link is gone.
    AgentHearsClose { link: u64 },
    /// An agent tries to connect.
    Connects { host: usize, incarnation: u64 },
    /// The disk has written what the server gave it.
    Committed { generation: u64 },
    /// The server is started.
    ServerStarts,
    /// The server's deadline.
    ServerWakes { generation: u64 },
    /// An agent is started.
    AgentStarts { host: usize },
    /// An agent's deadline.
    AgentWakes { host: usize, incarnation: u64 },
    /// A container's process starts, or fails to.
    Launches { host: usize, incarnation: u64, output: AttemptId },
    /// A runner tells its agent something.
    RunnerSays { host: usize, incarnation: u64, event: RunnerEvent },
    /// A process ends.
    ProcessEnds { host: usize, output: AttemptId, how: processes::How },
    /// Somebody asks why jobs wait and how shares stand.
    Curious,
    /// The faults are over.
    Heals,
    /// What jobs wait for is made to be there.
    Repairs,
}

/// A simulated world.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) script: Script,
    pub(crate) config: Config,
    pub(crate) random: Random,
    /// Milliseconds since the beginning.
    pub(crate) now: u64,
    events: BTreeMap<(u64, u64), Event>,
    scheduled: u64,
    pub(crate) happened: u64,
    pub(crate) rows: Rows,
    pub(crate) server: Option<Server>,
    pub(crate) generation: u64,
    /// What the server's clock is ahead.
    pub(crate) server_clock: i64,
    pub(crate) disk: Disk,
    pub(crate) hosts: Vec<SimHost>,
    pub(crate) links: BTreeMap<u64, Link>,
    pub(crate) client: Client,
    pub(crate) audit: Audit,
    pub(crate) coverage: Coverage,
    pub(crate) story: Story,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) planted: Option<Planted>,
    /// Since when everything heals, once it does.
    pub(crate) healed_at: Option<u64>,
    /// What the script wanted to see, in words.
    pub(crate) seen: Vec<String>,
}

impl World {
    /// A world in which nothing of the script has happened yet.
    pub(crate) fn new(script: Script, planted: Option<Planted>, told: bool) -> Result<Self, Violation> {
        let (hosts, vcpus) = setting::hosts(&script);
        let mut world = Self {
            config: setting::config(&script),
            random: Random::new(script.seed ^ 0x5eed),
            now: 0,
            events: BTreeMap::new(),
            scheduled: 0,
            happened: 0,
            rows: Rows::default(),
            server: None,
            generation: 0,
            server_clock: 0,
            disk: Disk::default(),
            hosts: (1..=hosts).map(|number| SimHost::new(number, vcpus)).collect(),
            links: BTreeMap::new(),
            client: Client::default(),
            audit: Audit::default(),
            coverage: Coverage::default(),
            story: Story::new(told),
            fingerprint: Fingerprint::new(),
            planted,
            healed_at: None,
            seen: Vec::new(),
            script,
        };
        world.set_up()?;
        for host in 0..world.hosts.len() {
            world.after(10, Event::AgentStarts { host });
        }
        for (index, line) in world.script.lines.iter().enumerate() {
            world.events.insert((line.at_ms, index as u64), Event::Line(index));
        }
        world.scheduled += world.script.lines.len() as u64;
        world.after(5_000, Event::Curious);
        Ok(world)
    }

    /// Everything that the script says, and, unless it says when to stop, the healing after it.
    pub(crate) fn run(&mut self) -> Result<(), Violation> {
        let last = self.script.lines.last().map_or(0, |line| line.at_ms);
        if self.script.until_ms.is_none() {
            self.events.insert((last + 2_000, u64::MAX), Event::Heals);
        }
        while let Some(((at, _), event)) = self.events.pop_first() {
            if self.script.until_ms.is_some_and(|until| at > until) {
                break;
            }
            self.now = self.now.max(at);
            self.happened += 1;
            self.fingerprint.note(self.now);
            self.happen(event)?;
            if self.is_healing() && self.is_over() {
                break;
            }
            let endless = self.happened > MOST_EVENTS || self.healed_at.is_some_and(|at| self.now > at + HEALING_MS);
            require(!endless, Rule::Liveness, || self.what_is_open())?;
        }
        self.look_back()
    }

    fn happen(&mut self, event: Event) -> Result<(), Violation> {
        match event {
            Event::Line(index) => self.take_line(index),
            Event::Request { line, command } => self.request_arrives(line, command),
            Event::ToServer { link, message } => self.message_at_server(link, message),
            Event::ServerHearsClose { link } => self.server_hears_close(link),
            Event::ToAgent { link, message } => self.message_at_agent(link, message),
            Event::AgentHearsClose { link } => self.agent_hears_close(link),
            Event::Connects { host, incarnation } => self.connect(host, incarnation),
            Event::Committed { generation } => self.committed(generation),
            Event::ServerStarts => self.start_server(),
            Event::ServerWakes { generation } => self.server_wakes(generation),
            Event::AgentStarts { host } => self.start_agent(host),
            Event::AgentWakes { host, incarnation } => self.agent_wakes(host, incarnation),
            Event::Launches { host, incarnation, output } => self.launch_happens(host, incarnation, output),
            Event::RunnerSays { host, incarnation, event } => self.runner_says(host, incarnation, event),
            Event::ProcessEnds { host, output, how } => self.process_ends(host, output, how),
            Event::Curious => self.be_curious(),
            Event::Heals => self.heal(),
            Event::Repairs => {
                self.repair();
                Ok(())
            }
        }
    }

    fn take_line(&mut self, index: usize) -> Result<(), Violation> {
        let line = self.script.lines[index].clone();
        match line.kind() {
            Some(Kind::Command) => {
                self.say(&line);
                Ok(())
            }
            Some(Kind::Fault) if !self.is_healing() => {
                self.tell(|_| format!("*** {line}"));
                self.strike(&line)
            }
            Some(Kind::Look) => self.look(&line),
            Some(Kind::Operation) => {
                self.back_up();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Something is going to happen in so many milliseconds.
    pub(crate) fn after(&mut self, ms: u64, event: Event) {
        self.at(self.now + ms, event);
    }

    pub(crate) fn at(&mut self, at: u64, event: Event) {
        self.scheduled += 1;
        self.events.insert((at.max(self.now), self.scheduled), event);
    }

    /// What a clock shows that is so many milliseconds ahead.
    pub(crate) const fn clock(&self, ahead: i64) -> Timestamp {
        Timestamp::from_millis(BEGINNING + self.now as i64 + ahead)
    }

    /// When a clock that is so many milliseconds ahead will show a time.
    pub(crate) fn when(&self, shown: Timestamp, ahead: i64) -> u64 {
        u64::try_from(shown.as_millis() - BEGINNING - ahead).unwrap_or(0).max(self.now)
    }

    pub(crate) const fn is_healing(&self) -> bool {
        self.healed_at.is_some()
    }

    /// Tells what happens, if somebody wants to read it.
    pub(crate) fn tell(&mut self, text: impl FnOnce(&Self) -> String) {
        if self.story.is_wanted() {
            let text = text(self);
            self.story.tell(self.now, &text);
        }
    }

    /// A job, child or node by the name that the script gave it.
    pub(crate) fn called(&self, reference: JobRef) -> String {
        let id = reference.job();
        let name = self.rows.jobs.get(&id).map(|job| job.name.to_string());
        let name = name.or_else(|| self.client.name_of(id)).unwrap_or_else(|| id.to_string());
        match reference {
            JobRef::Job(_) => name,
            JobRef::Child(_, index) => format!("{name}:{index}"),
            JobRef::Node(_, index) => format!("{name}#{index}"),
        }
    }
}
