//! Jobs, their children and nodes, and what they wait for.

use super::{Findings, Invariant, Others};
use crate::entity::{Array, Dependency, DependencyKind, DependencyOutcome, Job, Run};
use crate::rows::Rows;
use longshore_types::{JobId, JobRef, JobStatus};

/// One status and what is beside it.
pub(super) fn life(rows: &Rows, (reference, run): (JobRef, &Run), job: &Job, findings: &mut Findings) {
    let status = run.status;
    let mut require = |holds: bool, invariant: Invariant, problem: &str| {
        findings.require(holds, invariant, || (reference.to_string(), format!("it is {status}, {problem}")));
    };
    let ended = status.is_terminal();
    require(ended == run.stopped_at.is_some(), Invariant::Lives, "which does not go with whether it has stoppedAt");
    let placed = matches!(status, JobStatus::Starting | JobStatus::Running);
    require(run.current.is_none() || placed, Invariant::Lives, "but has an attempt under way");
    let whole_of_nodes = job.gang.is_some() && matches!(reference, JobRef::Job(_));
    require(!placed || run.current.is_some() || whole_of_nodes, Invariant::Lives, "but has no attempt under way");
    let begun = status != JobStatus::Running || run.started_at.is_some();
    require(begun, Invariant::Lives, "but has no startedAt");
    let Some(current) = &run.current else { return };
    let environment = rows.environments.contains_key(&current.environment);
    require(environment, Invariant::References, "in a compute environment that does not exist");
    require(rows.hosts.contains_key(&current.host), Invariant::References, "on a host that does not exist");
}

/// The children of an array that have rows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    counts: [u32; 7],
    rows: u32,
    /// Rows without a gap from the first child on.
    before: u32,
}

impl Tally {
    /// Indexes come in order.
    pub(super) fn add(&mut self, index: u32, status: JobStatus) {
        self.counts[status as usize] += 1;
        self.before += u32::from(index == self.before);
        self.rows += 1;
    }

    /// Compares them with what the array says of itself.
    pub(super) fn compare(self, (id, array): (JobId, &Array), findings: &mut Findings) {
        let spawned = array.counts.iter().any(|count| *count > 0);
        if !spawned {
            let told = || (id.to_string(), "children have rows before there are children".to_owned());
            findings.require(self.rows == 0, Invariant::ArrayCounters, told);
            return;
        }
        let mut counts = self.counts;
        counts[array.child().status as usize] += array.size.saturating_sub(self.rows);
        let told = || (id.to_string(), format!("its counters are {:?} and its children {counts:?}", array.counts));
        findings.require(counts == array.counts, Invariant::ArrayCounters, told);
        let before = self.before.min(array.rows_before);
        let told =
            || (id.to_string(), format!("of the {} children that should have rows {before} do", array.rows_before));
        findings.require(before == array.rows_before, Invariant::ArrayCounters, told);
    }
}

/// What a job that has not ended waits for.
pub(super) fn waits(others: &dyn Others, job: &Job, findings: &mut Findings) {
    let open = |entry: &&Dependency| entry.outcome == DependencyOutcome::Open;
    for target in job.depends_on.iter().filter(open).filter_map(|entry| Some((entry.kind, entry.target?))) {
        let (kind, target) = target;
        let status = |reference| others.status(reference);
        // How a node ended is final with its job, which may try again until then.
        let state = match target {
            JobRef::Node(id, _) => status(target).and(status(JobRef::Job(id))),
            _ => status(target),
        };
        let told = || (job.id.to_string(), format!("it depends on {target}, which does not exist"));
        findings.require(state.is_some(), Invariant::Dependencies, told);
        let decided = kind != Some(DependencyKind::NToN) && state.is_some_and(JobStatus::is_terminal);
        let told = || (job.id.to_string(), format!("it waits for {target}, which has ended"));
        findings.require(!decided, Invariant::Dependencies, told);
    }
    let idle = job.run.status == JobStatus::Pending && job.array.is_none();
    let told = || (job.id.to_string(), "it is PENDING and depends on nothing that is undecided".to_owned());
    findings.require(!idle || job.depends_on.iter().any(|entry| open(&entry)), Invariant::Dependencies, told);
}
