//! The server: `Control` with what it takes in and puts out. Killing it loses everything but the rows.

use super::{Event, World};
use crate::setup;
use crate::violation::{Rule, Violation, require};
use longshore_control::{Control, Input, LinkId, Output, Token};
use longshore_engine::Engine;
use longshore_types::{HostId, Timestamp};
use std::collections::BTreeSet;

/// How long a server that was killed is down, if nobody says.
pub(super) const DOWN_MS: u64 = 2_000;
/// How long it takes until the other side hears that one end of a link is gone.
const HEARD_MS: (u64, u64) = (1, 200);

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) control: Control,
    /// When it is going to be woken.
    wakes_at: Option<u64>,
    /// The latest time that it was told.
    pub(crate) latest: Timestamp,
}

impl World {
    /// The first server, with what every world begins with, all of it durable.
    pub(super) fn set_up(&mut self) -> Result<(), Violation> {
        let engine = Engine::new(self.config.clone(), self.script.seed);
        self.server =
            Some(Server { control: Control::new(self.clock(0), engine), wakes_at: None, latest: self.clock(0) });
        for command in setup::commands() {
            let Some(server) = &mut self.server else { break };
            let told = format!("{command:?}");
            server.control.handle(Timestamp::from_millis(0), Input::Request { token: Token(0), command });
            while let Some(output) = server.control.poll() {
                match output {
                    Output::Commit { number, changes } => {
                        let _ = self.audit.note(&self.rows, &changes);
                        changes.into_iter().for_each(|change| self.rows.apply(change));
                        let now = Timestamp::from_millis(0);
                        server.control.handle(now, Input::Committed { through: number });
                    }
                    Output::Reply { result, .. } => {
                        require(result.is_ok(), Rule::Assertion, || format!("{result:?} to {told}"))?;
                    }
                    Output::Answer { .. } | Output::ToAgent { .. } => {}
                }
            }
        }
        self.arrange_waking();
        Ok(())
    }

    pub(super) fn start_server(&mut self) -> Result<(), Violation> {
        if self.server.is_some() {
            return Ok(());
        }
        self.generation += 1;
        let now = self.clock(self.server_clock);
        let seed = self.script.seed.wrapping_add(self.generation << 32);
        let mut snapshot = self.rows.snapshot();
        if let Some(planted) = self.planted {
            planted.spoil_snapshot(&mut snapshot);
        }
        let engine = Engine::restore(self.config.clone(), seed, now, snapshot);
        self.server = Some(Server { control: Control::new(now, engine), wakes_at: None, latest: now });
        self.tell(|_| "the server starts".to_owned());
        self.audit_recovery()?;
        self.pump_server()
    }

    /// The server is gone with everything that it had not written; a commit under way may have been.
    pub(super) fn crash_server(&mut self, written: bool, down_ms: u64) -> Result<(), Violation> {
        if self.server.is_none() {
            return Ok(());
        }
        self.audit_twin()?;
        self.server = None;
        self.coverage.fault("server crash");
        if let Some((number, changes)) = self.disk.pending.take() {
            self.coverage.fault(if written { "server crash, commit written" } else { "server crash, commit lost" });
            self.tell(|_| {
                format!("commit {number} was {}", if written { "written, and nobody was told" } else { "lost" })
            });
            if written {
                self.write(changes)?;
            }
        }
        if let Some(before) = self.disk.before.take() {
            self.rows = before;
        }
        self.audit_acknowledged()?;
        self.client_hears_nothing();
        let links: Vec<u64> = self.links.iter().filter(|(_, link)| link.server_open).map(|(id, _)| *id).collect();
        for link in links {
            self.server_end_is_gone(link);
        }
        self.after(down_ms, Event::ServerStarts);
        Ok(())
    }

    pub(crate) fn tell_server(&mut self, input: Input) -> Result<(), Violation> {
        let now = self.clock(self.server_clock);
        let Some(server) = &mut self.server else { return Ok(()) };
        server.latest = server.latest.max(now);
        server.control.handle(now, input);
        self.pump_server()
    }

    pub(crate) fn pump_server(&mut self) -> Result<(), Violation> {
        while let Some(output) = self.server.as_mut().and_then(|server| server.control.poll()) {
            match output {
                Output::Commit { number, changes } => self.begin_commit(number, changes)?,
                Output::Reply { token, result } => self.reply_arrives(token, result)?,
                Output::Answer { token, answer } => self.audit_answer(token, &answer)?,
                Output::ToAgent { link, message } => {
                    self.audit_message(link, &message)?;
                    self.send_to_agent(link.0, message);
                }
            }
        }
        self.arrange_waking();
        self.audit_live()
    }

    /// A deadline may have come nearer.
    fn arrange_waking(&mut self) {
        let Some(deadline) = self.server.as_ref().and_then(|server| server.control.next_deadline()) else { return };
        let at = self.when(deadline, self.server_clock);
        let generation = self.generation;
        let Some(server) = &mut self.server else { return };
        if server.wakes_at.is_none_or(|planned| at < planned) {
            server.wakes_at = Some(at);
            self.at(at, Event::ServerWakes { generation });
        }
    }

    pub(super) fn server_wakes(&mut self, generation: u64) -> Result<(), Violation> {
        if generation != self.generation {
            return Ok(());
        }
        if let Some(server) = &mut self.server {
            server.wakes_at = None;
        }
        // As in the daemon, time that has not come yet by the server's own clock is waited for.
        let early = self.server.as_ref().and_then(|server| server.control.next_deadline());
        if early.is_some_and(|deadline| deadline > self.clock(self.server_clock)) {
            self.arrange_waking();
            return Ok(());
        }
        let away = self.hosts_away();
        self.tell_server(Input::Wake)?;
        for _ in away.difference(&self.hosts_away()) {
            self.coverage.fault("host given up");
        }
        self.rest_after_waking();
        Ok(())
    }

    /// Hosts that are not heard of and whose attempts are waited for.
    fn hosts_away(&self) -> BTreeSet<HostId> {
        let hosts = self.server.iter().flat_map(|server| server.control.engine().fleet().hosts());
        hosts.filter(|(_, state)| !state.connected && !state.attempts.is_empty()).map(|(id, _)| *id).collect()
    }

    /// A deadline that stays where it is although its time has come is looked at again in a second, as by the daemon.
    fn rest_after_waking(&mut self) {
        let now = self.now;
        let generation = self.generation;
        let Some(server) = &mut self.server else { return };
        if server.wakes_at.is_some_and(|at| at <= now) {
            server.wakes_at = Some(now + 1_000);
            self.at(now + 1_000, Event::ServerWakes { generation });
        }
    }

    /// One of the server's links is gone with it.
    fn server_end_is_gone(&mut self, id: u64) {
        let ms = self.random.between(HEARD_MS.0, HEARD_MS.1);
        let at = self.now + ms;
        let Some(link) = self.links.get_mut(&id) else { return };
        link.server_open = false;
        let at = at.max(link.to_agent_tail);
        self.at(at, Event::AgentHearsClose { link: id });
    }

    pub(super) fn server_hears_close(&mut self, id: u64) -> Result<(), Violation> {
        let Some(link) = self.links.get_mut(&id).filter(|link| link.server_open) else { return Ok(()) };
        link.server_open = false;
        self.tell(|_| format!("the server sees that link {id} is gone"));
        self.tell_server(Input::LinkClosed { link: LinkId(id) })
    }
}
