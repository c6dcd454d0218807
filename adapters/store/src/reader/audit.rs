//! The audit of the whole database (`longshore_engine::audit`): every row is read once, in one state of the database, and none
//! is kept. It repairs nothing.

mod others;

use super::Reader;
use super::streams::stream;
use crate::error::Error;
use crate::load::{doc, docs};
use crate::schema;
use longshore_engine::Rows;
use longshore_engine::audit::{Auditor, Finding, Others, attempts_of, repeated};
use longshore_engine::entity::{Job, LogStream, Run};
use longshore_types::{AttemptId, JobId, JobRef};
use others::Lookup;
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The most that SQLite is asked to tell about a damaged file.
const TOLD: u32 = 100;

/// What an audit of the database came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DatabaseAudit {
    /// Rows that break a rule.
    pub findings: Vec<Finding>,
    /// Rows whose columns, which are what is searched, say something else than their documents.
    pub mismatched: Vec<String>,
    /// Jobs that are being removed: what belongs to them may still be there.
    pub leaving: BTreeSet<JobId>,
    /// Every attempt, and container of one with output of its own, that rows name; in order.
    pub attempts: Vec<AttemptId>,
    /// The number of the last event.
    pub last_event: u64,
}

/// A job and its columns.
pub(super) const JOBS: &str = "SELECT doc, id, queue, name, status, stopped_at FROM jobs ORDER BY seq";

impl Reader {
    /// A way to read the database at `path`, whoever writes to it. Fails later if there is none.
    pub fn open(path: impl AsRef<Path>) -> Self {
        Self::new(path.as_ref().to_path_buf())
    }

    /// The layout of the database, and the one that this version reads and writes.
    pub fn layouts(&self) -> Result<(i64, i64), Error> {
        self.read(|db| Ok((schema::version(db)?, schema::known())))
    }

    /// What SQLite finds wrong with the file; nothing if all is well.
    pub fn integrity(&self) -> Result<Vec<String>, Error> {
        self.read(|db| {
            let mut statement = db.prepare(&format!("PRAGMA integrity_check({TOLD})"))?;
            let told: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            Ok(told.into_iter().filter(|line| line != "ok").collect())
        })
    }

    /// Jobs that are being removed.
    pub fn leaving(&self) -> Result<BTreeSet<JobId>, Error> {
        self.read(leaving)
    }

    /// Audits every row. Shows every log stream to `streams` on the way.
    pub fn audit(&self, streams: &mut dyn FnMut(&LogStream)) -> Result<DatabaseAudit, Error> {
        self.read(|db| {
            let mut frame = Rows::default();
            named(db, &mut frame)?;
            let mut audit = DatabaseAudit { leaving: leaving(db)?, ..DatabaseAudit::default() };
            let (leaving, lookup) = (audit.leaving.clone(), Lookup::new(db));
            let mut auditor = Auditor::new(&frame, &leaving);
            jobs(db, (&mut auditor, &lookup), &mut audit)?;
            orphans(db, &mut auditor, &mut audit)?;
            log_streams(db, (&mut auditor, &lookup), |stream| {
                audit.attempts.push(stream.attempt);
                streams(stream);
            })?;
            events(db, &mut auditor)?;
            audit.attempts.extend(dismissed(db)?);
            let audited = auditor.finish();
            lookup.failed()?;
            audit.findings = audited.findings;
            audit.findings.extend(repeated_attempts(db, &audited.repeated)?);
            audit.attempts.sort_unstable();
            audit.attempts.dedup();
            audit.last_event = audited.last_event;
            Ok(audit)
        })
    }
}

fn jobs(
    db: &Connection,
    (auditor, lookup): (&mut Auditor<'_>, &Lookup<'_>),
    audit: &mut DatabaseAudit,
) -> Result<(), Error> {
    let mut statement = db.prepare(JOBS)?;
    let mut children = db.prepare("SELECT doc, job, idx, status FROM children WHERE job = ? ORDER BY idx")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (job, differs) = job(row)?;
        audit.mismatched.extend(differs);
        audit.attempts.extend(job.run.outputs());
        let mut examined = auditor.job(&job, lookup as &dyn Others);
        if job.array.is_some() || job.spec.nodes().is_some() {
            let mut rows = children.query([job.id.to_string()])?;
            while let Some(row) = rows.next()? {
                let (index, run, differs) = child(row)?;
                audit.mismatched.extend(differs);
                audit.attempts.extend(run.outputs());
                examined.child(index, &run);
            }
        }
        examined.finish();
    }
    Ok(())
}

/// Children of jobs that have no row, or that have no children.
fn orphans(db: &Connection, auditor: &mut Auditor<'_>, audit: &mut DatabaseAudit) -> Result<(), Error> {
    let mut next = db.prepare("SELECT min(job) FROM children WHERE job > ?")?;
    let mut find = db.prepare("SELECT doc, id FROM jobs WHERE id = ?")?;
    let mut children = db.prepare("SELECT doc, job, idx, status FROM children WHERE job = ?")?;
    let mut last = String::new();
    while let Some(id) = next.query_row([&last], |row| row.get::<_, Option<String>>(0))? {
        last.clone_from(&id);
        let mut rows = find.query([&id])?;
        let job: Option<Job> = rows.next()?.map(|row| doc("jobs", row)).transpose()?;
        if job.is_some_and(|job| job.array.is_some() || job.spec.nodes().is_some()) {
            continue;
        }
        let mut rows = children.query([&id])?;
        while let Some(row) = rows.next()? {
            let (index, run, differs) = child(row)?;
            audit.mismatched.extend(differs);
            // What they have printed goes with their job.
            audit.attempts.extend(run.outputs());
            match id.parse() {
                Ok(job) => auditor.orphan(job, index),
                Err(_) => audit.mismatched.push(format!("child {id}:{index}")),
            }
        }
    }
    Ok(())
}

/// By job, so that each is looked up once.
fn log_streams(
    db: &Connection,
    (auditor, lookup): (&mut Auditor<'_>, &Lookup<'_>),
    mut seen: impl FnMut(&LogStream),
) -> Result<(), Error> {
    let query = "SELECT grp, name, attempt, job, created_at, ended_at FROM log_streams INDEXED BY log_streams_by_job ORDER BY job";
    let mut statement = db.prepare(query)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let stream = stream(row)?;
        auditor.log_stream(&stream, lookup);
        seen(&stream);
    }
    Ok(())
}

/// Outputs that are being deleted to make room.
fn dismissed(db: &Connection) -> Result<Vec<AttemptId>, Error> {
    let mut statement = db.prepare("SELECT attempt FROM dismissed_outputs")?;
    let texts: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(texts.iter().filter_map(|text| text.parse().ok()).collect())
}

fn events(db: &Connection, auditor: &mut Auditor<'_>) -> Result<(), Error> {
    let mut statement = db.prepare("SELECT doc, seq, at, kind, job FROM events ORDER BY seq")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let event = super::events::event(row)?;
        // Of a damaged row not even the count is to be trusted.
        let first = event.seq.saturating_add(1).saturating_sub(event.subject.count());
        auditor.event(first, event.seq);
    }
    Ok(())
}

/// To whom attempts belong that belong to several.
fn repeated_attempts(db: &Connection, attempts: &BTreeSet<AttemptId>) -> Result<Vec<Finding>, Error> {
    let mut owners: BTreeMap<AttemptId, Vec<JobRef>> = BTreeMap::new();
    if attempts.is_empty() {
        return Ok(Vec::new());
    }
    let mut add = |reference: JobRef, run: &Run| {
        for id in attempts_of(run).filter(|id| attempts.contains(id)) {
            owners.entry(id).or_default().push(reference);
        }
    };
    let mut statement = db.prepare(JOBS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (job, _) = job(row)?;
        if job.gang.is_none() {
            add(JobRef::Job(job.id), &job.run);
        }
    }
    let mut statement = db.prepare("SELECT doc, job, idx, status FROM children")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (index, run, _) = child(row)?;
        if let Ok(id) = text(row, 1)?.parse() {
            add(JobRef::Child(id, index), &run);
        }
    }
    Ok(owners.iter().map(|(attempt, owners)| repeated(*attempt, owners)).collect())
}

/// A job, and what its columns say otherwise.
pub(super) fn job(row: &rusqlite::Row<'_>) -> Result<(Job, Option<String>), Error> {
    let job: Job = doc("jobs", row)?;
    let stopped_at: Option<i64> = row.get(5)?;
    let same = text(row, 1)? == job.id.to_string()
        && text(row, 2)? == job.queue.as_str()
        && text(row, 3)? == job.name.as_str()
        && text(row, 4)? == job.run.status.as_str()
        && stopped_at == job.run.stopped_at.map(longshore_types::Timestamp::as_millis);
    let id = text(row, 1)?;
    Ok((job, (!same).then(|| format!("job {id}"))))
}

/// A child's or node's index and run, and what its columns say otherwise.
pub(super) fn child(row: &rusqlite::Row<'_>) -> Result<(u32, Run, Option<String>), Error> {
    let run: Run = doc("children", row)?;
    let (id, index) = (text(row, 1)?, row.get(2)?);
    let same = text(row, 3)? == run.status.as_str() && id.parse::<JobId>().is_ok();
    Ok((index, run, (!same).then(|| format!("child {id}:{index}"))))
}

fn text(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<String> {
    row.get(column)
}

pub(super) fn leaving(db: &Connection) -> Result<BTreeSet<JobId>, Error> {
    let jobs: Vec<Job> = docs(db, "expired", "SELECT doc, id FROM expired", [])?;
    Ok(jobs.into_iter().map(|job| job.id).collect())
}

/// What start-up reads whole.
pub(super) fn named(db: &Connection, rows: &mut Rows) -> Result<(), Error> {
    let snapshot = crate::load::load_within(db)?;
    rows.environments.extend(snapshot.environments.into_iter().map(|row| (row.name.clone(), row)));
    rows.queues.extend(snapshot.queues.into_iter().map(|row| (row.name.clone(), row)));
    rows.definitions.extend(snapshot.definitions.into_iter().map(|row| (row.id.clone(), row)));
    rows.policies.extend(snapshot.policies.into_iter().map(|row| (row.name.clone(), row)));
    rows.consumables.extend(snapshot.consumables.into_iter().map(|row| (row.name.clone(), row)));
    let updates = snapshot.consumable_updates.into_iter();
    rows.consumable_updates.extend(updates.map(|row| ((row.resource.clone(), row.token.clone()), row)));
    rows.shares.extend(snapshot.shares.into_iter().map(|row| ((row.queue.clone(), row.share.clone()), row)));
    rows.hosts.extend(snapshot.hosts.into_iter().map(|row| (row.id, row)));
    rows.service_environments.extend(snapshot.service_environments.into_iter().map(|row| (row.name.clone(), row)));
    rows.quota_shares.extend(snapshot.quota_shares.into_iter().map(|row| (row.id.clone(), row)));
    rows.service_jobs.extend(snapshot.service_jobs.into_iter().map(|row| (row.id, row)));
    Ok(())
}
