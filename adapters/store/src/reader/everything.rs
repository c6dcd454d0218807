//! The whole database at once, in memory, for tests that compare it.

use super::Reader;
use super::audit::{JOBS, child, job, leaving, named};
use super::events::event;
use super::streams::stream;
use crate::error::Error;
use longshore_engine::Rows;
use longshore_types::JobId;
use rusqlite::Connection;
use std::collections::BTreeSet;

/// Every row of one state of the database.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Everything {
    /// The rows.
    pub(crate) rows: Rows,
    /// Jobs that are being removed: gone from the rows, while what belongs to them may still be there.
    pub(crate) leaving: BTreeSet<JobId>,
    /// Rows whose columns, which are what is searched, say something else than their documents.
    pub(crate) mismatched: Vec<String>,
}

impl Reader {
    /// Every row.
    pub(crate) fn everything(&self) -> Result<Everything, Error> {
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

fn jobs(db: &Connection, all: &mut Everything) -> Result<(), Error> {
    let mut statement = db.prepare(JOBS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (job, differs) = job(row)?;
        all.mismatched.extend(differs);
        all.rows.jobs.insert(job.id, job);
    }
    Ok(())
}

fn children(db: &Connection, all: &mut Everything) -> Result<(), Error> {
    let mut statement = db.prepare("SELECT doc, job, idx, status FROM children")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (index, run, differs) = child(row)?;
        all.mismatched.extend(differs);
        if let Ok(id) = row.get::<_, String>(1)?.parse() {
            all.rows.children.insert((id, index), run);
        }
    }
    Ok(())
}
