//! What must be true of a simulated world, looked at after everything that happens. What is a matter of rows alone is
//! checked by `longshore_engine::audit`; here is what takes the world to see: processes, clients, links, time.
//! It only looks, and breaks off the story where a rule is broken.

mod answers;
mod durable;
mod environments;
mod lives;
mod past;
mod processes;
mod recovery;

use crate::violation::{Rule, Violation, require};
use crate::world::World;
pub(crate) use past::Past;

use answers::Asked;
use longshore_control::Token;
use longshore_engine::audit::Invariant;
use longshore_engine::{Change, Rows};
use longshore_protocol::{AgentMessage, AttemptEvent, EndCause};
use longshore_types::{AttemptId, JobId, JobRef, JobStatus, Name};
use std::collections::{BTreeMap, BTreeSet};

/// What is remembered of a story to judge the rest of it by.
#[derive(Debug, Default)]
pub(crate) struct Audit {
    /// How jobs, children and nodes that have ended, have ended.
    ended: BTreeMap<JobRef, JobStatus>,
    /// Jobs whose submission was acknowledged.
    acknowledged: BTreeSet<JobId>,
    /// Jobs that were removed because nothing needed them any more.
    forgotten: BTreeSet<JobId>,
    /// Statuses as events have told them.
    told: BTreeMap<JobRef, JobStatus>,
    /// Containers that were ever started, by what names their output, with the attempt and whose it is.
    launched: BTreeMap<AttemptId, (AttemptId, JobRef)>,
    /// Attempts that hosts were ever told to start.
    ordered: BTreeSet<AttemptId>,
    /// Those of them that happened after a backup that was restored: the server does not know of them.
    unknown: BTreeSet<AttemptId>,
    /// What attempts are attempts of.
    attempts: BTreeMap<AttemptId, JobRef>,
    /// Attempts of a job, child or node that their agents called successful, with host and incarnation of the agent.
    succeeded: BTreeMap<JobRef, BTreeMap<AttemptId, (usize, u64)>>,
    /// Ends that agents have reported and that were not acknowledged: by host, incarnation and number.
    reported: BTreeMap<(usize, u64, u64), AttemptId>,
    /// What was used of environments when they were looked at last.
    used: BTreeMap<Name, u64>,
    /// What environments may use, as far as clients were told.
    limits: BTreeMap<Name, u64>,
    /// Questions that the server has not answered yet.
    asked: BTreeMap<Token, Asked>,
}

/// What is in use of a resource, and how much there is.
type Lent = (u64, u64);

/// What a commit has changed.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    jobs: BTreeSet<JobId>,
    events: Vec<(JobRef, JobStatus)>,
    /// Consumable resources before the commit and with it.
    consumables: Vec<(Name, Option<Lent>, Lent)>,
}

impl Audit {
    /// Notes what a commit changes in the rows, before it does.
    pub(crate) fn note(&mut self, rows: &Rows, changes: &[Change]) -> Touched {
        let mut touched = Touched::default();
        for change in changes {
            match change {
                Change::PutJob(job) => drop(touched.jobs.insert(job.id)),
                Change::PutEndedJob(job) => drop(touched.jobs.insert(job.id)),
                Change::PutChild(child) => drop(touched.jobs.insert(child.job)),
                Change::PutConsumable(row) => {
                    let before = rows.consumables.get(&row.name).map(|row| (row.in_use, row.total));
                    touched.consumables.push((row.name.clone(), before, (row.in_use, row.total)));
                }
                Change::AppendEvent(event) if event.kind == longshore_engine::entity::EventKind::StateChange => {
                    touched.events.extend(event.after(0).map(|(_, reference)| (reference, event.run.status)));
                }
                _ => {}
            }
        }
        touched
    }

    /// Notes what an agent reports when it does so for the first time, or again.
    pub(crate) fn note_report(&mut self, (host, incarnation): (usize, u64), message: &AgentMessage) {
        let AgentMessage::Report(report) = message else { return };
        let AttemptEvent::Ended { attempt, end, .. } = &report.event else { return };
        self.reported.insert((host, incarnation, report.number), *attempt);
        if end.cause == EndCause::Exited
            && end.exit_code == Some(0)
            && let Some(reference) = self.attempts.get(attempt)
        {
            self.succeeded.entry(*reference).or_default().insert(*attempt, (host, incarnation));
        }
    }

    pub(crate) fn acknowledged(&mut self, id: JobId) {
        self.acknowledged.insert(id);
    }

    pub(crate) fn forgotten(&mut self, id: JobId) {
        self.forgotten.insert(id);
    }
}

impl World {
    /// What must be true when a commit has become rows.
    pub(crate) fn audit_commit(&mut self, touched: &Touched) -> Result<(), Violation> {
        self.audit_events(touched)?;
        for id in &touched.jobs {
            self.audit_job(*id)?;
        }
        audit_rows(&self.rows, &self.audit.forgotten)?;
        self.coverage.check("rows");
        Ok(())
    }

    /// What must be true of everything at any time.
    pub(crate) fn audit_everything(&mut self) -> Result<(), Violation> {
        self.audit_acknowledged()?;
        self.audit_outputs()?;
        let jobs: Vec<JobId> = self.rows.jobs.keys().copied().collect();
        jobs.into_iter().try_for_each(|id| self.audit_job(id))?;
        audit_rows(&self.rows, &self.audit.forgotten)
    }

    /// Every job whose submission was acknowledged is there, unless nothing needed it any more.
    pub(crate) fn audit_acknowledged(&mut self) -> Result<(), Violation> {
        self.coverage.check("acknowledged jobs");
        let there = |id: &&JobId| self.rows.jobs.contains_key(*id) || self.audit.forgotten.contains(*id);
        let lost = self.audit.acknowledged.iter().find(|id| !there(id));
        require(lost.is_none(), Rule::Acknowledged, || {
            format!("{} was acknowledged and is gone", lost.map_or(String::new(), |id| self.called(JobRef::Job(*id))))
        })
    }
}

/// The rules of rows.
fn audit_rows(rows: &Rows, leaving: &BTreeSet<JobId>) -> Result<(), Violation> {
    let Some(found) = longshore_engine::audit::audit(rows, leaving).into_iter().next() else { return Ok(()) };
    let rule = match found.invariant {
        Invariant::ArrayCounters => Rule::Counters,
        Invariant::Attempts => Rule::OneAttempt,
        Invariant::Dependencies => Rule::Dependencies,
        Invariant::Consumables => Rule::Consumables,
        _ => Rule::Rows,
    };
    Err(Violation { rule, text: format!("{} ({}): {}", found.subject, found.invariant.as_str(), found.problem) })
}
