//! The lives of jobs, as rows and events tell them.

use super::Touched;
use crate::setup::MAIN_NODE;
use crate::violation::{Rule, Violation, require};
use crate::world::World;
use longshore_engine::entity::Run;
use longshore_types::{AttemptId, JobId, JobRef, JobStatus};
use std::collections::BTreeSet;

/// What the reason of an attempt begins with that was lost with its host or agent (spec table 4.1).
const HOST_GONE: &str = "Host EC2 (instance ";

impl World {
    /// Statuses move only along the table, one arrow at a time, as events tell it; and consumables stay within bounds.
    pub(super) fn audit_events(&mut self, touched: &Touched) -> Result<(), Violation> {
        for &(reference, status) in &touched.events {
            self.coverage.check("status changes");
            let parent =
                matches!(reference, JobRef::Job(id) if self.rows.jobs.get(&id).is_some_and(|job| job.array.is_some()));
            let node = matches!(reference, JobRef::Node(..));
            let before = self.audit.told.insert(reference, status);
            let along = before.is_none_or(|before| is_arrow(before, status, (parent, node)));
            let text = || format!("{} went from {before:?} to {status}", self.called(reference));
            require(along, Rule::Statuses, text)?;
        }
        for (name, before, (in_use, total)) in &touched.consumables {
            self.coverage.check("consumable resources");
            let text = || format!("{in_use} of {name} are in use, and there are {total}");
            // Of one that is new, a part may have been taken away in the same commit.
            let known = before.is_none_or(|(used_before, before)| *in_use <= used_before || *total < before);
            require(*in_use <= *total || known, Rule::Consumables, text)?;
        }
        Ok(())
    }

    /// What is true of a job and its parts: terminal is for ever, and success is had once and by running.
    pub(super) fn audit_job(&mut self, id: JobId) -> Result<(), Violation> {
        let Some(job) = self.rows.jobs.get(&id) else { return Ok(()) };
        let over = job.run.status.is_terminal();
        let size = job.array.as_ref().map_or(0, |array| array.size);
        let nodes = job.spec.nodes().map_or(0, |nodes| nodes.count);
        let parts = (0..size).map(|index| JobRef::Child(id, index));
        let parts: Vec<JobRef> = parts.chain((0..nodes).map(|index| JobRef::Node(id, index))).collect();
        let whole = parts.is_empty();
        for part in parts.into_iter().chain([JobRef::Job(id)]) {
            // How a node has ended is final with its job.
            if over || !matches!(part, JobRef::Node(..)) {
                self.audit_end(part, whole || part != JobRef::Job(id))?;
            }
        }
        Ok(())
    }

    fn audit_end(&mut self, part: JobRef, runs: bool) -> Result<(), Violation> {
        let Some(run) = self.rows.run(part) else { return Ok(()) };
        if let Some(before) = self.audit.ended.get(&part).copied() {
            let text = || format!("{} was {before} and is {}", self.called(part), run.status);
            require(before == run.status, Rule::Terminal, text)?;
        }
        if !run.status.is_terminal() {
            return Ok(());
        }
        self.audit.ended.insert(part, run.status);
        self.coverage.check("ends");
        if !runs || matches!(part, JobRef::Node(_, index) if index != MAIN_NODE) {
            return Ok(());
        }
        let succeeded = self.audit.succeeded.get(&part).cloned().unwrap_or_default();
        let ran = run.status != JobStatus::Succeeded || !succeeded.is_empty();
        require(ran, Rule::Once, || format!("{} succeeded without having run", self.called(part)))?;
        let untold = |attempt: AttemptId, (host, incarnation): (usize, u64)| {
            if self.audit.is_unknown(attempt) {
                return true;
            }
            // Given ahead, and gone with its agent before the server heard that it had started.
            let unknown = run.attempts.iter().all(|finished| finished.id != attempt);
            unknown && self.hosts[host].incarnation > incarnation
        };
        let excused =
            |(attempt, agent): &(&AttemptId, &(usize, u64))| is_lost(&run, **attempt) || untold(**attempt, **agent);
        let counted: BTreeSet<&AttemptId> = succeeded.iter().filter(|one| !excused(one)).map(|(id, _)| id).collect();
        let text = || format!("{} ran to success {} times", self.called(part), counted.len());
        require(counted.len() <= 1, Rule::Once, text)
    }
}

/// Whether an attempt was given up because its host or agent was not heard of.
pub(super) fn is_lost(run: &Run, attempt: AttemptId) -> bool {
    let mut attempts = run.attempts.iter().filter(|finished| finished.id == attempt);
    attempts.any(|finished| finished.status_reason.starts_with(HOST_GONE))
}

/// The arrows of the lifecycle (`ST-2`), written down a second time: a parent ends from PENDING (`ARR-2`), a node that has
/// ended is tried again with its job (`MNP-6`).
const fn is_arrow(from: JobStatus, to: JobStatus, (parent, node): (bool, bool)) -> bool {
    use JobStatus::{Failed, Pending, Runnable, Running, Starting, Submitted, Succeeded};
    match from {
        Submitted => matches!(to, Pending | Runnable | Failed),
        Pending if parent => matches!(to, Succeeded | Failed),
        Pending => matches!(to, Runnable | Failed),
        Runnable => !parent && matches!(to, Starting | Failed),
        Starting => !parent && matches!(to, Running | Runnable | Failed),
        Running => !parent && matches!(to, Runnable | Succeeded | Failed),
        Succeeded | Failed => node && matches!(to, Runnable),
    }
}
