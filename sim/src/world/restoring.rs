//! An older database: a backup is the rows of a moment, and a server that is restored from it is what it was then, while
//! hosts are what they are now. What it cannot know, the audit does not ask of it; see [`crate::audit::Past`].

use super::{Event, World};
use crate::audit::Past;
use crate::violation::Violation;
use longshore_engine::{Command, Rows};
use longshore_types::JobId;

/// A backup.
#[derive(Clone, Debug)]
pub(crate) struct Backup {
    rows: Rows,
    past: Past,
}

impl World {
    /// Somebody makes a backup: of what is on disk.
    pub(super) fn back_up(&mut self) {
        self.tell(|_| "a backup is made".to_owned());
        self.disk.backup = Some(Backup { rows: self.rows.clone(), past: self.audit.past() });
    }

    /// The server ends, and comes back from the last backup; with new agents, or with those that there are.
    pub(super) fn restore(&mut self, agents_gone: bool, down_ms: u64) -> Result<(), Violation> {
        let Some(backup) = self.disk.backup.clone() else { return Ok(()) };
        self.crash_server(false, down_ms)?;
        let agents = if agents_gone { "agents gone" } else { "agents live on" };
        self.tell(|_| format!("the backup is restored, {agents}"));
        self.coverage.fault(match agents_gone {
            true => "server restored from a backup, agents gone",
            false => "server restored from a backup, agents live on",
        });
        self.rows = backup.rows;
        self.audit.set_back(backup.past, &self.rows);
        let known = |id: &JobId| self.rows.jobs.contains_key(id) || self.rows.service_jobs.contains_key(id);
        self.client.jobs.retain(|_, id| known(id));
        self.forget_what_was_looked_up();
        if agents_gone {
            for host in 0..self.hosts.len() {
                self.end_agent(host, down_ms);
                self.hosts[host].processes.clear();
            }
        }
        Ok(())
    }

    /// Requests that are on their way carry nothing of what the former server had read.
    fn forget_what_was_looked_up(&mut self) {
        for event in self.events.values_mut() {
            match event {
                Event::Request { command: Command::SubmitJob(submit), .. } => submit.looked_up.clear(),
                Event::Request { command: Command::TagResource(tag), .. } => tag.looked_up = None,
                Event::Request { command: Command::UntagResource(untag), .. } => untag.looked_up = None,
                _ => {}
            }
        }
    }
}
