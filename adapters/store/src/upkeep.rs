//! What is removed of old rows: on the writer's thread between commits, a little at a time, so that no commit waits long.
//!
//! An ended job that goes becomes invisible at once, with a mark of its own: its children, log streams and outputs are then
//! removed piece by piece, whoever dies meanwhile. What may go is not decided here.

mod dismissal;

use crate::error::Error;
use crate::writer::Work;
use longshore_engine::entity::{Job, Run};
use longshore_types::{AttemptId, JobId, Timestamp};
use rusqlite::{Connection, params};
use std::collections::BTreeSet;
use std::sync::mpsc::{Sender, channel};

/// Rows removed in one transaction.
const ROWS: usize = 256;

/// Removes rows. Its calls block until what they removed is durable.
#[derive(Clone, Debug)]
pub struct Upkeep {
    writer: Sender<Work>,
}

/// A part of a job that is on its way out: outputs to be deleted, before [`Upkeep::forget`] removes their rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remains {
    /// The job.
    pub job: Option<JobId>,
    /// Attempts whose outputs belong to the part.
    pub attempts: BTreeSet<AttemptId>,
    streams: Vec<(String, String)>,
    children: Vec<u32>,
}

impl Upkeep {
    pub(crate) const fn new(writer: Sender<Work>) -> Self {
        Self { writer }
    }

    /// Removes some events: the oldest that are older than `before` or more than `keep` numbers behind the newest. The newest
    /// always stays, for its number. Says whether there are more.
    pub fn forget_events(&self, before: Timestamp, keep: u64) -> Result<bool, Error> {
        self.run(move |db| {
            let last: i64 = db.query_row("SELECT coalesce(max(seq), 0) FROM events", [], |row| row.get(0))?;
            let through = last.saturating_sub(i64::try_from(keep).unwrap_or(i64::MAX));
            let statement = "DELETE FROM events WHERE seq IN (
                SELECT seq FROM (SELECT seq, at FROM events WHERE seq < ?1 ORDER BY seq LIMIT ?2) WHERE at < ?3 OR seq <= ?4)";
            let limit = i64::try_from(ROWS * 4).unwrap_or(i64::MAX);
            let removed = db.prepare_cached(statement)?.execute(params![last, limit, before.as_millis(), through])?;
            Ok(removed == ROWS * 4)
        })
    }

    /// Hides these jobs for good; what remains of them is to be removed by and by. The newest job ever always stays, for its
    /// number.
    pub fn expire(&self, jobs: Vec<JobId>) -> Result<(), Error> {
        self.run(move |db| {
            let ended = "id = ? AND status IN ('SUCCEEDED', 'FAILED') AND seq < (SELECT max(seq) FROM jobs)";
            let mut read = db.prepare_cached(&format!("SELECT doc, seq FROM jobs WHERE {ended}"))?;
            let mut mark =
                db.prepare_cached("INSERT OR REPLACE INTO expired (id, doc) SELECT id, doc FROM jobs WHERE seq = ?")?;
            let mut hide = db.prepare_cached("DELETE FROM jobs WHERE seq = ?")?;
            let mut free = db.prepare_cached("DELETE FROM job_consumables WHERE resource = ? AND seq = ?")?;
            for id in jobs {
                let mut rows = read.query([id.to_string()])?;
                let Some(row) = rows.next()? else { continue };
                let (job, seq): (Job, i64) = (crate::load::doc("jobs", row)?, row.get(1)?);
                drop(rows);
                mark.execute([seq])?;
                hide.execute([seq])?;
                for need in &job.spec.consumables {
                    free.execute(params![need.resource.as_str(), seq])?;
                }
            }
            Ok(())
        })
    }

    /// A part of some job that is on its way out; `None` when there is no such job any more.
    pub fn remains(&self) -> Result<Option<Remains>, Error> {
        self.run(remains)
    }

    /// Removes the rows of a part.
    pub fn forget(&self, remains: Remains) -> Result<(), Error> {
        self.run(move |db| forget(db, &remains))
    }

    fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (done, outcome) = channel();
        let work = move |db: &Connection| {
            let result = transact(db, work);
            // Nobody waits any more when the server is stopping.
            let _ = done.send(result);
        };
        self.writer.send(Work::Upkeep(Box::new(work))).map_err(|_| Error::Stopped)?;
        outcome.recv().map_err(|_| Error::Stopped)?
    }
}

fn transact<T>(db: &Connection, work: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
    let transaction = db.unchecked_transaction()?;
    let done = work(&transaction)?;
    transaction.commit()?;
    Ok(done)
}

fn remains(db: &Connection) -> Result<Option<Remains>, Error> {
    let mut statement = db.prepare_cached("SELECT doc, id FROM expired ORDER BY id LIMIT 1")?;
    let mut rows = statement.query([])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let job: Job = crate::load::doc("expired", row)?;
    let mut part = Remains { job: Some(job.id), ..Remains::default() };
    part.attempts.extend(job.run.outputs());
    let limit = i64::try_from(ROWS).unwrap_or(i64::MAX);
    let mut statement = db.prepare_cached("SELECT doc, idx FROM children WHERE job = ? LIMIT ?")?;
    let mut rows = statement.query(params![job.id.to_string(), limit])?;
    while let Some(row) = rows.next()? {
        part.children.push(row.get(1)?);
        part.attempts.extend(crate::load::doc::<Run>("children", row)?.outputs());
    }
    // A job's own id is followed by nothing, `:` or `#`, all of which come before `;`.
    let streams = "SELECT grp, name, attempt FROM log_streams WHERE job >= ?1 AND job < ?1 || ';' LIMIT ?2";
    let mut statement = db.prepare_cached(streams)?;
    let mut rows = statement.query(params![job.id.to_string(), limit])?;
    while let Some(row) = rows.next()? {
        part.streams.push((row.get(0)?, row.get(1)?));
        part.attempts.extend(row.get_ref(2)?.as_str().ok().and_then(|text| text.parse::<AttemptId>().ok()));
    }
    Ok(Some(part))
}

fn forget(db: &Connection, part: &Remains) -> Result<(), Error> {
    let Some(job) = part.job.map(|job| job.to_string()) else { return Ok(()) };
    let mut child = db.prepare_cached("DELETE FROM children WHERE job = ? AND idx = ?")?;
    for index in &part.children {
        child.execute(params![job, index])?;
    }
    let mut stream = db.prepare_cached("DELETE FROM log_streams WHERE grp = ? AND name = ?")?;
    for (group, name) in &part.streams {
        stream.execute([group, name])?;
    }
    if part.children.len() < ROWS && part.streams.len() < ROWS {
        db.prepare_cached("DELETE FROM expired WHERE id = ?")?.execute([job])?;
    }
    Ok(())
}
