//! The engine itself: the state in memory, and the bookkeeping of what has changed. Decisions are elsewhere
//! (`commands/`, `lifecycle/`, `schedule.rs`); this file only holds, finds and remembers.

mod deadlines;
mod dirty;
mod ended_rows;
mod outbox;
mod resources;
mod restore;
mod shares;

use crate::change::Change;
use crate::children::Children;
use crate::command::{Command, Response};
use crate::config::Config;
use crate::consumables::Consumables;
use crate::effect::Effect;
use crate::entity::{
    ComputeEnvironment, DefinitionId, Gang, Job, JobDefinition, JobQueue, JobSpec, LogStream, QuotaShareId, Run,
    SchedulingPolicy,
};
use crate::error::Error;
use crate::fleet::Fleet;
use crate::ids::IdGenerator;
use crate::jobs::Jobs;
use crate::lifecycle::Ended;
use crate::ready::ReadyQueue;
use crate::scaling::Low;
use crate::schedule::{Head, Held, Pace, Round};
use crate::services::Services;
use crate::shares::Shares;
use crate::table::Table;
pub(crate) use deadlines::{Deadlines, Due};
use dirty::Dirty;
use ended_rows::EndedRows;
use longshore_types::{AttemptId, JobId, JobRef, Name, Timestamp};
use outbox::Outbox;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// The state machine. Everything in it is either a row or derived from rows.
#[derive(Debug)]
pub struct Engine {
    pub(crate) config: Config,
    pub(crate) ids: IdGenerator,
    pub(crate) environments: BTreeMap<Name, ComputeEnvironment>,
    pub(crate) queues: BTreeMap<Name, JobQueue>,
    pub(crate) definitions: BTreeMap<DefinitionId, JobDefinition>,
    pub(crate) policies: BTreeMap<Name, SchedulingPolicy>,
    pub(crate) consumables: Consumables,
    /// The shares of queues with a fair-share policy.
    pub(crate) shares: Shares,
    /// Jobs that have not ended, or whose end is not durable yet, or whose children another array waits for.
    pub(crate) jobs: Jobs,
    /// The children of the array jobs in `jobs`.
    pub(crate) children: BTreeMap<JobId, Children>,
    /// The nodes of the multi-node jobs in `jobs` that were placed, by index.
    pub(crate) nodes: BTreeMap<JobId, BTreeMap<u32, Run>>,
    /// What is RUNNABLE, per queue, by class.
    pub(crate) ready: BTreeMap<Name, ReadyQueue>,
    /// Where the first job of a queue that has to wait will start at the latest. Not stored: a restart reserves anew.
    pub(crate) reservations: BTreeMap<Name, Held>,
    /// The head of each queue, and whether it blocks it. Not stored: after a restart its wait counts anew.
    pub(crate) heads: BTreeMap<Name, Head>,
    /// Hosts and what is used of them.
    pub(crate) fleet: Fleet,
    /// How short the attempts of a queue have been of late. Not stored: a restart looks anew.
    pub(crate) paces: BTreeMap<Name, Pace>,
    /// Live attempts and what they are attempts of.
    pub(crate) attempts: Table<AttemptId, JobRef>,
    /// Jobs that wait for a job, child or node (`DEP-1`).
    pub(crate) dependents: BTreeMap<JobRef, BTreeSet<JobId>>,
    /// How often jobs that have not ended name a job as a dependency, decided or not.
    pub(crate) named: BTreeMap<JobId, usize>,
    /// Jobs that have not started; an array counts until it ends.
    pub(crate) waiting: usize,
    /// The highest order of submission given out.
    pub(crate) last_seq: u64,
    /// Things that have just ended and whose consequences are still to be drawn.
    pub(crate) ended: VecDeque<Ended>,
    /// Specs shared by jobs that change nothing of their definition.
    pub(crate) plain_specs: BTreeMap<DefinitionId, Arc<JobSpec>>,
    /// Jobs that ended in a commit that is not durable yet: forgotten when it is.
    pub(crate) leaving: VecDeque<(u64, JobId)>,
    /// For each job in `leaving`, the last commit that carries it.
    pub(crate) unwritten: BTreeMap<JobId, u64>,
    /// Rows of jobs that have left memory, while a change to them is being written.
    pub(crate) ended_rows: EndedRows,
    /// When resources have something to do by themselves.
    pub(crate) deadlines: Deadlines,
    /// Attempts that environments in transition wait for (`CE-17`).
    pub(crate) outgoing: BTreeMap<Name, BTreeSet<AttemptId>>,
    /// Environments that want less than they show (`CE-12`). Counted anew after a restart.
    pub(crate) low: BTreeMap<Name, Low>,
    /// What belongs to service jobs.
    pub(crate) services: Services,
    pub(crate) effects: Vec<Effect>,
    /// What is told of it.
    pub(crate) outbox: Outbox,
    /// Whether something has become free since placement last looked, or was left over then.
    pub(crate) unscheduled: bool,
    /// Whether something has become RUNNABLE that there may be room for, though nothing has become free.
    pub(crate) arrived: bool,
    /// What the last step of placement has left for the next.
    pub(crate) round: Option<Box<Round>>,
    dirty: Dirty,
}

impl Engine {
    /// An engine without any resource or job. `seed` decides every id it will make.
    pub fn new(config: Config, seed: u64) -> Self {
        Self {
            config,
            ids: IdGenerator::new(seed),
            environments: BTreeMap::new(),
            queues: BTreeMap::new(),
            definitions: BTreeMap::new(),
            policies: BTreeMap::new(),
            consumables: Consumables::default(),
            shares: Shares::default(),
            jobs: Jobs::default(),
            children: BTreeMap::new(),
            nodes: BTreeMap::new(),
            ready: BTreeMap::new(),
            reservations: BTreeMap::new(),
            heads: BTreeMap::new(),
            fleet: Fleet::default(),
            paces: BTreeMap::new(),
            attempts: Table::default(),
            dependents: BTreeMap::new(),
            named: BTreeMap::new(),
            waiting: 0,
            last_seq: 0,
            ended: VecDeque::new(),
            plain_specs: BTreeMap::new(),
            leaving: VecDeque::new(),
            unwritten: BTreeMap::new(),
            ended_rows: EndedRows::default(),
            deadlines: Deadlines::default(),
            outgoing: BTreeMap::new(),
            low: BTreeMap::new(),
            services: Services::default(),
            effects: Vec::new(),
            outbox: Outbox::default(),
            unscheduled: false,
            arrived: false,
            round: None,
            dirty: Dirty::default(),
        }
    }

    /// Carries out a command.
    ///
    /// # Errors
    /// [`Error::Invalid`] and [`Error::AlreadyExists`] are refusals in AWS's words; [`Error::LookUp`] and
    /// [`Error::LookUpRow`] ask for the same command again with more knowledge. In each case nothing has changed.
    pub fn apply(&mut self, now: Timestamp, command: Command) -> Result<Response, Error> {
        let response = crate::commands::apply(self, now, command)?;
        crate::scaling::demand_changed(self, now);
        crate::lifecycle::settle(self, now);
        Ok(response)
    }

    /// Whether anything has changed since the last [`Engine::take_changes`].
    pub fn has_changes(&self) -> bool {
        !self.dirty.is_empty() || !self.ended_rows.is_empty() || !self.outbox.is_empty()
    }

    /// The rows changed since the last call, to be committed as `commit`. Jobs that ended stay in memory until
    /// [`Engine::committed`] says that the commit is durable.
    pub fn take_changes(&mut self, commit: u64) -> Vec<Change> {
        dirty::take_changes(self, commit)
    }

    /// Everything up to `commit` is durable: jobs that ended in it leave memory.
    pub fn committed(&mut self, commit: u64) {
        self.ended_rows.committed(commit);
        while let Some((ended_in, job)) = self.leaving.pop_front_if(|(ended_in, _)| *ended_in <= commit) {
            if self.unwritten.get(&job) == Some(&ended_in) {
                self.unwritten.remove(&job);
                self.forget_if_unneeded(job);
            }
        }
    }

    /// Milliseconds between SIGTERM and SIGKILL (`STOP-1`).
    pub const fn stop_grace_ms(&self) -> u64 {
        self.config.stop_grace_ms
    }

    /// Effects decided since the last call, in order.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// The job, if it is in memory.
    pub fn job(&self, id: JobId) -> Option<&Job> {
        self.jobs.get(&id)
    }

    /// The life of a job, child or node that is in memory; of a child that has ended, the status alone.
    pub fn run(&self, reference: JobRef) -> Option<std::borrow::Cow<'_, Run>> {
        use std::borrow::Cow;
        let job = self.jobs.get(&reference.job())?;
        match (reference, &job.array) {
            (JobRef::Job(_), _) => Some(Cow::Borrowed(&job.run)),
            (JobRef::Child(_, index), Some(array)) if index < array.size => {
                let children = self.children.get(&job.id);
                let row = children.and_then(|children| children.live.get(&index));
                let status = children.and_then(|children| children.status(index));
                Some(match (row, status) {
                    (Some(run), _) => Cow::Borrowed(run),
                    // Of a child that has ended only the status is in memory.
                    (None, Some(status)) if status.is_terminal() => Cow::Owned(Run::new(status)),
                    (None, _) => Cow::Owned(array.child()),
                })
            }
            (JobRef::Node(id, index), _) if job.spec.nodes().is_some_and(|nodes| index < nodes.count) => {
                let row = self.nodes.get(&id).and_then(|nodes| nodes.get(&index));
                Some(row.map_or_else(|| Cow::Owned(Gang::unplaced(&job.run)), Cow::Borrowed))
            }
            _ => None,
        }
    }

    /// Compute environments by name.
    pub const fn environments(&self) -> &BTreeMap<Name, ComputeEnvironment> {
        &self.environments
    }

    /// Job queues by name.
    pub const fn queues(&self) -> &BTreeMap<Name, JobQueue> {
        &self.queues
    }

    /// Job definitions by name and revision.
    pub const fn definitions(&self) -> &BTreeMap<DefinitionId, JobDefinition> {
        &self.definitions
    }

    /// The hosts.
    pub const fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    pub(crate) fn put_environment(&mut self, environment: ComputeEnvironment) {
        self.dirty.environments.insert(environment.name.clone());
        self.deadlines.set(Due::Environment(environment.name.clone()), environment.deadline());
        self.environments.insert(environment.name.clone(), environment);
        self.unblock_all();
    }

    pub(crate) fn delete_environment(&mut self, name: &Name) {
        self.environments.remove(name);
        self.deadlines.set(Due::Environment(name.clone()), None);
        self.outgoing.remove(name);
        self.low.remove(name);
        self.dirty.environments.insert(name.clone());
        self.round = None;
    }

    pub(crate) fn put_queue(&mut self, queue: JobQueue) {
        self.dirty.queues.insert(queue.name.clone());
        self.deadlines.set(Due::Queue(queue.name.clone()), queue.settles_at);
        self.queues.insert(queue.name.clone(), queue);
        self.unblock_all();
    }

    pub(crate) fn delete_queue(&mut self, name: &Name) {
        self.queues.remove(name);
        self.deadlines.set(Due::Queue(name.clone()), None);
        self.ready.remove(name);
        self.reservations.remove(name);
        self.heads.remove(name);
        self.paces.remove(name);
        self.deadlines.set(Due::Head(name.clone()), None);
        self.deadlines.set(Due::Turn(name.clone()), None);
        self.forget_shares(name);
        self.dirty.queues.insert(name.clone());
        self.round = None;
    }

    pub(crate) fn put_definition(&mut self, definition: JobDefinition) {
        self.dirty.definitions.insert(definition.id.clone());
        self.definitions.insert(definition.id.clone(), definition);
    }

    pub(crate) fn delete_definition(&mut self, id: &DefinitionId) {
        self.definitions.remove(id);
        self.plain_specs.remove(id);
        self.dirty.definitions.insert(id.clone());
    }

    pub(crate) fn put_log_stream(&mut self, stream: LogStream) {
        self.dirty.log_streams.insert(stream.attempt, stream);
    }

    /// To write an environment that has changed in nothing that placement looks at.
    pub(crate) fn touch_environment(&mut self, name: Name) {
        self.dirty.environments.insert(name);
    }

    /// To write a queue that has changed in nothing that placement looks at.
    pub(crate) fn touch_queue(&mut self, name: Name) {
        self.dirty.queues.insert(name);
    }

    pub(crate) fn touch_service_environment(&mut self, name: Name) {
        self.dirty.service_environments.insert(name);
    }

    pub(crate) fn touch_quota_share(&mut self, id: QuotaShareId) {
        self.dirty.quota_shares.insert(id);
    }

    pub(crate) fn touch_service_job(&mut self, id: JobId) {
        self.dirty.service_jobs.insert(id);
    }

    pub(crate) fn touch_job(&mut self, id: JobId) {
        self.dirty.jobs.insert(id);
    }

    pub(crate) fn touch_child(&mut self, id: JobId, index: u32) {
        self.dirty.children.insert((id, index));
    }

    pub(crate) fn touch_host(&mut self, id: longshore_types::HostId) {
        self.dirty.hosts.insert(id);
    }

    /// Capacity or eligibility may have grown: what could never run is looked at again.
    pub(crate) fn unblock_all(&mut self) {
        for queue in self.ready.values_mut() {
            queue.unblock();
        }
        self.round = None;
        self.unscheduled = true;
    }

    /// Drops an ended job from memory unless an array that has not ended reads its children (`DEP-7`).
    pub(crate) fn forget_if_unneeded(&mut self, id: JobId) {
        let needed = self.dependents.get(&JobRef::Job(id)).is_some_and(|waiting| !waiting.is_empty());
        let ended = self.jobs.get(&id).is_some_and(|job| job.run.status.is_terminal());
        let written = !self.unwritten.contains_key(&id) && !self.dirty.jobs.contains(&id);
        if ended && !needed && written {
            self.jobs.remove(&id);
            self.children.remove(&id);
            self.nodes.remove(&id);
        }
    }
}
