//! Jobs and children by id.

use super::Reader;
use crate::error::Error;
use crate::load::{self, doc};
use crate::specs::Specs;
use longshore_engine::command::EndedJob;
use longshore_engine::entity::{Array, ChildDefault, Gang, Job, Run};
use longshore_types::{JobId, JobRef, JobStatus, Name};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A job, or one child or node of it.
#[derive(Clone, Debug, PartialEq)]
pub struct JobView {
    /// The job; for a child its array, for a node the job that it is a node of.
    pub job: Arc<Job>,
    /// The child's or node's index and life, if it is one.
    pub child: Option<(u32, Run)>,
}

impl JobView {
    /// Its id.
    pub fn reference(&self) -> JobRef {
        match &self.child {
            None => JobRef::Job(self.job.id),
            Some((index, _)) if self.job.gang.is_some() => JobRef::Node(self.job.id, *index),
            Some((index, _)) => JobRef::Child(self.job.id, *index),
        }
    }

    /// Its life.
    pub fn run(&self) -> &Run {
        self.child.as_ref().map_or(&self.job.run, |(_, run)| run)
    }
}

/// Some jobs or children, and where the next ones begin.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<C> {
    /// The jobs.
    pub views: Vec<JobView>,
    /// To be passed as `after`; `None` when there are no more.
    pub next: Option<C>,
}

impl Reader {
    /// Each job, child or node asked for, in the same order; `None` for what does not exist.
    pub fn jobs(&self, references: &[JobRef]) -> Result<Vec<Option<JobView>>, Error> {
        self.read(|db| {
            let mut known = Known::default();
            references.iter().map(|reference| view(db, &mut known, *reference)).collect()
        })
    }

    /// What dependencies need to know of jobs that have ended: `None` for a job that does not exist. A job that has not
    /// ended is left out.
    pub fn ended_jobs(&self, ids: &[JobId]) -> Result<BTreeMap<JobId, Option<EndedJob>>, Error> {
        self.read(|db| {
            let (mut ended, mut specs) = (BTreeMap::new(), Specs::default());
            for id in ids {
                match job(db, &mut specs, *id)? {
                    None => drop(ended.insert(*id, None)),
                    Some(job) if job.run.status.is_terminal() => drop(ended.insert(*id, Some(ended_job(db, &job)?))),
                    Some(_) => {}
                }
            }
            Ok(ended)
        })
    }

    /// The number of a queue's jobs per status, indexed by `JobStatus as usize`; children are not counted.
    pub fn job_counts(&self, queue: &Name) -> Result<[u64; 7], Error> {
        self.read(|db| {
            let mut counts = [0; 7];
            let mut statement = db.prepare_cached("SELECT count(*) FROM jobs WHERE queue = ? AND status = ?")?;
            for (status, count) in JobStatus::ALL.into_iter().zip(&mut counts) {
                let found: i64 = statement.query_row(params![queue.as_str(), status.as_str()], |row| row.get(0))?;
                *count = u64::try_from(found).unwrap_or(0);
            }
            Ok(counts)
        })
    }
}

/// What one call has read already.
#[derive(Default)]
struct Known {
    jobs: BTreeMap<JobId, Option<Arc<Job>>>,
    specs: Specs,
}

/// A job by id.
pub(super) fn job(db: &Connection, specs: &mut Specs, id: JobId) -> Result<Option<Job>, Error> {
    let mut statement = db.prepare_cached("SELECT doc, id FROM jobs WHERE id = ?")?;
    let mut rows = statement.query([id.to_string()])?;
    rows.next()?.map(|row| load::job(specs, row)).transpose()
}

/// Whether an array's children have come into being (`ARR-5`).
pub(super) const fn has_children(array: &Array) -> bool {
    array.spawned_at.is_some() || matches!(array.default, ChildDefault::Failed { .. })
}

fn view(db: &Connection, known: &mut Known, reference: JobRef) -> Result<Option<JobView>, Error> {
    let id = reference.job();
    let job = match known.jobs.get(&id) {
        Some(job) => job.clone(),
        None => {
            let job = job(db, &mut known.specs, id)?.map(Arc::new);
            known.jobs.insert(id, job.clone());
            job
        }
    };
    let Some(job) = job else { return Ok(None) };
    match (reference, &job.array) {
        (JobRef::Job(_), _) => Ok(Some(JobView { job, child: None })),
        (JobRef::Child(_, index), Some(array)) if index < array.size && has_children(array) => {
            let run = child(db, id, index)?.unwrap_or_else(|| array.child());
            Ok(Some(JobView { job, child: Some((index, run)) }))
        }
        (JobRef::Node(_, index), _) if job.spec.nodes().is_some_and(|nodes| index < nodes.count) => {
            let run = child(db, id, index)?.unwrap_or_else(|| Gang::unplaced(&job.run));
            Ok(Some(JobView { job, child: Some((index, run)) }))
        }
        _ => Ok(None),
    }
}

fn child(db: &Connection, job: JobId, index: u32) -> Result<Option<Run>, Error> {
    let mut statement = db.prepare_cached("SELECT doc, idx FROM children WHERE job = ? AND idx = ?")?;
    let mut rows = statement.query(params![job.to_string(), index])?;
    rows.next()?.map(|row| doc("children", row)).transpose()
}

fn ended_job(db: &Connection, job: &Job) -> Result<EndedJob, Error> {
    let nodes = job.spec.nodes().map(|nodes| nodes.count);
    let failed_children = match (&job.array, nodes) {
        (Some(array), _) => failed(db, job.id, array.size, matches!(array.default, ChildDefault::Failed { .. }))?,
        // Nodes without rows never were more than their job.
        (None, Some(count)) => failed(db, job.id, count, job.run.status == JobStatus::Failed)?,
        (None, None) => BTreeSet::new(),
    };
    let array_size = job.array.as_ref().map(|array| array.size);
    Ok(EndedJob { status: job.run.status, array_size, nodes, failed_children })
}

/// The children or nodes that failed; those without rows did if `by_default`.
fn failed(db: &Connection, job: JobId, size: u32, by_default: bool) -> Result<BTreeSet<u32>, Error> {
    let mut failed: BTreeSet<u32> = if by_default { (0..size).collect() } else { BTreeSet::new() };
    let mut statement = db.prepare_cached("SELECT idx, status = 'FAILED' FROM children WHERE job = ?")?;
    let mut rows = statement.query([job.to_string()])?;
    while let Some(row) = rows.next()? {
        let (index, has_failed): (u32, bool) = (row.get(0)?, row.get(1)?);
        if has_failed {
            failed.insert(index)
        } else {
            failed.remove(&index)
        };
    }
    Ok(failed)
}

/// The job with this place in the order of submission.
pub(super) fn job_at(db: &Connection, specs: &mut Specs, seq: i64) -> Result<Option<Job>, Error> {
    let mut statement = db.prepare_cached("SELECT doc, id FROM jobs WHERE seq = ?")?;
    let found = statement.query_row([seq], |row| Ok(load::job(specs, row))).optional()?;
    found.transpose()
}
