//! Rows that an audit asks for out of turn, found in the database. The job that was asked for last is kept: what belongs
//! together is asked for together.

use crate::error::Error;
use crate::load::doc;
use longshore_engine::Rows;
use longshore_engine::audit::Others;
use longshore_engine::entity::{Job, Run};
use longshore_types::{JobId, JobRef, JobStatus};
use rusqlite::{Connection, params};
use std::cell::{Cell, RefCell};

pub(super) struct Lookup<'a> {
    db: &'a Connection,
    /// One job at most, without its children.
    last: RefCell<(Option<JobId>, Rows)>,
    failed: Cell<Option<Error>>,
}

impl<'a> Lookup<'a> {
    pub(super) fn new(db: &'a Connection) -> Self {
        Self { db, last: RefCell::default(), failed: Cell::new(None) }
    }

    /// Whether something could not be read.
    pub(super) fn failed(&self) -> Result<(), Error> {
        self.failed.take().map_or(Ok(()), Err)
    }

    /// Rows with this job in them, if there is one; and with this child of it, if it has a row and is asked for.
    fn rows(&self, reference: JobRef, with_child: bool) -> Result<Rows, Error> {
        let id = reference.job();
        let mut last = self.last.borrow_mut();
        if last.0 != Some(id) {
            let mut statement = self.db.prepare_cached("SELECT doc, id FROM jobs WHERE id = ?")?;
            let mut rows = statement.query([id.to_string()])?;
            let job: Option<Job> = rows.next()?.map(|row| doc("jobs", row)).transpose()?;
            *last = (Some(id), Rows { jobs: job.into_iter().map(|job| (id, job)).collect(), ..Rows::default() });
        }
        let mut found = Rows { jobs: last.1.jobs.clone(), ..Rows::default() };
        if let Some(index) = reference.index().filter(|_| with_child) {
            let query = "SELECT doc, idx FROM children WHERE job = ? AND idx = ?";
            let mut statement = self.db.prepare_cached(query)?;
            let mut rows = statement.query(params![id.to_string(), index])?;
            if let Some(row) = rows.next()? {
                found.children.insert((id, index), doc::<Run>("children", row)?);
            }
        }
        Ok(found)
    }

    fn found(&self, rows: Result<Rows, Error>) -> Rows {
        rows.unwrap_or_else(|error| {
            self.failed.set(Some(error));
            Rows::default()
        })
    }
}

impl Others for Lookup<'_> {
    fn status(&self, reference: JobRef) -> Option<JobStatus> {
        self.found(self.rows(reference, true)).status(reference)
    }

    fn exists(&self, reference: JobRef) -> bool {
        self.found(self.rows(reference, false)).exists(reference)
    }
}
