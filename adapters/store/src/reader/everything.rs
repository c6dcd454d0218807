//! The whole database at once, for those who look for what is wrong with it. It holds every row in memory, and repairs
//! nothing.

use super::Reader;
use super::events::event;
use super::streams::stream;
use crate::error::Error;
use crate::load::{doc, docs};
use crate::schema;
use longshore_engine::Rows;
use longshore_engine::entity::{Job, Run};
use longshore_types::JobId;
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::path::Path;

/// The most that SQLite is asked to tell about a damaged file.
const TOLD: u32 = 100;

/// Every row of one state of the database.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Everything {
    /// The rows.
    pub rows: Rows,
    /// Jobs that are being removed: gone from the rows, while what belongs to them may still be there.
    pub leaving: BTreeSet<JobId>,
    /// Rows whose columns, which are what is searched, say something else than their documents.
    pub mismatched: Vec<String>,
}

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

    /// Every row.
    pub fn everything(&self) -> Result<Everything, Error> {
        self.read(|db| {
            let mut all = Everything { leaving: leaving(db)?, ..Everything::default() };
            named(db, &mut all.rows)?;
            jobs(db, &mut all)?;
            children(db, &mut all)?;
            let mut statement = db.prepare("SELECT grp, name, attempt, job, created_at, ended_at FROM log_streams")?;
            for found in statement.query_map([], stream)? {
                let found = found?;
                all.rows.log_streams.insert(found.attempt, found);
            }
            let mut statement = db.prepare("SELECT doc, seq, at, kind, job FROM events ORDER BY seq")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let event = event(row)?;
                all.rows.events.insert(event.seq, event);
            }
            Ok(all)
        })
    }
}

fn leaving(db: &Connection) -> Result<BTreeSet<JobId>, Error> {
    let jobs: Vec<Job> = docs(db, "expired", "SELECT doc, id FROM expired", [])?;
    Ok(jobs.into_iter().map(|job| job.id).collect())
}

/// What start-up reads whole.
fn named(db: &Connection, rows: &mut Rows) -> Result<(), Error> {
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

fn jobs(db: &Connection, all: &mut Everything) -> Result<(), Error> {
    let mut statement = db.prepare("SELECT doc, id, queue, name, status, stopped_at FROM jobs ORDER BY seq")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let job: Job = doc("jobs", row)?;
        let stopped_at: Option<i64> = row.get(5)?;
        let same = text(row, 1)? == job.id.to_string()
            && text(row, 2)? == job.queue.as_str()
            && text(row, 3)? == job.name.as_str()
            && text(row, 4)? == job.run.status.as_str()
            && stopped_at == job.run.stopped_at.map(longshore_types::Timestamp::as_millis);
        if !same {
            all.mismatched.push(format!("job {}", text(row, 1)?));
        }
        all.rows.jobs.insert(job.id, job);
    }
    Ok(())
}

fn children(db: &Connection, all: &mut Everything) -> Result<(), Error> {
    let mut statement = db.prepare("SELECT doc, job, idx, status FROM children")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let run: Run = doc("children", row)?;
        let (job, index): (String, u32) = (text(row, 1)?, row.get(2)?);
        if text(row, 3)? != run.status.as_str() {
            all.mismatched.push(format!("child {job}:{index}"));
        }
        match job.parse() {
            Ok(id) => drop(all.rows.children.insert((id, index), run)),
            Err(_) => all.mismatched.push(format!("child {job}:{index}")),
        }
    }
    Ok(())
}

fn text(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<String> {
    row.get(column)
}
