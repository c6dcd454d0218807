//! A queue's jobs, page by page, newest first (`LST-3`, A16).
//!
//! Each page is found in an index that is in the order of the listing: one range per status, name or definition asked
//! for, the ranges merged here, and documents read only for what is on the page.

use super::Reader;
use super::jobs::{JobView, Page, job_at};
use crate::error::Error;
use crate::specs::Specs;
use longshore_engine::entity::{DefinitionId, Job};
use longshore_types::{JobStatus, Name, Timestamp};
use rusqlite::{Connection, OptionalExtension, Params, params};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::sync::Arc;

/// Below every character that a name may have.
const FIRST: char = '\u{1}';
/// Above every character that a name may have.
const LAST: char = char::MAX;

/// Which of a queue's jobs.
#[derive(Clone, Debug, PartialEq)]
pub struct JobQuery {
    /// The queue.
    pub queue: Name,
    /// What to list.
    pub select: Select,
    /// The end of the page before.
    pub after: Option<Cursor>,
    /// The longest page.
    pub limit: usize,
}

/// What to list. Several values mean any of them.
#[derive(Clone, Debug, PartialEq)]
pub enum Select {
    /// Jobs in one of these statuses.
    Status(Vec<JobStatus>),
    /// Jobs with such a name, case ignored, grouped by name.
    Name(Vec<Pattern>),
    /// Jobs of such a definition.
    Definition(Vec<DefinitionPattern>),
    /// Jobs created within these bounds, exclusive.
    Created {
        /// Later than.
        after: Option<Timestamp>,
        /// Earlier than.
        before: Option<Timestamp>,
    },
    /// Jobs with one of these share identifiers in one of these statuses.
    Share(Vec<String>, Vec<JobStatus>),
}

/// A whole name or the beginning of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// The name.
    Exact(String),
    /// Names that begin so.
    Prefix(String),
}

/// Which definitions; case counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefinitionPattern {
    /// Any revision of definitions with such a name.
    Name(Pattern),
    /// One revision.
    Revision(DefinitionId),
}

/// A place in a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The name of the last job before it, where jobs are grouped by name; else empty.
    pub name: String,
    /// When that job was created, in milliseconds.
    pub created_at: i64,
    /// That job's place in the order of submission.
    pub seq: i64,
}

/// What orders a listing: the name (where it groups), the time, the order of submission.
type Key = (String, i64, i64);

impl Select {
    /// The place of a job in a listing of this selection.
    pub fn cursor(&self, job: &Job) -> Cursor {
        let name = if matches!(self, Self::Name(_)) { job.name.as_str().to_ascii_lowercase() } else { String::new() };
        Cursor { name, created_at: job.created_at.as_millis(), seq: i64::try_from(job.seq).unwrap_or(i64::MAX) }
    }
}

impl Pattern {
    /// Whether it is the name or its beginning, case ignored.
    pub(super) fn matches(&self, name: &str) -> bool {
        match self {
            Self::Exact(whole) => name.eq_ignore_ascii_case(whole),
            Self::Prefix(prefix) => name.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix)),
        }
    }

    /// The names meant, case ignored: from the first, up to but without the last.
    fn bounds(&self) -> (String, String) {
        match self {
            Self::Exact(name) => (name.to_ascii_lowercase(), format!("{}{FIRST}", name.to_ascii_lowercase())),
            Self::Prefix(prefix) => (prefix.to_ascii_lowercase(), format!("{}{LAST}", prefix.to_ascii_lowercase())),
        }
    }
}

impl Reader {
    /// A page of a queue's jobs.
    pub fn list_jobs(&self, query: &JobQuery) -> Result<Page<Cursor>, Error> {
        self.read(|db| {
            let limit = query.limit.max(1);
            let mut keys = keys(db, query, limit + 1)?;
            keys.sort_unstable_by_key(|key| Reverse(key.clone()));
            keys.dedup();
            let more = keys.len() > limit;
            keys.truncate(limit);
            let (mut views, mut specs) = (Vec::with_capacity(keys.len()), Specs::default());
            for (.., seq) in keys {
                views.extend(job_at(db, &mut specs, seq)?.map(|job| JobView { job: Arc::new(job), child: None }));
            }
            let next = views.last().filter(|_| more).map(|last| query.select.cursor(&last.job));
            Ok(Page { views, next })
        })
    }
}

fn keys(db: &Connection, query: &JobQuery, limit: usize) -> Result<Vec<Key>, Error> {
    let mut range = Range::new(db, query, limit);
    match &query.select {
        Select::Status(statuses) => statuses.iter().try_for_each(|status| range.status(*status, None))?,
        Select::Name(patterns) => patterns.iter().try_for_each(|pattern| range.name(pattern))?,
        Select::Definition(patterns) => patterns.iter().try_for_each(|pattern| range.definition(pattern))?,
        Select::Created { after, before } => {
            range.bound(*before);
            JobStatus::ALL.into_iter().try_for_each(|status| range.status(status, *after))?;
        }
        Select::Share(shares, statuses) => {
            for share in shares {
                statuses.iter().try_for_each(|status| range.share(share, *status))?;
            }
        }
    }
    Ok(range.found)
}

/// Collects the first keys of index ranges.
struct Range<'a> {
    db: &'a Connection,
    queue: &'a str,
    after: Option<&'a Cursor>,
    /// Only jobs before this place: time and order of submission.
    end: (i64, i64),
    limit: i64,
    found: Vec<Key>,
}

impl<'a> Range<'a> {
    fn new(db: &'a Connection, query: &'a JobQuery, limit: usize) -> Self {
        let after = query.after.as_ref();
        let end = after.map_or((i64::MAX, i64::MAX), |cursor| (cursor.created_at, cursor.seq));
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        Self { db, queue: query.queue.as_str(), after, end, limit, found: Vec::new() }
    }

    fn bound(&mut self, before: Option<Timestamp>) {
        if let Some(before) = before {
            self.end = self.end.min((before.as_millis(), i64::MIN));
        }
    }

    fn collect(&mut self, query: &str, values: impl Params) -> Result<(), Error> {
        let mut statement = self.db.prepare_cached(query)?;
        let mut rows = statement.query(values)?;
        while let Some(row) = rows.next()? {
            let name: Option<String> = row.get(2)?;
            self.found.push((name.unwrap_or_default(), row.get(0)?, row.get(1)?));
        }
        Ok(())
    }

    fn status(&mut self, status: JobStatus, after: Option<Timestamp>) -> Result<(), Error> {
        let query = "SELECT created_at, seq, NULL FROM jobs INDEXED BY jobs_by_status
            WHERE queue = ? AND status = ? AND (created_at, seq) < (?, ?) AND created_at > ?
            ORDER BY created_at DESC, seq DESC LIMIT ?";
        let from = after.map_or(i64::MIN, Timestamp::as_millis);
        let &mut Self { queue, end: (time, seq), limit, .. } = self;
        self.collect(query, params![queue, status.as_str(), time, seq, from, limit])
    }

    fn share(&mut self, share: &str, status: JobStatus) -> Result<(), Error> {
        let query = "SELECT created_at, seq, NULL FROM jobs INDEXED BY jobs_by_share
            WHERE queue = ? AND share = ? AND status = ? AND (created_at, seq) < (?, ?)
            ORDER BY created_at DESC, seq DESC LIMIT ?";
        let &mut Self { queue, end: (time, seq), limit, .. } = self;
        self.collect(query, params![queue, share, status.as_str(), time, seq, limit])
    }

    /// The rest of the name that the page before ended in, then the names that follow.
    fn name(&mut self, pattern: &Pattern) -> Result<(), Error> {
        let (first, mut end) = pattern.bounds();
        if let Some(cursor) = self.after {
            if (&first..&end).contains(&&cursor.name) {
                self.rest_of_name(&cursor.name)?;
            }
            end = end.min(cursor.name.clone());
        }
        let query = "SELECT created_at, seq, lower(name) FROM jobs INDEXED BY jobs_by_name
            WHERE queue = ? AND name >= ? AND name < ?
            ORDER BY name DESC, created_at DESC, seq DESC LIMIT ?";
        let &mut Self { queue, limit, .. } = self;
        self.collect(query, params![queue, first, end, limit])
    }

    fn rest_of_name(&mut self, name: &str) -> Result<(), Error> {
        let query = "SELECT created_at, seq, lower(name) FROM jobs INDEXED BY jobs_by_name
            WHERE queue = ? AND name = ? AND (created_at, seq) < (?, ?)
            ORDER BY created_at DESC, seq DESC LIMIT ?";
        let &mut Self { queue, end: (time, seq), limit, .. } = self;
        self.collect(query, params![queue, name, time, seq, limit])
    }

    fn definition(&mut self, pattern: &DefinitionPattern) -> Result<(), Error> {
        let (name, revision) = match pattern {
            DefinitionPattern::Name(Pattern::Prefix(prefix)) => return self.definition_prefix(prefix),
            DefinitionPattern::Name(Pattern::Exact(name)) => (name.as_str(), None),
            DefinitionPattern::Revision(id) => (id.name.as_str(), Some(id.revision)),
        };
        let query = "SELECT created_at, seq, NULL FROM jobs INDEXED BY jobs_by_definition
            WHERE queue = ? AND definition = ? AND revision = coalesce(?, revision) AND (created_at, seq) < (?, ?)
            ORDER BY created_at DESC, seq DESC LIMIT ?";
        let &mut Self { queue, end: (time, seq), limit, .. } = self;
        self.collect(query, params![queue, name, revision, time, seq, limit])
    }

    /// One range for each definition that has jobs: all of them in one would have to be sorted by time for every page.
    fn definition_prefix(&mut self, prefix: &str) -> Result<(), Error> {
        let next = "SELECT definition FROM jobs INDEXED BY jobs_by_definition
            WHERE queue = ? AND definition >= ? AND definition < ? ORDER BY definition LIMIT 1";
        let (mut from, last) = (prefix.to_owned(), format!("{prefix}{LAST}"));
        loop {
            let mut statement = self.db.prepare_cached(next)?;
            let found = statement.query_row([self.queue, &from, &last], |row| row.get::<_, String>(0)).optional()?;
            let Some(name) = found else { return Ok(()) };
            from = format!("{name}{FIRST}");
            self.definition(&DefinitionPattern::Name(Pattern::Exact(name)))?;
        }
    }
}
