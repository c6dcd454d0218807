//! The control plane without I/O, in the shape of `quinn_proto::Connection`: bytes and time come in through
//! [`Control::handle`], everything to be done comes out of [`Control::poll`].
//!
//! ```text
//!            handle(now, Input)                                poll() → Output
//!  requests ─────────┐   ┌──────────── engine ───────────┐   ┌──▶ Commit ──▶ store ──┐
//!  agents   ─────────┼──▶│ applied in memory at once     │──▶│                       │ Committed
//!  store    ─────────┘   │ rows changed · effects · reply│   └──▶ held until durable ◀┘
//!                        └───────────────────────────────┘            │
//!                                                                     ▼  Reply · ToAgent
//! ```
//!
//! Nothing leaves before it is durable: every reply and message is held until the commit that carries what it depends on
//! is on disk. One commit is being written at a time; the next gathers meanwhile. While hosts have work ahead, so that
//! nobody waits for a commit, it gathers for [`GATHER_MS`] at least.
#![forbid(unsafe_code)]
#![deny(missing_docs, clippy::float_arithmetic)]

mod agents;
mod gathering;
mod hold;

pub use gathering::GATHER_MS;

use agents::Agents;
use gathering::Gathering;
use hold::Hold;
use longshore_engine::{Answer, Change, Command, Effect, Engine, Error, Question, Response};
use longshore_protocol::{AgentMessage, ControlMessage};
use longshore_types::Timestamp;

/// A connection to an agent; never reused, and higher than that of every connection before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u64);

/// A request that waits for its reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub u64);

/// What happens to the control plane.
#[derive(Clone, Debug)]
pub enum Input {
    /// A client asks for something.
    Request {
        /// Comes back with the reply.
        token: Token,
        /// What.
        command: Command,
    },
    /// A client asks about the state in memory.
    Question {
        /// Comes back with the answer.
        token: Token,
        /// What.
        question: Question,
    },
    /// An agent says something.
    FromAgent {
        /// Its connection.
        link: LinkId,
        /// What.
        message: AgentMessage,
    },
    /// The connection to an agent is gone.
    LinkClosed {
        /// Which.
        link: LinkId,
    },
    /// Every commit up to this number is on disk.
    Committed {
        /// The number.
        through: u64,
    },
    /// The server is to take its agents and their attempts down with it.
    ShutdownAgents,
    /// The deadline has come.
    Wake,
}

/// What the control plane wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Write these rows in one transaction, then say `Committed`.
    Commit {
        /// Numbered from 1 without gaps.
        number: u64,
        /// The rows.
        changes: Vec<Change>,
    },
    /// Answer a request.
    Reply {
        /// The request.
        token: Token,
        /// The answer.
        result: Result<Response, Error>,
    },
    /// Answer a question.
    Answer {
        /// The question.
        token: Token,
        /// The answer.
        answer: Answer,
    },
    /// Tell an agent something.
    ToAgent {
        /// Its connection.
        link: LinkId,
        /// What.
        message: ControlMessage,
    },
}

/// The control plane.
#[derive(Debug)]
pub struct Control {
    engine: Engine,
    agents: Agents,
    hold: Hold,
    gathering: Gathering,
    /// The last commit given out.
    last_commit: u64,
    /// The last commit known to be on disk.
    durable: u64,
    /// Whether agents are to end, also those that come.
    ends_agents: bool,
    now: Timestamp,
}

impl Control {
    /// A control plane over an engine that is new or was restored at `now`: what waits may be placed before any input comes.
    pub fn new(now: Timestamp, engine: Engine) -> Self {
        Self {
            engine,
            agents: Agents::default(),
            hold: Hold::default(),
            gathering: Gathering::default(),
            last_commit: 0,
            durable: 0,
            ends_agents: false,
            now,
        }
    }

    /// The state, to look at.
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Takes one input in. Never does anything outside: call [`Control::poll`] until it is empty.
    pub fn handle(&mut self, now: Timestamp, input: Input) {
        // The clock may step back; the state never does.
        self.now = self.now.max(now);
        match input {
            Input::Request { token, command } => {
                let result = self.engine.apply(self.now, command);
                self.hold(Output::Reply { token, result });
            }
            Input::Question { token, question } => {
                // What fits is placed first, so that nobody is told to wait for what is there.
                self.place();
                let answer = self.engine.answer(self.now, &question);
                self.hold(Output::Answer { token, answer });
            }
            Input::FromAgent { link, message } => self.on_agent_message(link, message),
            Input::LinkClosed { link } => {
                if let Some(host) = self.agents.closed(link) {
                    self.engine.host_disconnected(self.now, host);
                }
            }
            Input::Committed { through } => {
                self.durable = self.durable.max(through);
                self.engine.committed(through);
            }
            Input::ShutdownAgents => {
                self.ends_agents = true;
                self.agents.links().into_iter().for_each(|link| self.end_agent(link));
            }
            Input::Wake => self.engine.tick(self.now),
        }
        self.send_effects();
    }

    fn on_agent_message(&mut self, link: LinkId, message: AgentMessage) {
        match message {
            AgentMessage::Hello(hello) => {
                if !self.agents.connected(link, hello.host) {
                    // The agent, or another one on its host, has come over a newer connection since.
                    return;
                }
                let version = longshore_protocol::VERSION;
                self.hold(Output::ToAgent { link, message: ControlMessage::Welcome { version } });
                self.engine.host_connected(self.now, &hello);
                if self.ends_agents && !hello.leaving {
                    self.end_agent(link);
                }
            }
            AgentMessage::Report(report) => {
                if let Some(host) = self.agents.host(link) {
                    self.engine.attempt_event(self.now, host, report.event);
                }
                self.gathering.reported(link, report.number);
            }
        }
    }

    fn end_agent(&mut self, link: LinkId) {
        let grace_ms = self.engine.stop_grace_ms();
        self.hold(Output::ToAgent { link, message: ControlMessage::Shutdown { grace_ms } });
    }

    /// One step of placement, if there may be something to place.
    fn place(&mut self) {
        if self.engine.wants_schedule() {
            self.engine.schedule(self.now);
            self.send_effects();
        }
    }

    /// Effects become messages to the agents that are connected; a Hello repeats them to those that are not.
    fn send_effects(&mut self) {
        for effect in self.engine.take_effects() {
            let (host, message) = match effect {
                Effect::Start { host, start } => (host, ControlMessage::Start(start)),
                Effect::Stop { host, attempt, grace_ms } => (host, ControlMessage::Stop { attempt, grace_ms }),
            };
            if let Some(link) = self.agents.link(host) {
                self.hold(Output::ToAgent { link, message });
            }
        }
    }

    /// Keeps an output until everything that has changed so far is durable.
    fn hold(&mut self, output: Output) {
        self.gathering.note(&output);
        let gathering = u64::from(self.engine.has_changes());
        self.hold.push(self.last_commit + gathering, output);
    }

    /// The next thing to do, until there is nothing.
    pub fn poll(&mut self) -> Option<Output> {
        self.place();
        // An acknowledgement promises durability, so it waits for the commit like everything else.
        for (link, through) in self.gathering.take_reported() {
            self.hold(Output::ToAgent { link, message: ControlMessage::Ack { through } });
        }
        if self.may_commit() && self.gathering.is_over(self.now, self.engine.has_ahead()) {
            self.gathering.begin();
            self.last_commit += 1;
            let changes = self.engine.take_changes(self.last_commit);
            return Some(Output::Commit { number: self.last_commit, changes });
        }
        self.hold.pop(self.durable)
    }

    /// Whether there is something to commit and nothing is being written.
    fn may_commit(&self) -> bool {
        self.durable == self.last_commit && self.engine.has_changes()
    }

    /// When to say `Wake` if nothing else happens before.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let gathered = self.gathering.until().filter(|_| self.may_commit());
        self.engine.next_deadline().into_iter().chain(gathered).min()
    }
}

#[cfg(test)]
mod tests;
