//! The client: says what the script says, looks up for the server what it asks for, and remembers what it was promised.

use super::{Event, World};
use crate::command::{self, Known};
use crate::does::Does;
use crate::script::Line;
use crate::violation::Violation;
use longshore_control::{Input, Token};
use longshore_engine::command::{EndedJob, LookedUpRow};
use longshore_engine::{Command, Error, Response};
use longshore_types::{JobId, JobRef, JobStatus, Timestamp};
use std::collections::BTreeMap;

/// Milliseconds that a request takes to the server at least and at most.
const REQUEST_MS: (u64, u64) = (1, 20);
/// After which a client asks again whom nobody has listened to.
const AGAIN_MS: u64 = 1_000;

#[derive(Debug, Default)]
pub(crate) struct Client {
    tokens: u64,
    /// Requests that the server has and has not answered.
    pub(crate) open: BTreeMap<Token, (Line, Command)>,
    /// Requests that are on their way to the server.
    pub(crate) under_way: usize,
    /// Jobs that were acknowledged, by name.
    pub(super) jobs: BTreeMap<String, JobId>,
    /// What the processes of jobs do, by name.
    does: BTreeMap<String, Vec<Does>>,
}

impl Client {
    pub(crate) fn does(&self, job: &str) -> Option<&[Does]> {
        self.does.get(job).map(Vec::as_slice)
    }

    pub(crate) fn name_of(&self, id: JobId) -> Option<String> {
        self.jobs.iter().find(|(_, job)| **job == id).map(|(name, _)| name.clone())
    }

    pub(crate) fn token(&mut self) -> Token {
        self.tokens += 1;
        Token(self.tokens)
    }

    /// A job, child or node by its name; `None` until it was acknowledged.
    pub(crate) fn find(&self, name: &str) -> Option<JobRef> {
        let part = |separator| {
            let (job, index): (&str, &str) = name.split_once(separator)?;
            Some((*self.jobs.get(job)?, index.parse().ok()?))
        };
        let child = part(':').map(|(id, index)| JobRef::Child(id, index));
        let node = || part('#').map(|(id, index)| JobRef::Node(id, index));
        child.or_else(node).or_else(|| self.jobs.get(name).copied().map(JobRef::Job))
    }
}

impl Known for World {
    fn job(&self, name: &str) -> Option<JobRef> {
        self.client.find(name)
    }

    fn ended(&self) -> Vec<JobId> {
        self.rows.jobs.values().filter(|job| job.run.status.is_terminal()).map(|job| job.id).collect()
    }

    fn now(&self) -> Timestamp {
        self.clock(self.server_clock)
    }
}

impl World {
    /// The client says what a line says.
    pub(super) fn say(&mut self, line: &Line) {
        if let Some(list) = line.get("does") {
            self.client.does.insert(line.object.clone(), list.split(',').filter_map(Does::parse).collect());
        }
        let Some(command) = command::of(line, self) else {
            self.tell(|_| format!("nobody knows whom is meant: {line}"));
            return;
        };
        self.send(line.clone(), command);
    }

    pub(super) fn send(&mut self, line: Line, command: Command) {
        self.client.under_way += 1;
        let ms = self.random.between(REQUEST_MS.0, REQUEST_MS.1);
        self.after(ms, Event::Request { line, command });
    }

    pub(super) fn request_arrives(&mut self, line: Line, mut command: Command) -> Result<(), Violation> {
        if self.server.is_none() {
            self.after(AGAIN_MS, Event::Request { line, command });
            return Ok(());
        }
        self.client.under_way -= 1;
        self.tell(|_| format!("client: {line}"));
        let token = self.client.token();
        self.client.open.insert(token, (line, command.clone()));
        if let Some(planted) = self.planted {
            planted.spoil_command(&mut command);
        }
        self.tell_server(Input::Request { token, command })
    }

    pub(super) fn reply_arrives(&mut self, token: Token, result: Result<Response, Error>) -> Result<(), Violation> {
        let Some((line, command)) = self.client.open.remove(&token) else { return Ok(()) };
        match result {
            Err(Error::LookUp(ids)) => {
                let found = ids.into_iter().map(|id| (id, self.look_up(id))).collect();
                if let Some(again) = with_ended(command, found) {
                    self.send(line, again);
                }
                Ok(())
            }
            Err(Error::LookUpRow { job, stamp }) => {
                let row = self.rows.jobs.get(&job).cloned().map(Box::new);
                if let Some(again) = with_row(command, LookedUpRow { stamp, row }) {
                    self.send(line, again);
                }
                Ok(())
            }
            Err(error) => {
                self.coverage.command(&line.verb, false);
                self.tell(|_| format!("refused: {}: {error}", line.verb));
                Ok(())
            }
            Ok(response) => {
                self.coverage.command(&line.verb, true);
                self.tell(|_| format!("answered: {} {}", line.verb, line.object));
                self.promised(&line, &response)
            }
        }
    }

    fn promised(&mut self, line: &Line, response: &Response) -> Result<(), Violation> {
        self.audit_reply(response)?;
        self.audit.note_limit(line);
        match response {
            Response::Submitted { id, .. } => {
                self.client.jobs.insert(line.object.clone(), *id);
                if line.verb == "submit" {
                    self.audit.acknowledged(*id);
                }
            }
            Response::Unneeded(jobs) => self.forget(jobs),
            _ => {}
        }
        Ok(())
    }

    /// The rows of jobs that nobody needs any more go, as in the server's upkeep.
    fn forget(&mut self, jobs: &[JobId]) {
        for id in jobs {
            self.tell(|world| format!("{} is forgotten", world.called(JobRef::Job(*id))));
            self.rows.jobs.remove(id);
            self.rows.children.retain(|(job, _), _| job != id);
            self.rows.log_streams.retain(|_, stream| stream.job.job() != *id);
            self.audit.forgotten(*id);
        }
    }

    /// What the store knows of a job that has ended.
    fn look_up(&self, id: JobId) -> Option<EndedJob> {
        let job = self.rows.jobs.get(&id)?;
        let size = job.array.as_ref().map(|array| array.size);
        let nodes = job.spec.nodes().map(|nodes| nodes.count);
        let part = |index: u32| if nodes.is_some() { JobRef::Node(id, index) } else { JobRef::Child(id, index) };
        let failed = |index: &u32| self.rows.run(part(*index)).is_some_and(|run| run.status == JobStatus::Failed);
        let failed_children = (0..size.or(nodes).unwrap_or(0)).filter(failed).collect();
        Some(EndedJob { status: job.run.status, array_size: size, nodes, failed_children })
    }

    /// The server is gone: what it had not answered, it never will.
    pub(super) fn client_hears_nothing(&mut self) {
        for (line, _) in std::mem::take(&mut self.client.open).into_values() {
            self.coverage.fault("request never answered");
            self.audit.doubt_limit(&line);
            self.tell(|_| format!("never answered: {line}"));
        }
        self.audit.questions_are_lost();
    }
}

fn with_ended(command: Command, found: BTreeMap<JobId, Option<EndedJob>>) -> Option<Command> {
    let Command::SubmitJob(mut submit) = command else { return None };
    submit.looked_up.extend(found);
    Some(Command::SubmitJob(submit))
}

fn with_row(command: Command, row: LookedUpRow) -> Option<Command> {
    Some(match command {
        Command::TagResource(mut tag) => {
            tag.looked_up = Some(row);
            Command::TagResource(tag)
        }
        Command::UntagResource(mut untag) => {
            untag.looked_up = Some(row);
            Command::UntagResource(untag)
        }
        _ => return None,
    })
}
