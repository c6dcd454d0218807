//! The outbox, read on from a number (`EV-1`). A page looks at a bounded number of entries, whatever it selects.

use super::Reader;
use super::jobs::{JobView, job};
use crate::error::Error;
use crate::specs::Specs;
use longshore_engine::entity::{Event, EventKind, EventSubject, Job};
use longshore_types::{JobId, JobRef, JobStatus, Name, Timestamp};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

/// Entries that one page looks at.
const ENTRIES_PER_PAGE: i64 = 4_096;

/// Which events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventQuery {
    /// Only events with higher numbers.
    pub after: u64,
    /// The most to return.
    pub limit: usize,
    /// Only events of this job, its children and nodes included, or of this child or node.
    pub job: Option<JobRef>,
    /// Only events of jobs in this queue.
    pub queue: Option<Name>,
    /// Only events that tell of one of these statuses; empty for all.
    pub statuses: Vec<JobStatus>,
}

/// An event, with its job as it was then.
#[derive(Clone, Debug, PartialEq)]
pub struct EventView {
    /// Its number.
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// The job; tags, and whatever else is not its life, are as they are now.
    pub view: JobView,
}

/// Some events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventPage {
    /// The events, by number.
    pub events: Vec<EventView>,
    /// To be passed as `after`: all events up to it have been looked at.
    pub next: u64,
}

/// What the column `doc` of an event holds.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct EventDoc<R> {
    /// The run.
    pub(crate) run: R,
    /// Children per status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) counts: Option<[u32; 7]>,
    /// The children concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ranges: Option<Vec<(u32, u32)>>,
}

impl Reader {
    /// Events in the order of their numbers. Those of jobs that are gone are left out.
    pub fn events(&self, query: &EventQuery) -> Result<EventPage, Error> {
        self.read(|db| {
            let mut page = EventPage { events: Vec::new(), next: query.after };
            let mut jobs = BTreeMap::new();
            let statement = "SELECT doc, seq, at, kind, job FROM events WHERE seq > ? ORDER BY seq LIMIT ?";
            let mut statement = db.prepare_cached(statement)?;
            let mut rows = statement.query(params![number(query.after), ENTRIES_PER_PAGE])?;
            while page.events.len() < query.limit {
                let Some(row) = rows.next()? else { break };
                if concerns(query, row)? {
                    let event = event(row)?;
                    take(db, (query, &mut jobs), &event, &mut page)?;
                } else {
                    page.next = sequence(row)?;
                }
            }
            Ok(page)
        })
    }

    /// The numbers of the first and the last event kept; zeroes when there never was one.
    pub fn event_bounds(&self) -> Result<(u64, u64), Error> {
        self.read(|db| {
            let edge = |order: &str| -> Result<Option<Event>, Error> {
                let query = format!("SELECT doc, seq, at, kind, job FROM events ORDER BY seq {order} LIMIT 1");
                let mut statement = db.prepare_cached(&query)?;
                let mut rows = statement.query([])?;
                rows.next()?.map(event).transpose()
            };
            let first = edge("ASC")?.map_or(0, |event| event.first());
            Ok((first, edge("DESC")?.map_or(0, |event| event.seq)))
        })
    }

    /// The number to read on from for the events at or after `since`.
    pub fn events_before(&self, since: Timestamp) -> Result<u64, Error> {
        self.read(|db| {
            let last: i64 = db.query_row("SELECT coalesce(max(seq), 0) FROM events", [], |row| row.get(0))?;
            let query = "SELECT at, seq FROM events WHERE seq <= ? ORDER BY seq DESC LIMIT 1";
            let mut statement = db.prepare_cached(query)?;
            let mut latest = |through: i64| -> Result<Option<(i64, i64)>, Error> {
                let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
                Ok(statement.query_row([through], read).optional()?)
            };
            // Time does not go back along the numbers: halving finds the last entry before `since`.
            let (mut before, mut from) = (0, last + 1);
            while before + 1 < from {
                let middle = before + (from - before) / 2;
                if latest(middle)?.is_none_or(|(at, _)| at < since.as_millis()) {
                    before = middle;
                } else {
                    from = middle;
                }
            }
            let before = latest(before)?.map_or(0, |(_, seq)| seq);
            Ok(u64::try_from(before).unwrap_or(0))
        })
    }
}

/// Adds what the query selects of an entry.
fn take(
    db: &Connection,
    (query, jobs): (&EventQuery, &mut BTreeMap<JobId, Option<Job>>),
    event: &Event,
    page: &mut EventPage,
) -> Result<(), Error> {
    let id = event.subject.job();
    if let Entry::Vacant(unknown) = jobs.entry(id) {
        unknown.insert(job(db, &mut Specs::default(), id)?);
    }
    let in_queue = |job: &&Job| query.queue.as_ref().is_none_or(|queue| job.queue == *queue);
    let selected = query.statuses.is_empty() || query.statuses.contains(&event.run.status);
    let job = jobs.get(&id).and_then(Option::as_ref).filter(in_queue).filter(|_| selected);
    let Some(job) = job else {
        page.next = event.seq;
        return Ok(());
    };
    let shared = Arc::new(job.clone());
    for (seq, reference) in event.after(query.after) {
        if page.events.len() >= query.limit {
            return Ok(());
        }
        page.next = seq;
        if query.job.is_none_or(|wanted| wanted == reference || wanted == JobRef::Job(id)) {
            let view = view(&shared, event, reference);
            page.events.push(EventView { seq, at: event.at, kind: event.kind, view });
        }
    }
    Ok(())
}

/// The job or child as it was when the event happened.
fn view(job: &Arc<Job>, event: &Event, reference: JobRef) -> JobView {
    if let Some(index) = reference.index() {
        return JobView { job: Arc::clone(job), child: Some((index, event.run.clone())) };
    }
    let mut then = Job { run: event.run.clone(), ..Job::clone(job) };
    if let (Some(array), Some(counts)) = (&mut then.array, event.counts) {
        array.counts = counts;
        array.counted_at = Some(event.at);
    }
    JobView { job: Arc::new(then), child: None }
}

/// Whether an entry can hold an event of the job asked for; decided without reading its document.
fn concerns(query: &EventQuery, row: &Row<'_>) -> Result<bool, Error> {
    let Some(wanted) = query.job else { return Ok(true) };
    let subject: JobRef = subject(row)?;
    Ok(subject.job() == wanted.job() && (wanted == subject || wanted.index().is_none() || subject.index().is_none()))
}

pub(super) fn event(row: &Row<'_>) -> Result<Event, Error> {
    let EventDoc { run, counts, ranges } = crate::load::doc("events", row)?;
    let kind = row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?;
    let kind =
        EventKind::from_text(kind).ok_or_else(|| rusqlite::Error::InvalidColumnType(3, "kind".into(), Type::Text))?;
    let subject = match (subject(row)?, ranges) {
        (reference, Some(ranges)) => EventSubject::Children { array: reference.job(), ranges },
        (reference, None) => EventSubject::One(reference),
    };
    let at = Timestamp::from_millis(row.get(2)?);
    Ok(Event { seq: sequence(row)?, at, kind, subject, run, counts })
}

fn subject(row: &Row<'_>) -> rusqlite::Result<JobRef> {
    let text = row.get_ref(4)?.as_str()?;
    text.parse().map_err(|error| rusqlite::Error::FromSqlConversionFailure(4, Type::Text, Box::new(error)))
}

fn sequence(row: &Row<'_>) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0))
}

fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
