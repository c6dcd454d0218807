//! Which attempts there have ever been, as far as rows tell: what output files may be there for. And how many rows.

use super::Reader;
use crate::error::Error;
use crate::load::doc;
use longshore_engine::entity::{Job, Run};
use longshore_types::AttemptId;
use rusqlite::Connection;
use std::collections::BTreeSet;

/// How many rows there are of what there is most of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowCounts {
    /// Jobs, an array counting as one.
    pub jobs: u64,
    /// Children and nodes that have left their default.
    pub children: u64,
    /// Log streams.
    pub log_streams: u64,
    /// Entries of the outbox.
    pub events: u64,
}

impl Reader {
    /// Every attempt that a row names, and every container of one that has output of its own; of jobs and outputs that are
    /// being removed too. Row by row: no more than the ids are held in memory.
    pub fn attempts(&self) -> Result<BTreeSet<AttemptId>, Error> {
        self.read(|db| {
            let mut all = BTreeSet::new();
            for table in ["jobs", "expired"] {
                each(db, table, &format!("SELECT doc, id FROM {table}"), |job: Job| all.extend(job.run.outputs()))?;
            }
            each(db, "children", "SELECT doc, idx FROM children", |run: Run| all.extend(run.outputs()))?;
            let named = "SELECT attempt FROM log_streams UNION ALL SELECT attempt FROM dismissed_outputs";
            let mut statement = db.prepare(named)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                all.extend(row.get_ref(0)?.as_str().ok().and_then(|text| text.parse::<AttemptId>().ok()));
            }
            Ok(all)
        })
    }

    /// How many rows there are.
    pub fn row_counts(&self) -> Result<RowCounts, Error> {
        self.read(|db| {
            let count = |table: &str| -> rusqlite::Result<u64> {
                let rows: i64 = db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
                Ok(u64::try_from(rows).unwrap_or(0))
            };
            Ok(RowCounts {
                jobs: count("jobs")?,
                children: count("children")?,
                log_streams: count("log_streams")?,
                events: count("events")?,
            })
        })
    }
}

fn each<T: serde::de::DeserializeOwned>(
    db: &Connection,
    table: &'static str,
    query: &str,
    mut take: impl FnMut(T),
) -> Result<(), Error> {
    let mut statement = db.prepare(query)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        take(doc(table, row)?);
    }
    Ok(())
}
