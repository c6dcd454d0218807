//! The server's disk: what it has taken in is there after any crash, what it has not is gone. A commit is one transaction:
//! a crash in the middle leaves all of it or nothing.

use super::restoring::Backup;
use super::{Event, World};
use crate::planted::Planted;
use crate::violation::{Rule, Violation, require};
use longshore_control::Input;
use longshore_engine::{Change, Rows};

/// Milliseconds that a commit takes at least and at most.
const COMMIT_MS: (u64, u64) = (1, 15);

#[derive(Debug, Default)]
pub(crate) struct Disk {
    /// The commit that is being written.
    pub(crate) pending: Option<(u64, Vec<Change>)>,
    /// What the rows were before the last commit, on a disk that may take it back.
    pub(crate) before: Option<Rows>,
    /// The last backup.
    pub(crate) backup: Option<Backup>,
    /// Commits take longer until then, by so much.
    pub(crate) slow: Option<(u64, u64)>,
    /// The next commit fails, which ends the server: whether it is written all the same, and how long the server is down.
    pub(crate) fails: Option<(bool, u64)>,
}

impl World {
    pub(super) fn begin_commit(&mut self, number: u64, changes: Vec<Change>) -> Result<(), Violation> {
        let busy = self.disk.pending.is_some();
        require(!busy, Rule::Durable, || format!("commit {number} is given out before the one before it is written"))?;
        let mut ms = self.random.between(COMMIT_MS.0, COMMIT_MS.1);
        if let Some((_, by)) = self.disk.slow.filter(|(until, _)| *until > self.now) {
            self.coverage.fault("disk slow");
            ms += by;
        }
        self.fingerprint.note(number);
        self.fingerprint.note(changes.len() as u64);
        self.disk.pending = Some((number, changes));
        let generation = self.generation;
        self.after(ms, Event::Committed { generation });
        let now = self.clock(self.server_clock);
        if self.planted.is_some_and(Planted::is_hasty)
            && let Some(server) = &mut self.server
        {
            server.control.handle(now, Input::Committed { through: number });
        }
        Ok(())
    }

    /// The disk is done with a commit, or gives up on it.
    pub(super) fn committed(&mut self, generation: u64) -> Result<(), Violation> {
        if generation != self.generation || self.server.is_none() {
            return Ok(());
        }
        if let Some((written, down_ms)) = self.disk.fails.take() {
            self.coverage.fault("disk fails");
            self.tell(|_| "the disk fails, and the server ends".to_owned());
            return self.crash_server(written, down_ms);
        }
        let Some((number, changes)) = self.disk.pending.take() else { return Ok(()) };
        self.write(changes)?;
        self.tell_server(Input::Committed { through: number })
    }

    /// Changes become rows.
    pub(super) fn write(&mut self, mut changes: Vec<Change>) -> Result<(), Violation> {
        if let Some(planted) = self.planted {
            planted.spoil_commit(&mut changes, &self.rows);
        }
        if self.planted.is_some_and(Planted::takes_back) {
            self.disk.before = Some(self.rows.clone());
        }
        let touched = self.audit.note(&self.rows, &changes);
        changes.into_iter().for_each(|change| self.rows.apply(change));
        self.audit_commit(&touched)
    }
}
