//! Links between the server and the agents: streams, as the protocol asks for. What arrives over one link arrives in the
//! order in which it was sent, and if something is lost, so is everything after it and the link. Everything else may
//! happen: messages take any time, arrive twice, arrive although the sender is gone, or after those of a newer link;
//! either end may learn late that the link is gone.

use super::{Event, World};
use crate::violation::Violation;
use longshore_agent::Input as ToAgent;
use longshore_control::{Input, LinkId};
use longshore_protocol::{AgentMessage, ControlMessage};

/// Milliseconds that a message takes at least and at most.
const MESSAGE_MS: (u64, u64) = (1, 30);
/// Until one end sees that the link was cut.
const HEARD_MS: (u64, u64) = (1, 3_000);
/// Between tries to connect.
const RECONNECT_MS: (u64, u64) = (50, 1_000);

/// One link.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) host: usize,
    pub(crate) incarnation: u64,
    pub(crate) server_open: bool,
    pub(crate) agent_open: bool,
    /// Nothing more gets into it.
    cut: bool,
    /// What was on its way is lost.
    lost_to_server: bool,
    lost_to_agent: bool,
    /// When what was sent last arrives.
    to_server_tail: u64,
    pub(crate) to_agent_tail: u64,
}

/// A direction.
#[derive(Clone, Copy, Debug)]
enum Way {
    ToServer,
    ToAgent,
}

/// What is wrong with the network of a host, and until when.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weather {
    pub(crate) no_way_to_server: u64,
    pub(crate) no_way_to_agent: u64,
    pub(crate) delayed: (u64, u64),
    pub(crate) duplicated: u64,
}

impl World {
    /// An agent tries to connect.
    pub(super) fn connect(&mut self, host: usize, incarnation: u64) -> Result<(), Violation> {
        if self.hosts[host].agent_of(incarnation).is_none_or(|agent| agent.link.is_some()) {
            return Ok(());
        }
        let weather = self.hosts[host].weather;
        if self.server.is_none() || weather.no_way_to_server.max(weather.no_way_to_agent) > self.now {
            let ms = self.random.between(RECONNECT_MS.0, RECONNECT_MS.1);
            self.after(ms, Event::Connects { host, incarnation });
            return Ok(());
        }
        let id = self.links.keys().next_back().map_or(1, |last| last + 1);
        if let Some(agent) = self.hosts[host].agent_of(incarnation) {
            agent.link = Some(id);
        }
        let (server_open, agent_open, tail) = (true, true, self.now);
        let link = Link {
            host,
            incarnation,
            server_open,
            agent_open,
            cut: false,
            lost_to_server: false,
            lost_to_agent: false,
            to_server_tail: tail,
            to_agent_tail: tail,
        };
        self.links.insert(id, link);
        self.tell(|_| format!("h{} connects over link {id}", host + 1));
        self.tell_agent(host, ToAgent::Connected)
    }

    /// When a message arrives that is sent now, given when the one before it does.
    fn arrival(&mut self, host: usize, blocked_until: u64, tail: u64) -> u64 {
        let (until, by) = self.hosts[host].weather.delayed;
        let mut ms = self.random.between(MESSAGE_MS.0, MESSAGE_MS.1);
        if until > self.now {
            self.coverage.fault("message delayed");
            ms += self.random.between(0, by.max(1));
        }
        (self.now + ms).max(blocked_until).max(tail)
    }

    pub(super) fn send_to_server(&mut self, id: u64, message: AgentMessage) {
        self.send_over(id, Way::ToServer, message, |message| Event::ToServer { link: id, message });
    }

    pub(super) fn send_to_agent(&mut self, id: u64, message: ControlMessage) {
        if self.links.get(&id).is_some_and(|link| link.server_open) {
            self.send_over(id, Way::ToAgent, message, |message| Event::ToAgent { link: id, message });
        }
    }

    fn send_over<M: Clone>(&mut self, id: u64, way: Way, message: M, arrives: impl Fn(M) -> Event) {
        let Some(link) = self.links.get(&id) else { return };
        if link.cut {
            self.coverage.fault("message lost");
            return;
        }
        let (host, weather) = (link.host, self.hosts[link.host].weather);
        let (tail, blocked, partition) = match way {
            Way::ToServer => (link.to_server_tail, weather.no_way_to_server, "partition to the server"),
            Way::ToAgent => (link.to_agent_tail, weather.no_way_to_agent, "partition to the agent"),
        };
        if blocked > self.now {
            self.coverage.fault(partition);
        }
        let at = self.arrival(host, blocked, tail);
        if let Some(link) = self.links.get_mut(&id) {
            match way {
                Way::ToServer => link.to_server_tail = at,
                Way::ToAgent => link.to_agent_tail = at,
            }
        }
        if weather.duplicated > self.now {
            self.coverage.fault("message duplicated");
            self.at(at, arrives(message.clone()));
        }
        self.at(at, arrives(message));
    }

    pub(super) fn message_at_server(&mut self, id: u64, mut message: AgentMessage) -> Result<(), Violation> {
        let Some(link) = self.links.get(&id).filter(|link| link.server_open) else { return Ok(()) };
        let host = link.host;
        if link.lost_to_server {
            self.coverage.fault("message lost");
            self.tell(|world| format!("lost on its way to the server: {}", world.message_in_words(&message)));
            return Ok(());
        }
        if self.links.range(id + 1..).any(|(_, newer)| newer.host == host) {
            self.coverage.fault("messages overtaken by a newer link's");
        }
        if let Some(planted) = self.planted {
            planted.spoil_message(&mut message);
        }
        if let AgentMessage::Hello(hello) = &message
            && hello.held.iter().any(|attempt| self.audit.is_unknown(*attempt))
        {
            self.coverage.fault("attempts that a restored server does not know");
        }
        self.tell(|world| format!("h{} to the server: {}", host + 1, world.message_in_words(&message)));
        self.tell_server(Input::FromAgent { link: LinkId(id), message })
    }

    pub(super) fn message_at_agent(&mut self, id: u64, message: ControlMessage) -> Result<(), Violation> {
        let Some(link) = self.links.get(&id).filter(|link| link.agent_open) else { return Ok(()) };
        let (host, incarnation) = (link.host, link.incarnation);
        if link.lost_to_agent {
            self.coverage.fault("message lost");
            self.tell(|world| format!("lost on its way to h{}: {}", host + 1, world.order_in_words(&message)));
            return Ok(());
        }
        if self.hosts[host].agent_of(incarnation).is_none_or(|agent| agent.link != Some(id)) {
            return Ok(());
        }
        self.tell(|world| format!("the server to h{}: {}", host + 1, world.order_in_words(&message)));
        self.tell_agent(host, ToAgent::FromControl(message))
    }

    /// The link of a host is cut: what was on its way may be lost, and both ends hear of it when they do.
    pub(super) fn cut(&mut self, host: usize, (lost_to_server, lost_to_agent): (bool, bool)) {
        let open = |link: &Link| link.host == host && !link.cut && (link.server_open || link.agent_open);
        let Some(id) = self.links.iter().rev().find(|(_, link)| open(link)).map(|(id, _)| *id) else { return };
        self.coverage.fault("link cut");
        let server_hears = self.now + self.random.between(HEARD_MS.0, HEARD_MS.1);
        let agent_hears = self.now + self.random.between(HEARD_MS.0, HEARD_MS.1);
        let Some(link) = self.links.get_mut(&id) else { return };
        link.cut = true;
        link.lost_to_server = lost_to_server;
        link.lost_to_agent = lost_to_agent;
        let (server_hears, agent_hears) = (server_hears.max(link.to_server_tail), agent_hears.max(link.to_agent_tail));
        self.at(server_hears, Event::ServerHearsClose { link: id });
        self.at(agent_hears, Event::AgentHearsClose { link: id });
    }

    /// The agent of a host is gone, and with it its end of the link; what it has sent arrives.
    pub(super) fn agent_end_is_gone(&mut self, id: u64) {
        let ms = self.random.between(HEARD_MS.0, HEARD_MS.1);
        let at = self.now + ms;
        let Some(link) = self.links.get_mut(&id) else { return };
        link.agent_open = false;
        let at = at.max(link.to_server_tail);
        self.at(at, Event::ServerHearsClose { link: id });
    }

    pub(super) fn agent_hears_close(&mut self, id: u64) -> Result<(), Violation> {
        let Some(link) = self.links.get_mut(&id).filter(|link| link.agent_open) else { return Ok(()) };
        link.agent_open = false;
        let (host, incarnation) = (link.host, link.incarnation);
        let Some(agent) = self.hosts[host].agent_of(incarnation).filter(|agent| agent.link == Some(id)) else {
            return Ok(());
        };
        agent.link = None;
        let ms = self.random.between(RECONNECT_MS.0, RECONNECT_MS.1);
        self.after(ms, Event::Connects { host, incarnation });
        self.tell(|_| format!("h{} sees that link {id} is gone", host + 1));
        self.tell_agent(host, ToAgent::Disconnected)
    }
}
