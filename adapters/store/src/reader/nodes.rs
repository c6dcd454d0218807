//! The nodes of a multi-node job, in the order of their indexes (`MNP-7`). Before the job was placed they have no rows and
//! are what their job is.

use super::Reader;
use super::jobs::{JobView, Page, job};
use crate::error::Error;
use crate::load::doc;
use crate::specs::Specs;
use longshore_engine::entity::{Gang, Run};
use longshore_types::{JobId, JobStatus};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Which nodes of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeQuery {
    /// The job.
    pub job: JobId,
    /// Nodes in one of these statuses.
    pub statuses: Vec<JobStatus>,
    /// The last node of the page before.
    pub after: Option<u32>,
    /// The longest page.
    pub limit: usize,
}

impl Reader {
    /// A page of a job's nodes; `None` when there is no such multi-node job.
    pub fn list_nodes(&self, query: &NodeQuery) -> Result<Option<Page<u32>>, Error> {
        self.read(|db| {
            let Some(job) = job(db, &mut Specs::default(), query.job)? else { return Ok(None) };
            let Some(count) = job.spec.nodes().map(|nodes| nodes.count) else { return Ok(None) };
            let mut rows = rows(db, job.id)?;
            let first = query.after.map_or(0, |after| after.saturating_add(1));
            let mut found: Vec<(u32, Run)> = Vec::new();
            for index in first..count {
                let run = rows.remove(&index).unwrap_or_else(|| Gang::unplaced(&job.run));
                if query.statuses.contains(&run.status) {
                    found.push((index, run));
                }
            }
            let limit = query.limit.max(1);
            let more = found.len() > limit;
            found.truncate(limit);
            let next = found.last().map(|(index, _)| *index).filter(|_| more);
            let job = Arc::new(job);
            let views = found.into_iter().map(|node| JobView { job: Arc::clone(&job), child: Some(node) });
            Ok(Some(Page { views: views.collect(), next }))
        })
    }
}

/// A job has at most a thousand nodes.
fn rows(db: &Connection, job: JobId) -> Result<BTreeMap<u32, Run>, Error> {
    let mut statement = db.prepare_cached("SELECT doc, idx FROM children WHERE job = ?")?;
    let mut rows = statement.query([job.to_string()])?;
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next()? {
        found.insert(row.get(1)?, doc("children", row)?);
    }
    Ok(found)
}
