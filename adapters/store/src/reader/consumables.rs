//! Consumable resources, and the jobs that need them (`CR-5`).

use super::Reader;
use super::jobs::{JobView, job_at};
use super::listing::Pattern;
use super::resources::{one, rows};
use crate::error::Error;
use crate::load::doc;
use crate::specs::Specs;
use longshore_engine::entity::{ConsumableResource, Job};
use longshore_types::{JobStatus, Name};
use rusqlite::{Connection, params};
use std::sync::Arc;

/// Which consumable resources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsumableQuery {
    /// Only those with such a name, case ignored; none means all.
    pub names: Vec<Pattern>,
    /// The last one of the page before.
    pub after: Option<Name>,
    /// The most to return.
    pub limit: usize,
}

/// Which of the jobs that need a consumable resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumableJobQuery {
    /// The resource.
    pub resource: Name,
    /// Only jobs in one of these statuses; none means any.
    pub statuses: Vec<JobStatus>,
    /// Only jobs with such a name, case ignored; none means all.
    pub names: Vec<Pattern>,
    /// The order of submission of the last job of the page before.
    pub after: Option<u64>,
    /// The most to return.
    pub limit: usize,
}

impl Reader {
    /// A consumable resource.
    pub fn consumable(&self, name: &Name) -> Result<Option<ConsumableResource>, Error> {
        self.read(|db| one(db, "consumables", "SELECT doc, name FROM consumables WHERE name = ?", [name.as_str()]))
    }

    /// Consumable resources in the order of their names.
    pub fn consumables(&self, query: &ConsumableQuery) -> Result<Vec<ConsumableResource>, Error> {
        let statement = "SELECT doc, name FROM consumables WHERE name > ? ORDER BY name";
        let wanted = |row: &ConsumableResource| matches(&query.names, row.name.as_str());
        self.read(|db| {
            let mut statement = db.prepare_cached(statement)?;
            let mut found = statement.query([query.after.as_ref().map_or("", Name::as_str)])?;
            let mut resources = Vec::new();
            while let Some(row) = found.next()?
                && resources.len() < query.limit
            {
                resources.extend(Some(doc("consumables", row)?).filter(wanted));
            }
            Ok(resources)
        })
    }

    /// The jobs that need a consumable resource, the newest first (A16).
    pub fn consumable_jobs(&self, query: &ConsumableJobQuery) -> Result<Vec<JobView>, Error> {
        self.read(|db| {
            let (mut views, mut specs) = (Vec::new(), Specs::default());
            let mut after = query.after.map_or(i64::MAX, |seq| i64::try_from(seq).unwrap_or(i64::MAX));
            while views.len() < query.limit {
                let page = sequence(db, query, after)?;
                let Some(&last) = page.last() else { break };
                for seq in page {
                    let job = job_at(db, &mut specs, seq)?.filter(|job| wanted(query, job));
                    views.extend(job.map(|job| JobView { job: Arc::new(job), child: None }));
                }
                after = last;
            }
            views.truncate(query.limit);
            Ok(views)
        })
    }
}

/// The next jobs that need the resource, by their order of submission.
fn sequence(db: &Connection, query: &ConsumableJobQuery, after: i64) -> Result<Vec<i64>, Error> {
    let statement = "SELECT seq FROM job_consumables WHERE resource = ? AND seq < ? ORDER BY seq DESC LIMIT ?";
    let mut statement = db.prepare_cached(statement)?;
    let found = statement.query_map(params![query.resource.as_str(), after, rows(query.limit)], |row| row.get(0))?;
    found.map(|seq| seq.map_err(Error::from)).collect()
}

fn wanted(query: &ConsumableJobQuery, job: &Job) -> bool {
    let status = query.statuses.is_empty() || query.statuses.contains(&job.run.status);
    status && matches(&query.names, job.name.as_str())
}

fn matches(patterns: &[Pattern], name: &str) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(name))
}
