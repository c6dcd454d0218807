//! Which jobs are old enough to go (`ST-6`).

use super::Reader;
use crate::error::Error;
use longshore_types::{JobId, Timestamp};
use rusqlite::params;

/// Rows that one page looks at.
const ROWS_PER_PAGE: i64 = 1_000;

/// Ended jobs, and where to look on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndedPage {
    /// The jobs, in the order of submission.
    pub jobs: Vec<JobId>,
    /// To be passed as `after`; `None` when there are no more.
    pub next: Option<u64>,
}

impl Reader {
    /// A page of the jobs that had ended before `before`, beginning with those submitted after number `after`. Jobs are looked
    /// at in the order of submission, and none that was submitted later than `before`: what stays is not read again and again.
    pub fn jobs_ended_before(&self, before: Timestamp, after: u64) -> Result<EndedPage, Error> {
        self.read(|db| {
            let statement =
                "SELECT id, seq, stopped_at, status, created_at FROM jobs WHERE seq > ? ORDER BY seq LIMIT ?";
            let mut statement = db.prepare_cached(statement)?;
            let mut rows = statement.query(params![i64::try_from(after).unwrap_or(i64::MAX), ROWS_PER_PAGE])?;
            let (mut page, mut seen) = (EndedPage::default(), 0);
            while let Some(row) = rows.next()? {
                if row.get::<_, i64>(4)? >= before.as_millis() {
                    return Ok(EndedPage { next: None, ..page });
                }
                let stopped_at: Option<i64> = row.get(2)?;
                let has_ended = matches!(row.get_ref(3)?.as_str(), Ok("SUCCEEDED" | "FAILED"));
                if has_ended && stopped_at.is_some_and(|at| at < before.as_millis()) {
                    page.jobs.extend(row.get_ref(0)?.as_str().ok().and_then(|id| id.parse::<JobId>().ok()));
                }
                page.next = u64::try_from(row.get::<_, i64>(1)?).ok();
                seen += 1;
            }
            if seen < ROWS_PER_PAGE {
                page.next = None;
            }
            Ok(page)
        })
    }
}
