//! A restart changes nothing: what is in memory equals what is on disk, and what is rebuilt from that.

use super::answers::{Asked, front_of};
use crate::violation::{Rule, Violation, require};
use crate::world::World;
use longshore_control::{Control, Input};
use longshore_engine::{Engine, Question, Rows};
use longshore_types::{HostId, JobRef, Name, Resources};
use std::collections::{BTreeMap, BTreeSet};

impl World {
    /// The server has just been restored: it is what the rows say, and nothing that was promised is missing.
    pub(crate) fn audit_recovery(&mut self) -> Result<(), Violation> {
        self.coverage.check("recoveries");
        self.audit_everything()?;
        let Some(server) = &self.server else { return Ok(()) };
        let engine = server.control.engine();
        let names = engine.environments().keys();
        self.audit.used = names.map(|name| (name.clone(), engine.fleet().environment_used_milli(name))).collect();
        compare(server.control.engine(), &self.rows)
    }

    /// If everything is on disk: the server is what the rows say, and so would be another one.
    pub(crate) fn audit_twin(&mut self) -> Result<(), Violation> {
        let Some(server) = &self.server else { return Ok(()) };
        if self.disk.pending.is_some() || server.control.engine().has_changes() {
            return Ok(());
        }
        self.coverage.check("twins");
        compare(server.control.engine(), &self.rows)
    }

    /// A server restored from the rows would serve the same jobs in the same order.
    pub(crate) fn compare_fronts(&mut self) -> Result<(), Violation> {
        let quiet = self.server.as_ref().is_some_and(|server| !server.control.engine().has_changes());
        if !quiet || self.disk.pending.is_some() {
            return Ok(());
        }
        // Time goes on for a server when its clock is set back: it knows no earlier one.
        let now = self.server.as_ref().map_or_else(|| self.clock(0), |server| server.latest);
        let twin = Engine::restore(self.config.clone(), 1, now, self.rows.snapshot());
        let mut twin = Control::new(now, twin);
        let queues: Vec<Name> = self.rows.queues.keys().cloned().collect();
        for queue in queues {
            let token = self.client.token();
            let question = Question::Snapshot(queue.clone());
            twin.handle(now, Input::Question { token, question: question.clone() });
            let Some(front) = front_of(&mut twin, now) else { continue };
            self.audit.asked.insert(token, Asked::Front { queue, front });
            self.tell_server(Input::Question { token, question })?;
        }
        Ok(())
    }
}

/// Whether the state in memory is that of the rows.
fn compare(engine: &Engine, rows: &Rows) -> Result<(), Violation> {
    let differs =
        |what: String| Violation { rule: Rule::Recovery, text: format!("in memory and on disk differ: {what}") };
    let mut used: BTreeMap<HostId, Resources> = BTreeMap::new();
    let mut seats = BTreeSet::new();
    for job in rows.jobs.values().filter(|job| !job.run.status.is_terminal()) {
        let kept = engine.job(job.id).is_some_and(|kept| kept == job);
        require(kept, Rule::Recovery, || format!("in memory and on disk differ: {}", job.name))?;
        let children = rows.children.range((job.id, 0)..=(job.id, u32::MAX));
        let nodes = job.spec.nodes().is_some();
        let part = |index| if nodes { JobRef::Node(job.id, index) } else { JobRef::Child(job.id, index) };
        let parts = children.map(|((_, index), run)| (part(*index), run));
        for (reference, run) in parts.chain([(JobRef::Job(job.id), &job.run)]) {
            let kept = engine.run(reference).ok_or_else(|| differs(reference.to_string()))?;
            // Of children that have ended only the status is in memory.
            let same = if run.status.is_terminal() { kept.status == run.status } else { *kept == *run };
            require(same, Rule::Recovery, || format!("in memory and on disk differ: {} {reference}", job.name))?;
            if let Some(current) = run.current.as_ref().filter(|current| seats.insert(current.seat_id())) {
                let sum = used.entry(current.host).or_default();
                *sum = sum.plus(job.demand_of(reference));
            }
        }
    }
    for (id, host) in engine.fleet().hosts() {
        let expected = used.remove(id).unwrap_or_default();
        require(host.used == expected, Rule::Recovery, || format!("{} counts as used: {:?}", id, host.used))?;
    }
    require(engine.environments() == &rows.environments, Rule::Recovery, || "environments differ".to_owned())?;
    require(engine.queues() == &rows.queues, Rule::Recovery, || "queues differ".to_owned())?;
    require(engine.definitions() == &rows.definitions, Rule::Recovery, || "definitions differ".to_owned())
}
