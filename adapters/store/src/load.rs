//! Start-up: the rows that the engine needs, as [`Snapshot`] documents them.

mod jobs;

use crate::error::Error;
use crate::specs::Specs;
use longshore_engine::Snapshot;
use longshore_engine::entity::{ChildRow, Dependency, DependencyKind, DependencyOutcome, Job};
use longshore_types::{JobId, JobRef, JobStatus};
use rusqlite::{Connection, Params, Row};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Reads the snapshot in one transaction.
pub(crate) fn load(db: &Connection) -> Result<Snapshot, Error> {
    let db = db.unchecked_transaction()?;
    let snapshot = load_within(&db)?;
    db.finish()?;
    Ok(snapshot)
}

/// The same, in a transaction that is there.
pub(crate) fn load_within(db: &Connection) -> Result<Snapshot, Error> {
    let jobs = wanted_jobs(db)?;
    Ok(Snapshot {
        environments: docs(db, "environments", "SELECT doc, name FROM environments ORDER BY name", [])?,
        queues: docs(db, "queues", "SELECT doc, name FROM queues ORDER BY name", [])?,
        definitions: docs(db, "definitions", "SELECT doc, name FROM definitions ORDER BY name, revision", [])?,
        policies: docs(db, "policies", "SELECT doc, name FROM policies ORDER BY name", [])?,
        consumables: docs(db, "consumables", "SELECT doc, name FROM consumables ORDER BY name", [])?,
        consumable_updates: docs(
            db,
            "consumable_updates",
            "SELECT doc, token FROM consumable_updates ORDER BY resource, token",
            [],
        )?,
        shares: docs(db, "share_usage", "SELECT doc, share FROM share_usage ORDER BY queue, share", [])?,
        children: children(db, &jobs)?,
        ended_children: ended_children(db, &jobs)?,
        hosts: docs(db, "hosts", "SELECT doc, id FROM hosts ORDER BY id", [])?,
        last_seq: last(db, "SELECT max(seq) FROM jobs")?,
        last_event: last(db, "SELECT max(seq) FROM events")?,
        service_environments: docs(
            db,
            "service_environments",
            "SELECT doc, name FROM service_environments ORDER BY name",
            [],
        )?,
        quota_shares: docs(db, "quota_shares", "SELECT doc, name FROM quota_shares ORDER BY queue, name", [])?,
        service_jobs: docs(db, "service_jobs", "SELECT doc, id FROM service_jobs ORDER BY id", [])?,
        jobs,
    })
}

/// The entities in the first column; the second names the row.
pub(crate) fn docs<T: DeserializeOwned>(
    db: &Connection,
    table: &'static str,
    query: &str,
    values: impl Params,
) -> Result<Vec<T>, Error> {
    let mut statement = db.prepare_cached(query)?;
    let mut rows = statement.query(values)?;
    let mut entities = Vec::new();
    while let Some(row) = rows.next()? {
        entities.push(doc(table, row)?);
    }
    Ok(entities)
}

/// The entity in the first column of a row; the second names the row.
pub(crate) fn doc<T: DeserializeOwned>(table: &'static str, row: &Row<'_>) -> Result<T, Error> {
    decode(table, row, |text| serde_json::from_str(text))
}

/// The job in the first column of a row; the second names the row.
pub(crate) fn job(specs: &mut Specs, row: &Row<'_>) -> Result<Job, Error> {
    decode("jobs", row, |text| specs.job(text))
}

fn decode<T>(
    table: &'static str,
    row: &Row<'_>,
    entity: impl FnOnce(&str) -> Result<T, serde_json::Error>,
) -> Result<T, Error> {
    let text = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
    entity(text).map_err(|source| Error::Decode { table, key: key(row), source })
}

fn key(row: &Row<'_>) -> String {
    row.get_ref(1).map_or_else(
        |_| String::new(),
        |value| match value {
            rusqlite::types::ValueRef::Integer(number) => number.to_string(),
            other => other.as_str().unwrap_or_default().to_owned(),
        },
    )
}

/// Jobs that have not ended, and the ended arrays that they still follow child by child; in the order of submission.
fn wanted_jobs(db: &Connection) -> Result<Vec<Arc<Job>>, Error> {
    let active = "SELECT doc, id FROM jobs WHERE status NOT IN ('SUCCEEDED', 'FAILED') ORDER BY seq";
    let mut jobs = jobs::read(db, active, [])?;
    let mut followed: BTreeSet<JobId> =
        jobs.iter().flat_map(|job| &job.depends_on).filter_map(followed_array).collect();
    if !followed.is_empty() {
        let known: BTreeSet<JobId> = jobs.iter().map(|job| job.id).collect();
        followed.retain(|id| !known.contains(id));
    }
    for id in followed {
        jobs.extend(jobs::read(db, "SELECT doc, id FROM jobs WHERE id = ?", [id.to_string()])?);
    }
    // Whoever decoded them, each has theirs in order: a few runs to merge.
    jobs.sort_by_key(|job| job.seq);
    Ok(jobs)
}

/// The array whose children an entry still reads.
fn followed_array(entry: &Dependency) -> Option<JobId> {
    let open = entry.kind == Some(DependencyKind::NToN) && entry.outcome == DependencyOutcome::Open;
    open.then_some(entry.target?.job())
}

/// Children that have not ended, and every node.
fn children(db: &Connection, jobs: &[Arc<Job>]) -> Result<Vec<ChildRow>, Error> {
    let mut every = db.prepare_cached("SELECT doc, idx FROM children WHERE job = ?")?;
    let mut live = db.prepare_cached(
        "SELECT doc, idx FROM children
         WHERE job = ? AND status IN ('SUBMITTED', 'PENDING', 'RUNNABLE', 'STARTING', 'RUNNING')",
    )?;
    let mut children = Vec::new();
    for job in jobs.iter().filter(|job| job.array.is_some() || job.gang.is_some()) {
        let statement = if job.array.is_some() { &mut live } else { &mut every };
        let mut rows = statement.query([job.id.to_string()])?;
        while let Some(row) = rows.next()? {
            children.push(ChildRow { job: job.id, index: row.get(1)?, run: doc("children", row)? });
        }
    }
    children.sort_unstable_by_key(|child| (child.job, child.index));
    Ok(children)
}

/// Children that have ended. An index has all that is asked of them, so their rows, most of a long life's, are not read.
fn ended_children(db: &Connection, jobs: &[Arc<Job>]) -> Result<Vec<(JobRef, JobStatus)>, Error> {
    let mut statement = db.prepare_cached("SELECT idx FROM children WHERE job = ? AND status = ?")?;
    let mut children = Vec::new();
    for job in jobs.iter().filter(|job| job.array.is_some()) {
        for status in [JobStatus::Succeeded, JobStatus::Failed] {
            let mut rows = statement.query([job.id.to_string().as_str(), status.as_str()])?;
            while let Some(row) = rows.next()? {
                children.push((JobRef::Child(job.id, row.get(0)?), status));
            }
        }
    }
    children.sort_unstable_by_key(|(child, _)| *child);
    Ok(children)
}

/// The highest number that was ever given out. The rows that carry these are never removed.
fn last(db: &Connection, query: &str) -> Result<u64, Error> {
    let last: Option<i64> = db.query_row(query, [], |row| row.get(0))?;
    Ok(last.and_then(|last| u64::try_from(last).ok()).unwrap_or(0))
}
