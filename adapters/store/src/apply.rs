//! One changed row to one statement.

use crate::error::Error;
use crate::reader::EventDoc;
use longshore_engine::Change;
use longshore_engine::entity::{
    ChildRow, ComputeEnvironment, ConsumableUpdate, DefinitionId, Event, EventSubject, Host, Job, JobDefinition,
    JobQueue, LogStream, QuotaShare, QuotaShareId, ServiceEnvironment, ServiceJob,
};
use longshore_types::{JobRef, Name};
use rusqlite::{Connection, Params, params};
use serde::Serialize;
use std::collections::BTreeMap;

/// Carries out `change` within the transaction that is open.
pub(crate) fn apply(db: &Connection, change: &Change) -> Result<(), Error> {
    match change {
        Change::PutEnvironment(row) => put_environment(db, row),
        Change::DeleteEnvironment(name) => run(db, "DELETE FROM environments WHERE name = ?", [name.as_str()]),
        Change::PutQueue(row) => put_queue(db, row),
        Change::DeleteQueue(name) => run(db, "DELETE FROM queues WHERE name = ?", [name.as_str()]),
        Change::PutDefinition(row) => put_definition(db, row),
        Change::PutPolicy(row) => put_named(db, "policies", (&row.name, row)),
        Change::DeletePolicy(name) => run(db, "DELETE FROM policies WHERE name = ?", [name.as_str()]),
        Change::PutConsumable(row) => put_named(db, "consumables", (&row.name, row)),
        Change::DeleteConsumable(name) => run(db, "DELETE FROM consumables WHERE name = ?", [name.as_str()]),
        Change::PutConsumableUpdate(row) => put_consumable_update(db, row),
        Change::DeleteConsumableUpdate(resource, token) => {
            let statement = "DELETE FROM consumable_updates WHERE resource = ? AND token = ?";
            run(db, statement, [resource.as_str(), token])
        }
        Change::DeleteDefinition(id) => delete_definition(db, id),
        Change::PutShareUsage(row) => {
            let statement = "INSERT OR REPLACE INTO share_usage (queue, share, doc) VALUES (?, ?, ?)";
            run(db, statement, params![row.queue.as_str(), row.share, doc("share_usage", row)?])
        }
        Change::DeleteShareUsage(queue, share) => {
            run(db, "DELETE FROM share_usage WHERE queue = ? AND share = ?", [queue.as_str(), share])
        }
        Change::PutJob(row) => put_job(db, row),
        Change::PutEndedJob(row) => put_ended_job(db, row),
        Change::PutChild(row) => put_child(db, row),
        Change::PutHost(row) => put_host(db, row),
        Change::PutLogStream(row) => put_log_stream(db, row),
        Change::AppendEvent(row) => append_event(db, row),
        Change::PutServiceEnvironment(row) => put_service_environment(db, row),
        Change::DeleteServiceEnvironment(name) => {
            run(db, "DELETE FROM service_environments WHERE name = ?", [name.as_str()])
        }
        Change::PutQuotaShare(row) => put_quota_share(db, row),
        Change::DeleteQuotaShare(id) => {
            run(db, "DELETE FROM quota_shares WHERE queue = ? AND name = ?", [id.queue.as_str(), id.name.as_str()])
        }
        Change::PutServiceJob(row) => put_service_job(db, row),
        Change::DeleteServiceJob(id) => run(db, "DELETE FROM service_jobs WHERE id = ?", [id.to_string()]),
    }
}

fn run(db: &Connection, statement: &str, values: impl Params) -> Result<(), Error> {
    db.prepare_cached(statement)?.execute(values)?;
    Ok(())
}

fn doc(table: &'static str, row: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(row).map_err(|source| Error::Encode { table, source })
}

fn put_environment(db: &Connection, row: &ComputeEnvironment) -> Result<(), Error> {
    let statement = "INSERT OR REPLACE INTO environments (name, state, status, doc) VALUES (?, ?, ?, ?)";
    let doc = doc("environments", row)?;
    run(db, statement, params![row.name.as_str(), row.state.as_str(), row.status.as_str(), doc])
}

fn put_queue(db: &Connection, row: &JobQueue) -> Result<(), Error> {
    let statement = "INSERT OR REPLACE INTO queues (name, state, status, doc) VALUES (?, ?, ?, ?)";
    run(db, statement, params![row.name.as_str(), row.state.as_str(), row.status.as_str(), doc("queues", row)?])
}

fn put_service_environment(db: &Connection, row: &ServiceEnvironment) -> Result<(), Error> {
    let statement = "INSERT OR REPLACE INTO service_environments (name, state, status, doc) VALUES (?, ?, ?, ?)";
    let doc = doc("service_environments", row)?;
    run(db, statement, params![row.name.as_str(), row.state.as_str(), row.status.as_str(), doc])
}

fn put_quota_share(db: &Connection, row: &QuotaShare) -> Result<(), Error> {
    let statement = "INSERT OR REPLACE INTO quota_shares (queue, name, state, status, doc) VALUES (?, ?, ?, ?, ?)";
    let doc = doc("quota_shares", row)?;
    let QuotaShareId { queue, name } = &row.id;
    run(db, statement, params![queue.as_str(), name.as_str(), row.state.as_str(), row.status.as_str(), doc])
}

fn put_service_job(db: &Connection, row: &ServiceJob) -> Result<(), Error> {
    let statement = "INSERT OR REPLACE INTO service_jobs (id, queue, seq, status, doc) VALUES (?, ?, ?, ?, ?)";
    let seq = i64::try_from(row.seq).unwrap_or(i64::MAX);
    let doc = doc("service_jobs", row)?;
    run(db, statement, params![row.id.to_string(), row.queue.as_str(), seq, row.status.as_str(), doc])
}

fn put_definition(db: &Connection, row: &JobDefinition) -> Result<(), Error> {
    let statement = "INSERT OR REPLACE INTO definitions (name, revision, active, doc) VALUES (?, ?, ?, ?)";
    run(db, statement, params![row.id.name.as_str(), row.id.revision, row.active, doc("definitions", row)?])
}

fn delete_definition(db: &Connection, id: &DefinitionId) -> Result<(), Error> {
    run(db, "DELETE FROM definitions WHERE name = ? AND revision = ?", params![id.name.as_str(), id.revision])
}

/// Only what changes in a job's life is written again, so that the indexes over the rest are left alone.
fn put_job(db: &Connection, row: &Job) -> Result<(), Error> {
    let statement = "INSERT INTO jobs
        (seq, id, queue, name, definition, revision, share, status, created_at, stopped_at, array_size, doc)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (seq) DO UPDATE SET status = excluded.status, stopped_at = excluded.stopped_at, doc = excluded.doc";
    let values = params![
        i64::try_from(row.seq).unwrap_or(i64::MAX),
        row.id.to_string(),
        row.queue.as_str(),
        row.name.as_str(),
        row.definition.name.as_str(),
        row.definition.revision,
        row.share_identifier.as_deref(),
        row.run.status.as_str(),
        row.created_at.as_millis(),
        row.run.stopped_at.map(longshore_types::Timestamp::as_millis),
        row.array.as_ref().map(|array| array.size),
        doc("jobs", row)?,
    ];
    run(db, statement, values)?;
    put_needs(db, row)
}

/// One that has expired since it was read stays away.
fn put_ended_job(db: &Connection, row: &Job) -> Result<(), Error> {
    let statement = "UPDATE jobs SET status = ?, stopped_at = ?, doc = ? WHERE id = ?";
    let stopped_at = row.run.stopped_at.map(longshore_types::Timestamp::as_millis);
    run(db, statement, params![row.run.status.as_str(), stopped_at, doc("jobs", row)?, row.id.to_string()])
}

/// What the job needs of consumable resources never changes.
fn put_needs(db: &Connection, row: &Job) -> Result<(), Error> {
    for need in &row.spec.consumables {
        let statement = "INSERT OR IGNORE INTO job_consumables (resource, seq) VALUES (?, ?)";
        run(db, statement, params![need.resource.as_str(), i64::try_from(row.seq).unwrap_or(i64::MAX)])?;
    }
    Ok(())
}

/// A row of a table that has nothing but names and documents.
fn put_named(db: &Connection, table: &'static str, (name, row): (&Name, &impl Serialize)) -> Result<(), Error> {
    let statement = format!("INSERT OR REPLACE INTO {table} (name, doc) VALUES (?, ?)");
    run(db, &statement, params![name.as_str(), doc(table, row)?])
}

fn put_consumable_update(db: &Connection, row: &ConsumableUpdate) -> Result<(), Error> {
    let statement = "INSERT OR REPLACE INTO consumable_updates (resource, token, doc) VALUES (?, ?, ?)";
    run(db, statement, params![row.resource.as_str(), row.token, doc("consumable_updates", row)?])
}

fn put_child(db: &Connection, row: &ChildRow) -> Result<(), Error> {
    let ChildRow { job, index, run: life } = row;
    let statement = "INSERT INTO children (job, idx, status, doc) VALUES (?, ?, ?, ?)
        ON CONFLICT (job, idx) DO UPDATE SET status = excluded.status, doc = excluded.doc";
    run(db, statement, params![job.to_string(), index, life.status.as_str(), doc("children", life)?])
}

fn put_host(db: &Connection, row: &Host) -> Result<(), Error> {
    run(db, "INSERT OR REPLACE INTO hosts (id, doc) VALUES (?, ?)", params![row.id.to_string(), doc("hosts", row)?])
}

/// A stream's name carries its attempt, so the attempt needs no key of its own.
fn put_log_stream(db: &Connection, row: &LogStream) -> Result<(), Error> {
    let LogStream { group, name, attempt, job, created_at, ended_at } = row;
    let statement = "INSERT INTO log_streams (grp, name, attempt, job, created_at, ended_at) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (grp, name) DO UPDATE SET created_at = excluded.created_at, ended_at = excluded.ended_at";
    let ended_at = ended_at.map(longshore_types::Timestamp::as_millis);
    let values = params![group, name, attempt.to_string(), job.to_string(), created_at.as_millis(), ended_at];
    run(db, statement, values)
}

/// The groups of the log streams among `changes`, each once.
pub(crate) fn put_log_groups(db: &Connection, changes: &[Change]) -> Result<(), Error> {
    let mut groups = BTreeMap::new();
    for change in changes {
        if let Change::PutLogStream(stream) = change {
            let first = groups.entry(stream.group.as_str()).or_insert(stream.created_at);
            *first = stream.created_at.min(*first);
        }
    }
    for (name, first) in groups {
        let statement = "INSERT INTO log_groups (name, created_at) VALUES (?, ?)
            ON CONFLICT (name) DO UPDATE SET created_at = excluded.created_at
            WHERE excluded.created_at < log_groups.created_at";
        run(db, statement, params![name, first.as_millis()])?;
    }
    Ok(())
}

fn append_event(db: &Connection, row: &Event) -> Result<(), Error> {
    let (job, ranges) = match &row.subject {
        EventSubject::One(reference) => (*reference, None),
        EventSubject::Children { array, ranges } => (JobRef::Job(*array), Some(ranges.clone())),
    };
    let statement = "INSERT INTO events (seq, at, kind, job, doc) VALUES (?, ?, ?, ?, ?)";
    let doc = doc("events", &EventDoc { run: &row.run, counts: row.counts, ranges })?;
    let seq = i64::try_from(row.seq).unwrap_or(i64::MAX);
    run(db, statement, params![seq, row.at.as_millis(), row.kind.as_str(), job.to_string(), doc])
}
