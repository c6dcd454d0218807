//! The children of an array, page by page in the order of their indexes (`LST-8`).
//!
//! Children without a row are in the array's default state: they are the gaps between the rows, found by walking both
//! side by side and never more of them than fit on the page. Where the array says that there are no gaps, only rows of
//! the statuses asked for are looked at.

use super::Reader;
use super::jobs::{JobView, Page, has_children, job};
use crate::error::Error;
use crate::load::doc;
use crate::specs::Specs;
use longshore_engine::entity::{Array, Job, Run};
use longshore_types::{JobId, JobStatus};
use rusqlite::{Connection, params};
use std::ops::Range;
use std::sync::Arc;

/// Which children of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildQuery {
    /// The array.
    pub array: JobId,
    /// Children in one of these statuses.
    pub statuses: Vec<JobStatus>,
    /// The last child of the page before.
    pub after: Option<u32>,
    /// The longest page.
    pub limit: usize,
}

impl Reader {
    /// A page of an array's children; `None` when there is no such array.
    pub fn list_children(&self, query: &ChildQuery) -> Result<Option<Page<u32>>, Error> {
        self.read(|db| {
            let Some(array_job) = job(db, &mut Specs::default(), query.array)? else { return Ok(None) };
            let Some(array) = array_job.array.clone() else { return Ok(None) };
            let limit = query.limit.max(1);
            let first = query.after.map_or(0, |after| after.saturating_add(1));
            let mut found = if !has_children(&array) {
                Vec::new()
            } else if query.statuses.contains(&array.default.run().status) {
                let mut found = by_status(db, query, first..array.rows_before, limit + 1)?;
                let rest = (limit + 1).saturating_sub(found.len());
                found.extend(walk(db, query, &array, (first.max(array.rows_before), rest))?);
                found
            } else {
                by_status(db, query, first..array.size, limit + 1)?
            };
            let more = found.len() > limit;
            found.truncate(limit);
            let next = found.last().map(|(index, _)| *index).filter(|_| more);
            Ok(Some(Page { views: views(array_job, found), next }))
        })
    }
}

fn views(job: Job, found: Vec<(u32, Run)>) -> Vec<JobView> {
    let job = Arc::new(job);
    found.into_iter().map(|child| JobView { job: Arc::clone(&job), child: Some(child) }).collect()
}

/// Children that all have rows: one index range per status, merged.
fn by_status(db: &Connection, query: &ChildQuery, indexes: Range<u32>, limit: usize) -> Result<Vec<(u32, Run)>, Error> {
    let mut found = Vec::new();
    let mut statement = db.prepare_cached(
        "SELECT doc, idx FROM children INDEXED BY children_by_status
         WHERE job = ? AND status = ? AND idx >= ? AND idx < ? ORDER BY idx LIMIT ?",
    )?;
    let limit_rows = i64::try_from(limit).unwrap_or(i64::MAX);
    for status in &query.statuses {
        let mut rows = statement.query(params![
            query.array.to_string(),
            status.as_str(),
            indexes.start,
            indexes.end,
            limit_rows
        ])?;
        while let Some(row) = rows.next()? {
            found.push((row.get(1)?, doc("children", row)?));
        }
    }
    found.sort_unstable_by_key(|(index, _)| *index);
    found.dedup_by_key(|(index, _)| *index);
    found.truncate(limit);
    Ok(found)
}

/// Rows and the gaps between them.
fn walk(
    db: &Connection,
    query: &ChildQuery,
    array: &Array,
    (first, limit): (u32, usize),
) -> Result<Vec<(u32, Run)>, Error> {
    let statuses: Vec<&str> = query.statuses.iter().map(|status| status.as_str()).collect();
    let default = array.child();
    let mut statement =
        db.prepare_cached("SELECT doc, idx, status FROM children WHERE job = ? AND idx >= ? ORDER BY idx")?;
    let mut rows = statement.query(params![query.array.to_string(), first])?;
    let mut found = Vec::new();
    let mut next = first;
    while found.len() < limit {
        let row = rows.next()?;
        let index: u32 = row.map_or(Ok(array.size), |row| row.get(1))?;
        let gap = (next..index.min(array.size)).take(limit - found.len());
        found.extend(gap.map(|index| (index, default.clone())));
        let Some(row) = row.filter(|_| found.len() < limit && index < array.size) else { break };
        if statuses.contains(&row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?) {
            found.push((index, doc("children", row)?));
        }
        next = index + 1;
    }
    Ok(found)
}
