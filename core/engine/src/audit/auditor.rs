//! The audit of rows that are shown one after the other, however many there are: it keeps what is small (queues, hosts,
//! resources), sixteen bytes of each attempt, and what it finds.

use super::{Finding, Findings, Invariant, jobs, resources};
use crate::entity::{ConsumableHold, Job, LogStream, Run};
use crate::rows::Rows;
use longshore_types::{AttemptId, JobId, JobRef, JobStatus, Name};
use std::collections::{BTreeMap, BTreeSet};

/// What an auditor asks of rows that it is not shown at the moment.
pub trait Others {
    /// The status of a job, child or node, as [`Rows::run`] has it; `None` if there is none.
    fn status(&self, reference: JobRef) -> Option<JobStatus>;

    /// Whether there is such a job, child or node.
    fn exists(&self, reference: JobRef) -> bool;
}

impl Others for Rows {
    fn status(&self, reference: JobRef) -> Option<JobStatus> {
        self.run(reference).map(|run| run.status)
    }

    fn exists(&self, reference: JobRef) -> bool {
        self.run(reference).is_some()
    }
}

/// What an audit came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audited {
    /// Rows that break a rule.
    pub findings: Vec<Finding>,
    /// Attempts that belong to several: a finding each once it is known to whom ([`repeated`]).
    pub repeated: BTreeSet<AttemptId>,
    /// The number of the last event.
    pub last_event: u64,
}

/// An audit under way.
#[derive(Debug)]
pub struct Auditor<'a> {
    /// Of these only what there are few of is looked at: neither jobs and children nor log streams and events.
    frame: &'a Rows,
    leaving: &'a BTreeSet<JobId>,
    findings: Findings,
    attempts: Vec<AttemptId>,
    /// What attempts hold of each consumable resource, by its name and its creation.
    held: BTreeMap<(Name, u64), u64>,
    last_event: Option<u64>,
}

impl<'a> Auditor<'a> {
    /// An audit of rows with this frame: queues, environments, hosts and other rows that there are few of. Of jobs that are
    /// `leaving`, whose rows are removed piece by piece, only the pieces may be left.
    pub fn new(frame: &'a Rows, leaving: &'a BTreeSet<JobId>) -> Self {
        let mut findings = Findings::default();
        resources::queues(frame, &mut findings);
        resources::services(frame, &mut findings);
        Self { frame, leaving, findings, attempts: Vec::new(), held: BTreeMap::new(), last_event: None }
    }

    /// A job; its children and nodes are to be shown next, in order.
    pub fn job<'b>(&'b mut self, job: &'b Job, others: &dyn Others) -> ExaminedJob<'a, 'b> {
        let reference = JobRef::Job(job.id);
        jobs::life(self.frame, (reference, &job.run), job, &mut self.findings);
        // The attempts of a multi-node job are its main node's.
        if job.gang.is_none() {
            self.attempts.extend(attempts_of(&job.run));
        }
        self.hold(&job.run);
        self.hold_all(job.gang.iter().flat_map(|gang| &gang.holds));
        if !job.run.status.is_terminal() {
            jobs::waits(others, job, &mut self.findings);
            let there = self.frame.queues.contains_key(&job.queue);
            let told = || (reference.to_string(), format!("it is in the queue {}, which does not exist", job.queue));
            self.findings.require(there, Invariant::References, told);
        }
        ExaminedJob { auditor: self, job, tally: jobs::Tally::default() }
    }

    /// A child or node whose job has no row.
    pub fn orphan(&mut self, job: JobId, index: u32) {
        let told = || (JobRef::Child(job, index).to_string(), "its job does not exist".to_owned());
        self.findings.require(self.leaving.contains(&job), Invariant::References, told);
    }

    /// A log stream.
    pub fn log_stream(&mut self, stream: &LogStream, others: &dyn Others) {
        resources::log_stream(stream, (self.leaving, others), &mut self.findings);
    }

    /// An event, with its first and its last number, in the order of the numbers.
    pub fn event(&mut self, first: u64, last: u64) {
        if let Some(before) = self.last_event.replace(last) {
            let told = || (format!("event {first}"), format!("the one before it is number {before}"));
            self.findings.require(first == before.saturating_add(1), Invariant::Events, told);
        }
    }

    /// Everything has been shown.
    pub fn finish(mut self) -> Audited {
        resources::consumables(self.frame, &self.held, &mut self.findings);
        self.attempts.sort_unstable();
        let repeated = self.attempts.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        let last_event = self.last_event.unwrap_or(0);
        Audited { findings: self.findings.0, repeated, last_event }
    }

    fn hold(&mut self, run: &Run) {
        self.hold_all(run.current.iter().flat_map(|current| &current.holds));
    }

    fn hold_all<'h>(&mut self, holds: impl Iterator<Item = &'h ConsumableHold>) {
        for hold in holds {
            let held = self.held.entry((hold.resource.clone(), hold.creation)).or_default();
            *held = held.saturating_add(hold.quantity);
        }
    }
}

/// A job whose children or nodes are being shown.
#[derive(Debug)]
pub struct ExaminedJob<'a, 'b> {
    auditor: &'b mut Auditor<'a>,
    job: &'b Job,
    tally: jobs::Tally,
}

impl ExaminedJob<'_, '_> {
    /// A child or node that has a row.
    pub fn child(&mut self, index: u32, run: &Run) {
        let Self { auditor, job, tally } = self;
        let nodes = job.spec.nodes().map(|nodes| nodes.count);
        let reference = if nodes.is_some() { JobRef::Node(job.id, index) } else { JobRef::Child(job.id, index) };
        let parts = nodes.or(job.array.as_ref().map(|array| array.size)).unwrap_or(0);
        let told = || (reference.to_string(), format!("its job has {parts} children or nodes"));
        auditor.findings.require(index < parts, Invariant::References, told);
        jobs::life(auditor.frame, (reference, run), job, &mut auditor.findings);
        auditor.attempts.extend(attempts_of(run));
        auditor.hold(run);
        if index < parts {
            tally.add(index, run.status);
        }
    }

    /// There are no more.
    pub fn finish(self) {
        if let Some(array) = &self.job.array {
            self.tally.compare((self.job.id, array), &mut self.auditor.findings);
        }
    }
}

/// The attempts of a run.
pub fn attempts_of(run: &Run) -> impl Iterator<Item = AttemptId> + '_ {
    let current = run.current.as_ref().map(|current| current.id);
    run.attempts.iter().map(|attempt| attempt.id).chain(current)
}

/// The finding of an attempt that belongs to several.
pub fn repeated(attempt: AttemptId, owners: &[JobRef]) -> Finding {
    let mut all: Vec<String> = owners.iter().map(ToString::to_string).collect();
    all.sort_unstable();
    let last = all.pop().unwrap_or_default();
    let others = all.join(", ");
    let problem = format!("its attempt {attempt} is also one of {others}");
    Finding { invariant: Invariant::Attempts, subject: last, problem }
}
