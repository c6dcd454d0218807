//! Log groups and log streams.

use super::Reader;
use crate::error::Error;
use longshore_engine::entity::LogStream;
use longshore_types::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Above every name.
const LAST: char = char::MAX;

/// Which log streams of a group, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamQuery {
    /// The group.
    pub group: String,
    /// What the names begin with; empty for all.
    pub prefix: String,
    /// Only streams whose attempt had not ended then.
    pub live_since: Option<Timestamp>,
    /// The name of the last stream of the page before.
    pub after: Option<String>,
    /// The most to return.
    pub limit: usize,
}

/// A place in a listing by time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamCursor {
    /// When the last stream before it ended; `None` while its attempt runs.
    pub ended_at: Option<Timestamp>,
    /// That stream's name.
    pub name: String,
}

impl Reader {
    /// The log groups that have streams and begin with `prefix`, in the order of their names.
    pub fn log_groups(&self, prefix: &str) -> Result<Vec<String>, Error> {
        self.read(|db| {
            let mut groups = Vec::new();
            let mut statement = db.prepare_cached("SELECT min(grp) FROM log_streams WHERE grp >= ? AND grp > ?")?;
            let mut last = String::new();
            while let Some(group) = statement.query_row([prefix, &last], |row| row.get::<_, Option<String>>(0))? {
                if !group.starts_with(prefix) {
                    break;
                }
                last.clone_from(&group);
                groups.push(group);
            }
            Ok(groups)
        })
    }

    /// When the first stream of a log group began; `None` for a group that never had one.
    pub fn log_group_created_at(&self, group: &str) -> Result<Option<Timestamp>, Error> {
        self.read(|db| {
            let mut statement = db.prepare_cached("SELECT created_at FROM log_groups WHERE name = ?")?;
            let first: Option<i64> = statement.query_row([group], |row| row.get(0)).optional()?;
            Ok(first.map(Timestamp::from_millis))
        })
    }

    /// A log stream.
    pub fn log_stream(&self, group: &str, name: &str) -> Result<Option<LogStream>, Error> {
        let query = "SELECT grp, name, attempt, job, created_at, ended_at FROM log_streams WHERE grp = ? AND name = ?";
        self.read(|db| Ok(db.prepare_cached(query)?.query_row([group, name], stream).optional()?))
    }

    /// Log streams in the order of their names.
    pub fn log_streams(&self, query: &StreamQuery) -> Result<Vec<LogStream>, Error> {
        let last = format!("{}{LAST}", query.prefix);
        let after = query.after.as_deref().unwrap_or_default();
        let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
        self.read(|db| match query.live_since {
            None => {
                let statement = "SELECT grp, name, attempt, job, created_at, ended_at FROM log_streams
                    WHERE grp = ? AND name >= ? AND name < ? AND name > ? ORDER BY name LIMIT ?";
                streams(db, statement, params![query.group, query.prefix, last, after, limit])
            }
            Some(since) => {
                let statement = "
                    SELECT grp, name, attempt, job, created_at, ended_at FROM log_streams INDEXED BY log_streams_by_end
                    WHERE grp = ?1 AND ended_at IS NULL AND name >= ?2 AND name < ?3 AND name > ?4
                    UNION ALL
                    SELECT grp, name, attempt, job, created_at, ended_at FROM log_streams INDEXED BY log_streams_by_end
                    WHERE grp = ?1 AND ended_at >= ?6 AND name >= ?2 AND name < ?3 AND name > ?4
                    ORDER BY name LIMIT ?5";
                streams(db, statement, params![query.group, query.prefix, last, after, limit, since.as_millis()])
            }
        })
    }

    /// A group's log streams, latest first: those of attempts that run, then by the time of their end.
    pub fn latest_log_streams(
        &self,
        group: &str,
        after: Option<&StreamCursor>,
        limit: usize,
    ) -> Result<Vec<LogStream>, Error> {
        let running =
            "SELECT grp, name, attempt, job, created_at, ended_at FROM log_streams INDEXED BY log_streams_by_end
            WHERE grp = ? AND ended_at IS NULL AND name < ? ORDER BY name DESC LIMIT ?";
        let ended =
            "SELECT grp, name, attempt, job, created_at, ended_at FROM log_streams INDEXED BY log_streams_by_end
            WHERE grp = ? AND (ended_at, name) < (?, ?) ORDER BY ended_at DESC, name DESC LIMIT ?";
        let rows = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let last = LAST.to_string();
        let name = after.map_or(last.as_str(), |cursor| cursor.name.as_str());
        let ended_at = after.and_then(|cursor| cursor.ended_at);
        self.read(|db| {
            let mut found = match ended_at {
                None => streams(db, running, params![group, name, rows(limit)])?,
                Some(_) => Vec::new(),
            };
            let (time, name) = ended_at.map_or((i64::MAX, last.as_str()), |time| (time.as_millis(), name));
            let rest = limit.saturating_sub(found.len());
            found.extend(streams(db, ended, params![group, time, name, rows(rest)])?);
            Ok(found)
        })
    }
}

fn streams(db: &Connection, query: &str, values: impl Params) -> Result<Vec<LogStream>, Error> {
    let mut statement = db.prepare_cached(query)?;
    let found = statement.query_map(values, stream)?.collect::<Result<_, _>>()?;
    Ok(found)
}

pub(super) fn stream(row: &Row<'_>) -> rusqlite::Result<LogStream> {
    let ended_at: Option<i64> = row.get(5)?;
    Ok(LogStream {
        group: row.get(0)?,
        name: row.get(1)?,
        attempt: parsed(row, 2)?,
        job: parsed(row, 3)?,
        created_at: Timestamp::from_millis(row.get(4)?),
        ended_at: ended_at.map(Timestamp::from_millis),
    })
}

fn parsed<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    text.parse().map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}
