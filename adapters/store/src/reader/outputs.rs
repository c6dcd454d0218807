//! Whose output there is: of attempts that have one and run, and of those that ended first.

use super::Reader;
use crate::error::Error;
use longshore_types::{AttemptId, Timestamp};
use rusqlite::{Connection, params};

/// The output of an attempt that has ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EndedOutput {
    /// When it ended.
    pub ended_at: Timestamp,
    /// The log group.
    pub group: String,
    /// The stream in it.
    pub name: String,
    /// Whose output it is.
    pub attempt: AttemptId,
}

impl Reader {
    /// The attempts, and containers of attempts, that have output and run.
    pub fn running_outputs(&self) -> Result<Vec<AttemptId>, Error> {
        self.read(|db| {
            let query =
                "SELECT attempt FROM log_streams INDEXED BY log_streams_by_end WHERE grp = ? AND ended_at IS NULL";
            let mut statement = db.prepare_cached(query)?;
            let mut running = Vec::new();
            for group in groups(db)? {
                let mut rows = statement.query([group])?;
                while let Some(row) = rows.next()? {
                    running.extend(row.get_ref(0)?.as_str().ok().and_then(|text| text.parse::<AttemptId>().ok()));
                }
            }
            Ok(running)
        })
    }

    /// The outputs of attempts that have ended, those first that ended first: so many.
    pub fn oldest_outputs(&self, limit: usize) -> Result<Vec<EndedOutput>, Error> {
        self.read(|db| {
            let query = "SELECT ended_at, name, attempt FROM log_streams INDEXED BY log_streams_by_end
                WHERE grp = ? AND ended_at >= ? ORDER BY ended_at, name LIMIT ?";
            let mut statement = db.prepare_cached(query)?;
            let most = i64::try_from(limit).unwrap_or(i64::MAX);
            let mut oldest = Vec::new();
            for group in groups(db)? {
                let mut rows = statement.query(params![group, i64::MIN, most])?;
                while let Some(row) = rows.next()? {
                    let attempt = row.get_ref(2)?.as_str().ok().and_then(|text| text.parse().ok());
                    let Some(attempt) = attempt else { continue };
                    let ended_at = Timestamp::from_millis(row.get(0)?);
                    oldest.push(EndedOutput { ended_at, group: group.clone(), name: row.get(1)?, attempt });
                }
                // Of many groups no more is held than is asked for.
                oldest.sort();
                oldest.truncate(limit);
            }
            Ok(oldest)
        })
    }
}

fn groups(db: &Connection) -> Result<Vec<String>, Error> {
    let mut statement = db.prepare_cached("SELECT name FROM log_groups")?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}
