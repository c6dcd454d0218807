//! Nothing leaves the server before the commit that carries it: replies, orders to agents, acknowledgements.

use crate::violation::{Rule, Violation, require};
use crate::world::World;
use longshore_control::LinkId;
use longshore_engine::Response;
use longshore_protocol::ControlMessage;
use longshore_types::{AttemptId, JobRef};

impl World {
    /// What a reply promises is on disk.
    pub(crate) fn audit_reply(&mut self, response: &Response) -> Result<(), Violation> {
        self.coverage.check("replies");
        let (kept, what) = match response {
            Response::Submitted { id, name } => {
                (self.rows.jobs.contains_key(id) || self.rows.service_jobs.contains_key(id), name.to_string())
            }
            Response::Registered(id) => (self.rows.definitions.contains_key(id), id.to_string()),
            _ => (true, String::new()),
        };
        require(kept, Rule::Durable, || format!("{what} was promised and is not on disk"))
    }

    /// What an agent is told is on disk.
    pub(crate) fn audit_message(&mut self, link: LinkId, message: &ControlMessage) -> Result<(), Violation> {
        match message {
            ControlMessage::Start(start) => {
                self.coverage.check("orders");
                // An order is repeated to an agent that says Hello; that what it had ordered is over may be on disk by then.
                let repeated = !self.audit.ordered.insert(start.attempt);
                let known = repeated || self.is_known(start.job, start.attempt);
                require(known, Rule::Durable, || format!("{} is started and not on disk", self.called(start.job)))
            }
            ControlMessage::Ack { through } => self.audit_acknowledgement(link, *through),
            _ => Ok(()),
        }
    }

    fn is_known(&self, reference: JobRef, attempt: AttemptId) -> bool {
        self.rows.run(reference).is_some_and(|run| {
            run.current.is_some_and(|current| current.id == attempt) || run.attempts.iter().any(|one| one.id == attempt)
        })
    }

    /// Of what an agent is told to forget, every end is on disk.
    fn audit_acknowledgement(&mut self, link: LinkId, through: u64) -> Result<(), Violation> {
        let Some(link) = self.links.get(&link.0) else { return Ok(()) };
        let (from, to) = ((link.host, link.incarnation, 0), (link.host, link.incarnation, through));
        let covered: Vec<_> = self.audit.reported.range(from..=to).map(|(key, attempt)| (*key, *attempt)).collect();
        for (key, attempt) in covered {
            self.coverage.check("acknowledgements");
            self.audit.reported.remove(&key);
            let Some(reference) = self.audit.attempts.get(&attempt).copied() else { continue };
            let open = self.rows.run(reference).and_then(|run| run.current).is_some_and(|now| now.id == attempt);
            let text = || format!("the end of {} is acknowledged and not on disk", self.called(reference));
            require(!open, Rule::Durable, text)?;
        }
        Ok(())
    }
}
