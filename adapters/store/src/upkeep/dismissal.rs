//! Outputs that go to make room, while their jobs stay. Their log streams are gone for readers at once; a mark says which files
//! are still to be deleted, whoever dies meanwhile. Which may go is not decided here.

use super::Upkeep;
use crate::error::Error;
use crate::reader::EndedOutput;
use longshore_types::AttemptId;
use rusqlite::params;

impl Upkeep {
    /// Takes the streams of these outputs away, of those whose attempts have ended. Their files are to be deleted, before
    /// [`Upkeep::forget_dismissed`].
    pub fn dismiss(&self, outputs: Vec<EndedOutput>) -> Result<(), Error> {
        self.run(move |db| {
            let mark = "INSERT OR IGNORE INTO dismissed_outputs (attempt)
                SELECT attempt FROM log_streams WHERE grp = ?1 AND name = ?2 AND ended_at IS NOT NULL";
            let hide = "DELETE FROM log_streams WHERE grp = ?1 AND name = ?2 AND ended_at IS NOT NULL";
            let (mut mark, mut hide) = (db.prepare_cached(mark)?, db.prepare_cached(hide)?);
            for EndedOutput { group, name, .. } in &outputs {
                mark.execute([group, name])?;
                hide.execute([group, name])?;
            }
            Ok(())
        })
    }

    /// Outputs whose files are still to be deleted: some of them.
    pub fn dismissed(&self) -> Result<Vec<AttemptId>, Error> {
        self.run(|db| {
            let limit = i64::try_from(super::ROWS).unwrap_or(i64::MAX);
            let mut statement = db.prepare_cached("SELECT attempt FROM dismissed_outputs LIMIT ?")?;
            let rows = statement.query_map([limit], |row| row.get::<_, String>(0))?;
            let texts: Vec<String> = rows.collect::<Result<_, _>>()?;
            Ok(texts.iter().filter_map(|text| text.parse().ok()).collect())
        })
    }

    /// The files of these outputs are gone.
    pub fn forget_dismissed(&self, outputs: Vec<AttemptId>) -> Result<(), Error> {
        self.run(move |db| {
            let mut forget = db.prepare_cached("DELETE FROM dismissed_outputs WHERE attempt = ?")?;
            for attempt in &outputs {
                forget.execute(params![attempt.to_string()])?;
            }
            Ok(())
        })
    }
}
