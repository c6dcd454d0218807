//! Starting one container: its command, its output file, its control group, its process; or why there is none.

use crate::children;
use crate::command::Command;
use crate::failure::{Failure, Found, text};
use crate::launcher::Shared;
use crate::limit::{Cell, Share};
use crate::live::Session;
use crate::output;
use crate::process::{Group, Process};
use crate::sys::{self, SpawnError, Spawned, Stack, Surroundings};
use longshore_protocol::StartContainer;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

/// Starts containers, one at a time.
pub(crate) struct Starter {
    shared: Arc<Shared>,
    stack: Stack,
}

impl Starter {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, stack: Stack::new() }
    }

    /// Answers once the container runs its program, or cannot: then nothing of it is left, not even an output file.
    pub(crate) fn start(&mut self, start: &StartContainer) -> Result<Process, Failure> {
        if let Some(asked) = start.user.as_ref().filter(|asked| !self.shared.account.is(asked)) {
            return Err(Failure::OtherUser { asked: asked.clone() });
        }
        let command = Command::of(start, &self.shared.inherited)?;
        let path = output::output_path(&self.shared.data_dir, start.output);
        let output = output::create(&path).map_err(|error| Failure::Output { error: error.to_string() })?;
        let process = self.start_limited(start, &command, &output);
        if process.is_err() {
            let _best_effort = fs::remove_file(&path);
        }
        process
    }

    fn start_limited(&mut self, start: &StartContainer, command: &Command, output: &File) -> Result<Process, Failure> {
        let cell =
            self.shared.limits.as_ref().map(|limits| limits.take(Share::memory(start.demand.memory_mib))).transpose();
        let cell = cell.map_err(|error| Failure::Limit { error: error.to_string() })?;
        match self.spawn(command, output, cell.as_ref()) {
            Ok(Spawned { pid, pidfd }) => {
                let line = self.shared.live.add(Session { output: start.output, pid });
                Ok(Process { group: Group { output: start.output, pid, line, cell }, pidfd })
            }
            Err(error) => {
                self.shared.give_back(cell);
                Err(self.failure(start, command, error))
            }
        }
    }

    fn spawn(&mut self, command: &Command, output: &File, cell: Option<&Cell>) -> Result<Spawned, SpawnError> {
        let around = Surroundings {
            directory: &self.shared.work_dir,
            input: self.shared.dev_null.as_fd(),
            output: output.as_fd(),
            groups: [cell.map(Cell::members), None],
            open_files: self.shared.open_files,
        };
        children::spawn(|| sys::spawn(&mut self.stack, command, &around))
    }

    fn failure(&self, start: &StartContainer, command: &Command, error: SpawnError) -> Failure {
        let directory = Path::new(OsStr::from_bytes(self.shared.work_dir.as_bytes()));
        match error {
            SpawnError::Clone(errno) => Failure::Spawn { errno },
            SpawnError::Group(errno) => Failure::Limit { error: text(errno) },
            SpawnError::Directory(errno) => Failure::Enter { directory: directory.to_owned(), errno },
            SpawnError::Execute(candidate, errno) => {
                let program = start.command.first().cloned().unwrap_or_default();
                let tried = candidate.map_or(program.as_bytes(), |index| command.candidates[index].as_bytes());
                let is_path = candidate.is_some() || program.contains('/');
                let at = || Found::at(&directory.join(OsStr::from_bytes(tried)));
                let found = if is_path { at() } else { Found::Nothing };
                Failure::Execute { program, found, errno }
            }
        }
    }
}
