//! A small world for tests: an engine with environment `ce`, queue `q`, definition `d` and one host, and a store.
//! Every step commits, so what tests look at are rows.

use crate::command::{
    Command, DefinitionRef, DependencyInput, EndJob, LookedUpRow, PolicyRef, Response, SubmitJob, TagResource, Taggable,
};
use crate::entity::{
    ComputeEnvironment, ComputeResources, ConsumableKind, ConsumableResource, Container, DefinitionId, DefinitionKind,
    EnvironmentOrder, FairShare, JobDefinition, JobQueue, NodeGroup, NodeRange, Nodes, PolicyKind, ResourceKind,
    ResourceRequirement, ResourceState, ResourceStatus, Run, SchedulingPolicy, Tags, Task, TaskContainer, Work,
};
use crate::rows::Rows;
use crate::{Config, Effect, Engine, Error};
use longshore_protocol::{
    AttemptEnd, AttemptEvent, Condition, ContainerDependency, ContainerEnd, EndCause, Hello, HostDescription,
    StartAttempt, TaskEnd, VERSION,
};
use longshore_types::{AttemptId, Document, HostId, JobId, JobRef, JobStatus, Resources, Timestamp};
use std::collections::BTreeMap;

pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) rows: Rows,
    pub(crate) now: Timestamp,
    /// Attempts that the host was told to run and that have not ended.
    pub(crate) running: BTreeMap<JobRef, StartAttempt>,
    /// Attempts that the host was told to stop.
    pub(crate) stopped: Vec<AttemptId>,
    pub(crate) incarnation: u64,
    config: Config,
    vcpus: u64,
    commits: u64,
}

pub(crate) const HOST: HostId = HostId::from_random(77);

impl World {
    /// A world whose host has `vcpus` processors.
    pub(crate) fn new(vcpus: u64) -> Self {
        Self::with_config(vcpus, Config::default())
    }

    pub(crate) fn with_config(vcpus: u64, config: Config) -> Self {
        let mut engine = Engine::new(config.clone(), 1);
        engine.put_environment(environment("ce", 256));
        engine.put_queue(queue("q", 1));
        engine.put_definition(definition("d"));
        engine.put_definition(task_definition("t"));
        engine.put_definition(multinode("m"));
        let mut world = Self {
            engine,
            rows: Rows::default(),
            now: Timestamp::from_millis(1_000),
            running: BTreeMap::new(),
            stopped: Vec::new(),
            incarnation: 1,
            config,
            vcpus,
            commits: 0,
        };
        world.hello();
        world
    }

    /// The agent says Hello, holding what runs.
    pub(crate) fn hello(&mut self) {
        self.greet(false);
    }

    /// The agent says that it is going.
    pub(crate) fn leave(&mut self) {
        self.greet(true);
    }

    fn greet(&mut self, leaving: bool) {
        let capacity = Resources { vcpu_milli: self.vcpus * 1_000, memory_mib: 1_000_000, gpus: 0 };
        let hello = Hello {
            version: VERSION,
            host: HOST,
            incarnation: self.incarnation,
            description: HostDescription { name: "h".into(), capacity, runtimes: vec![], enforcement: "none".into() },
            held: self.running.values().map(|start| start.attempt).collect(),
            leaving,
        };
        self.engine.host_connected(self.now, &hello);
        self.step();
    }

    /// Places, commits and hands out effects until nothing changes any more.
    pub(crate) fn step(&mut self) {
        while self.engine.wants_schedule() || self.engine.has_changes() {
            self.engine.schedule(self.now);
            self.commits += 1;
            for change in self.engine.take_changes(self.commits) {
                self.rows.apply(change);
            }
            self.engine.committed(self.commits);
            for effect in self.engine.take_effects() {
                match effect {
                    Effect::Start { start, .. } => drop(self.running.insert(start.job, *start)),
                    Effect::Stop { attempt, .. } => self.stopped.push(attempt),
                }
            }
        }
    }

    /// Time passes; what is due by the clock is done when it is.
    pub(crate) fn pass(&mut self, ms: u64) {
        let end = self.now.plus_ms(ms);
        while let Some(at) = self.engine.next_deadline().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.engine.tick(self.now);
            self.step();
        }
        self.now = end;
    }

    pub(crate) fn try_apply(&mut self, command: Command) -> Result<Response, Error> {
        self.now = self.now.plus_ms(1);
        let result = self.engine.apply(self.now, command);
        self.step();
        result
    }

    pub(crate) fn try_submit(&mut self, change: impl FnOnce(&mut SubmitJob)) -> Result<JobId, Error> {
        let mut command = SubmitJob {
            job_name: "j".into(),
            job_queue: "q".into(),
            job_definition: DefinitionRef { name: "d".into(), revision: None },
            ..SubmitJob::default()
        };
        change(&mut command);
        let result = match self.try_apply(Command::SubmitJob(Box::new(command.clone()))) {
            Err(Error::LookUp(jobs)) => {
                command.looked_up = jobs.into_iter().map(|job| (job, self.look_up(job))).collect();
                self.try_apply(Command::SubmitJob(Box::new(command)))
            }
            result => result,
        };
        match result? {
            Response::Submitted { id, .. } => Ok(id),
            other => panic!("not a submission: {other:?}"),
        }
    }

    fn look_up(&self, id: JobId) -> Option<crate::command::EndedJob> {
        let job = self.rows.jobs.get(&id)?;
        let size = job.array.as_ref().map(|array| array.size);
        let nodes = job.spec.nodes().map(|nodes| nodes.count);
        let part = |index: u32| nodes.map_or(JobRef::Child(id, index), |_| JobRef::Node(id, index));
        let failed = |index: &u32| self.status(part(*index)) == JobStatus::Failed;
        Some(crate::command::EndedJob {
            status: job.run.status,
            array_size: size,
            nodes,
            failed_children: (0..size.or(nodes).unwrap_or(0)).filter(failed).collect(),
        })
    }

    pub(crate) fn submit(&mut self, change: impl FnOnce(&mut SubmitJob)) -> JobId {
        self.try_submit(change).unwrap()
    }

    pub(crate) fn cancel(&mut self, job: impl Into<Reference>) {
        let end = EndJob { job: Some(job.into().0), reason: "because".into() };
        self.try_apply(Command::CancelJob(end)).unwrap();
    }

    pub(crate) fn terminate(&mut self, job: impl Into<Reference>) {
        let end = EndJob { job: Some(job.into().0), reason: "because".into() };
        self.try_apply(Command::TerminateJob(end)).unwrap();
    }

    /// TagResource, with what the engine has to have looked up for it as things are now.
    pub(crate) fn tag_command(&mut self, resource: Taggable, tags: Tags) -> Command {
        let asking = TagResource { resource: resource.clone(), tags: tags.clone(), looked_up: None };
        let job = match resource {
            Taggable::Job(job) if self.engine.job(job).is_none() => Some(job),
            _ => None,
        };
        let looked_up =
            job.map(|job| match self.engine.apply(self.now, Command::TagResource(Box::new(asking.clone()))) {
                Err(Error::LookUpRow { stamp, .. }) => self.look_up_row(job, stamp),
                other => panic!("the row is not asked for: {other:?}"),
            });
        Command::TagResource(Box::new(TagResource { looked_up, ..asking }))
    }

    /// The row of a job that has left memory, as a caller reads it.
    pub(crate) fn look_up_row(&self, job: JobId, stamp: u64) -> LookedUpRow {
        LookedUpRow { stamp, row: self.rows.jobs.get(&job).cloned().map(Box::new) }
    }

    pub(crate) fn try_tag(&mut self, resource: Taggable, tags: Tags) -> Result<Response, Error> {
        let command = TagResource { resource: resource.clone(), tags: tags.clone(), looked_up: None };
        match self.try_apply(Command::TagResource(Box::new(command))) {
            Err(Error::LookUpRow { .. }) => {
                let command = self.tag_command(resource, tags);
                self.try_apply(command)
            }
            result => result,
        }
    }

    pub(crate) fn tags(&self, resource: &Taggable) -> Tags {
        match resource {
            Taggable::Environment(name) => self.rows.environments[name].tags.clone(),
            Taggable::Queue(name) => self.rows.queues[name].tags.clone(),
            Taggable::Definition(id) => self.rows.definitions[id].tags.clone(),
            Taggable::Policy(name) => self.rows.policies[name].tags.clone(),
            Taggable::Consumable(name) => self.rows.consumables[name].tags.clone(),
            Taggable::Job(id) => self.rows.jobs[id].tags.clone(),
            Taggable::ServiceEnvironment(name) => self.rows.service_environments[name].tags.clone(),
            Taggable::QuotaShare(id) => self.rows.quota_shares[id].tags.clone(),
            Taggable::ServiceJob(id) => self.rows.service_jobs[id].tags.clone(),
        }
    }

    /// The running attempt of a job ends.
    pub(crate) fn end(&mut self, job: impl Into<Reference>, end: AttemptEnd) {
        self.now = self.now.plus_ms(10);
        let start = self.running.remove(&job.into().0).unwrap();
        let event = AttemptEvent::Ended { attempt: start.attempt, at: self.now, end };
        self.engine.attempt_event(self.now, HOST, event);
        self.step();
    }

    pub(crate) fn exit(&mut self, job: impl Into<Reference>, exit_code: i32) {
        let job = job.into();
        let is_task = |start: &&StartAttempt| start.containers[0].output != start.attempt;
        let containers = self.running.get(&job.0).filter(is_task).map_or(0, |start| start.containers.len());
        let codes = vec![Some(exit_code); containers];
        self.exit_task(job, exit_code, &codes);
    }

    /// The running attempt of a job ends with the exit codes of its containers, `None` for those that never ran.
    pub(crate) fn exit_task(&mut self, job: impl Into<Reference>, exit_code: i32, codes: &[Option<i32>]) {
        let (job, at) = (job.into(), self.now.plus_ms(10));
        let start = self.running.get(&job.0).into_iter();
        let outputs = start.flat_map(|start| &start.containers).map(|container| container.output);
        let ends = outputs.zip(codes).map(|(output, &exit_code)| {
            let ran = exit_code.map(|_| (at, at));
            ContainerEnd { output, ran, exit_code, reason: None }
        });
        let containers = ends.collect();
        let end = AttemptEnd { cause: EndCause::Exited, exit_code: Some(exit_code), reason: None, containers };
        self.end(job.0, end);
    }

    /// One of several containers of the running attempt of a job starts.
    pub(crate) fn start_container(&mut self, job: impl Into<Reference>, index: usize) {
        let start = &self.running[&job.into().0];
        let Some(container) = start.containers.get(index).filter(|_| start.containers.len() > 1) else { return };
        let (attempt, output) = (start.attempt, container.output);
        let event = AttemptEvent::ContainerStarted { attempt, output, at: self.now };
        self.engine.attempt_event(self.now, HOST, event);
        self.step();
    }

    pub(crate) fn start(&mut self, job: impl Into<Reference>) {
        let attempt = self.running[&job.into().0].attempt;
        self.engine.attempt_event(self.now, HOST, AttemptEvent::Started { attempt, at: self.now });
        self.step();
    }

    /// Everything that runs exits with 0 until nothing runs any more; the order in which it started.
    pub(crate) fn run_all(&mut self) -> Vec<JobRef> {
        let mut order = Vec::new();
        while let Some(&job) = self.running.keys().next() {
            order.push(job);
            self.exit(job, 0);
        }
        order
    }

    pub(crate) fn run(&self, job: impl Into<Reference>) -> Run {
        self.rows.run(job.into().0).unwrap()
    }

    pub(crate) fn status(&self, job: impl Into<Reference>) -> JobStatus {
        self.run(job).status
    }

    pub(crate) fn reason(&self, job: impl Into<Reference>) -> String {
        self.run(job).status_reason.unwrap_or_default()
    }

    pub(crate) fn counts(&self, job: JobId) -> [u32; 7] {
        self.rows.jobs[&job].array.as_ref().unwrap().counts
    }

    /// The server is killed and started again from its rows; the agent lives on.
    pub(crate) fn restart(&mut self) {
        self.engine = Engine::restore(self.config.clone(), self.commits + 100, self.now, self.rows.snapshot());
        self.hello();
    }
}

/// A job, or a child as `(job, index)`.
pub(crate) struct Reference(pub(crate) JobRef);

impl From<JobId> for Reference {
    fn from(job: JobId) -> Self {
        Self(JobRef::Job(job))
    }
}

impl From<(JobId, u32)> for Reference {
    fn from((job, index): (JobId, u32)) -> Self {
        Self(JobRef::Child(job, index))
    }
}

impl From<JobRef> for Reference {
    fn from(reference: JobRef) -> Self {
        Self(reference)
    }
}

pub(crate) fn after(job: impl Into<Reference>) -> DependencyInput {
    DependencyInput { job_id: Some(job.into().0.to_string()), kind: None }
}

pub(crate) fn n_to_n(job: JobId) -> DependencyInput {
    DependencyInput { kind: Some("N_TO_N".into()), ..after(job) }
}

pub(crate) fn tags(pairs: &[(&str, &str)]) -> Tags {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

pub(crate) fn sequential() -> DependencyInput {
    DependencyInput { job_id: None, kind: Some("SEQUENTIAL".into()) }
}

pub(crate) fn environment(name: &str, max_vcpus: i64) -> ComputeEnvironment {
    ComputeEnvironment {
        name: name.parse().unwrap(),
        uuid: String::new(),
        managed: true,
        state: ResourceState::Enabled,
        status: ResourceStatus::Valid,
        status_reason: String::new(),
        unmanaged_vcpus: None,
        service_role: None,
        compute: Some(ComputeResources {
            kind: "EC2".into(),
            min_vcpus: Some(0),
            max_vcpus,
            desired_vcpus: Some(0),
            document: Document::default(),
        }),
        tags: BTreeMap::new(),
        created_at: Timestamp::default(),
        document: Document::default(),
        settles_at: None,
        replacement: None,
    }
}

pub(crate) fn queue(name: &str, priority: i64) -> JobQueue {
    JobQueue {
        name: name.parse().unwrap(),
        state: ResourceState::Enabled,
        status: ResourceStatus::Valid,
        status_reason: "JobQueue Healthy".into(),
        priority,
        environments: vec![EnvironmentOrder { order: 1, environment: "ce".parse().unwrap() }],
        service_environments: Vec::new(),
        scheduling_policy: None,
        blocked: vec![],
        blocked_by: None,
        tags: BTreeMap::new(),
        created_at: Timestamp::default(),
        document: Document::default(),
        settles_at: None,
    }
}

pub(crate) fn policy(name: &str, fair_share: FairShare) -> SchedulingPolicy {
    let kind = PolicyKind::FairShare(fair_share);
    SchedulingPolicy { name: name.parse().unwrap(), kind, tags: Tags::new(), created_at: Timestamp::default() }
}

pub(crate) fn policy_ref(name: &str) -> PolicyRef {
    let text = format!("arn:aws:batch:r:1:scheduling-policy/{name}");
    PolicyRef { text, name: name.parse().ok() }
}

pub(crate) fn consumable(name: &str, kind: ConsumableKind, total: u64) -> ConsumableResource {
    ConsumableResource {
        name: name.parse().unwrap(),
        creation: 1,
        kind,
        total,
        in_use: 0,
        tags: Tags::new(),
        created_at: Timestamp::default(),
    }
}

pub(crate) fn definition(name: &str) -> JobDefinition {
    let requirement = |kind, value: &str| ResourceRequirement { kind, value: value.into() };
    JobDefinition {
        id: DefinitionId { name: name.parse().unwrap(), revision: 1 },
        active: true,
        kind: DefinitionKind::Container,
        parameters: BTreeMap::new(),
        scheduling_priority: None,
        work: Some(Work::Container(Container {
            image: "host".into(),
            command: vec!["true".into()],
            resource_requirements: vec![requirement(ResourceKind::Vcpu, "1"), requirement(ResourceKind::Memory, "64")],
            ..Container::default()
        })),
        retry: None,
        timeout_s: None,
        propagate_tags: None,
        platform_capabilities: vec![],
        consumables: vec![],
        tags: BTreeMap::new(),
        registered_at: Timestamp::default(),
        deregistered_at: None,
        document: Document::default(),
    }
}

/// An essential container `main` after one that prepares, `init`.
pub(crate) fn task_definition(name: &str) -> JobDefinition {
    let base = definition(name);
    let Some(Work::Container(container)) = base.work.clone() else { panic!("definitions are containers") };
    let part = |name: &str, essential: bool, depends_on: Vec<ContainerDependency>| TaskContainer {
        name: name.into(),
        essential: Some(essential),
        depends_on,
        start_timeout_s: None,
        stop_timeout_s: None,
        container: container.clone(),
    };
    let after_init = ContainerDependency { container: "init".into(), condition: Condition::Success };
    let containers = vec![part("init", false, vec![]), part("main", true, vec![after_init])];
    JobDefinition {
        work: Some(Work::Task(Task { containers, document: Document::default(), end: TaskEnd::AnyEssential })),
        ..base
    }
}

/// Three nodes of what [`definition`] runs, the second one the main node.
pub(crate) fn multinode(name: &str) -> JobDefinition {
    let single = definition(name);
    let group = NodeGroup {
        target_nodes: "0:".into(),
        range: NodeRange { first: 0, last: None },
        work: single.work.unwrap(),
        instance_types: vec![],
    };
    let nodes = Nodes { count: 3, main: 1, groups: vec![group] };
    JobDefinition { kind: DefinitionKind::Multinode, work: Some(Work::Nodes(nodes)), ..definition(name) }
}

/// A node of a multi-node job.
pub(crate) const fn node(job: JobId, index: u32) -> JobRef {
    JobRef::Node(job, index)
}

pub(crate) fn attempts(attempts: i64) -> Option<crate::command::RetryStrategyInput> {
    Some(crate::command::RetryStrategyInput { attempts: Some(attempts), evaluate_on_exit: vec![] })
}
