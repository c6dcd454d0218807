//! Making room: streams first, so that readers find either all of an output or nothing; then files; then the mark that they
//! were to be deleted. Whoever dies in between, the mark is there for the next start.

use super::Told;
use super::count::{Count, taken};
use crate::backup::Removal;
use crate::output::time::instant;
use anyhow::Context;
use longshore_runner::{index_path, output_path};
use longshore_store::{EndedOutput, Reader, Upkeep};
use longshore_types::AttemptId;
use std::io;
use std::path::{Path, PathBuf};

/// Outputs that are looked at and removed at once.
const AT_ONCE: usize = 256;
/// How much is left of a limit, in tenths, once room was made: not one output at a time for ever.
const LEFT: u64 = 9;

pub(super) struct Room {
    pub(super) data_dir: PathBuf,
    pub(super) reader: Reader,
    pub(super) upkeep: Upkeep,
}

impl Room {
    /// Removes outputs until there is room again, or those of attempts that run are all that is left. Not while a backup
    /// is made.
    pub(super) fn make(
        &self,
        (bytes, limit): (u64, u64),
        count: &mut Count,
        may_go_on: impl Fn() -> bool,
    ) -> anyhow::Result<()> {
        let mut excess = bytes.saturating_sub(limit / 10 * LEFT);
        let (mut removed, mut latest) = (0_usize, None);
        while excess > 0 && may_go_on() {
            let Some(_removal) = Removal::now(&self.data_dir).context("failed to see whether a backup is made")? else {
                break;
            };
            let oldest = self.reader.oldest_outputs(AT_ONCE)?;
            let Some(last) = oldest.last().cloned() else {
                tracing::debug!(bytes, limit, "attempts that run have printed more than the limit");
                break;
            };
            let due = due(&oldest, excess, |attempt| taken(&self.data_dir, attempt));
            latest = due.last().map_or(Some(last.ended_at), |last| Some(last.ended_at));
            removed += due.len();
            self.upkeep.dismiss(due)?;
            for (attempt, bytes) in self.delete_dismissed()? {
                excess = excess.saturating_sub(bytes);
                count.take_in(Told::Removed(attempt, bytes));
            }
        }
        if let Some(latest) = latest {
            let until = instant(latest.as_millis());
            tracing::info!(removed, until, limit, "removed the output of attempts that ended first, to make room");
        }
        Ok(())
    }

    /// Deletes what an earlier server was about to delete.
    pub(super) fn remove_remains(&self) -> anyhow::Result<()> {
        while let Some(_removal) = Removal::now(&self.data_dir)?
            && !self.delete_dismissed()?.is_empty()
        {}
        Ok(())
    }

    /// Deletes some of what is due; nothing once all of it is gone.
    fn delete_dismissed(&self) -> anyhow::Result<Vec<(AttemptId, u64)>> {
        let attempts = self.upkeep.dismissed()?;
        let removed = attempts.iter().map(|attempt| Ok((*attempt, remove_output(&self.data_dir, *attempt)?)));
        let removed = removed.collect::<anyhow::Result<_>>()?;
        self.upkeep.forget_dismissed(attempts)?;
        Ok(removed)
    }
}

/// The first of these whose removal gives so many bytes back; all of them if that is less.
fn due(oldest: &[EndedOutput], excess: u64, taken: impl Fn(AttemptId) -> u64) -> Vec<EndedOutput> {
    let mut given_back = 0_u64;
    let enough = |output: &&EndedOutput| {
        let is_due = given_back < excess;
        given_back = given_back.saturating_add(taken(output.attempt));
        is_due
    };
    oldest.iter().take_while(enough).cloned().collect()
}

/// Deletes what an attempt has written, and its index; how many bytes that gave back.
pub(in crate::serve) fn remove_output(data_dir: &Path, attempt: AttemptId) -> anyhow::Result<u64> {
    let bytes = taken(data_dir, attempt);
    for path in [output_path(data_dir, attempt), index_path(data_dir, attempt)] {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("failed to delete {}", path.display()));
            }
            _ => {}
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use longshore_types::Timestamp;

    #[test]
    fn no_more_is_due_than_makes_room() {
        let output = |number: u128| EndedOutput {
            ended_at: Timestamp::from_millis(0),
            group: "g".into(),
            name: number.to_string(),
            attempt: AttemptId::from_random(number),
        };
        let oldest: Vec<EndedOutput> = (1..=5).map(output).collect();
        let due = |excess| due(&oldest, excess, |_| 10).len();
        assert_eq!([1, 10, 11, 50, 1_000].map(due), [1, 1, 2, 5, 5]);
    }
}
