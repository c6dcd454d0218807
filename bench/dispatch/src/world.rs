//! A control plane, and everything around it that a run needs: hosts that start what they are told to at once, a store that
//! writes at once, a clock that moves by a millisecond per turn.

use crate::usage;
use anyhow::{Result, bail};
use longshore_control::{Control, Input, LinkId, Output, Token};
use longshore_engine::command::{
    ComputeResourcesInput, ContainerInput, CreateComputeEnvironment, CreateJobQueue, CreateSchedulingPolicy,
    DefinitionRef, EnvironmentOrderInput, FairShareInput, PolicyRef, RegisterJobDefinition, SubmitJob,
};
use longshore_engine::{Change, Command, Config, Engine, Response, Rows};
use longshore_protocol::{
    AgentMessage, AttemptEnd, AttemptEvent, ControlMessage, EndCause, Hello, HostDescription, Report, StartAttempt,
};
use longshore_types::{AttemptId, Document, HostId, Resources, Timestamp};
use std::collections::VecDeque;
use std::time::Duration;

const QUEUES: u32 = 20;
const SHAPES: u32 = 50;
const SHARES: u32 = 5;
const VCPUS: u64 = 64;
const MEMORY_MIB: u64 = 256 * 1_024;

pub(crate) struct World {
    control: Control,
    now: i64,
    /// What runs, oldest first, with the host it runs on.
    running: VecDeque<(LinkId, AttemptId)>,
    /// Reports of each host so far.
    reports: Vec<u64>,
    started: usize,
    submitted: u32,
    /// Whether queues have no shares.
    fifo: bool,
    /// What has been written, but for events, if that is kept.
    rows: Option<Box<Rows>>,
    error: Option<String>,
}

impl World {
    /// Twenty queues of different priorities over one environment, with a fair-share policy or without one, fifty
    /// definitions, no host.
    pub(crate) fn new(fifo: bool, keep_rows: bool) -> Result<Self> {
        let mut world = Self {
            control: Control::new(Timestamp::from_millis(1_000_000), Engine::new(Config::default(), 7)),
            now: 1_000_000,
            running: VecDeque::new(),
            reports: Vec::new(),
            started: 0,
            submitted: 0,
            fifo,
            rows: keep_rows.then(Box::default),
            error: None,
        };
        world.ask(Command::CreateComputeEnvironment(Box::new(environment())))?;
        let shares = (0..SHARES).map(|share| (format!("share{share}"), None)).collect();
        let policy = CreateSchedulingPolicy {
            name: "fair".into(),
            fair_share: Some(FairShareInput { distribution: Some(shares), ..FairShareInput::default() }),
            ..CreateSchedulingPolicy::default()
        };
        world.ask(Command::CreateSchedulingPolicy(Box::new(policy)))?;
        for queue in 0..QUEUES {
            world.ask(Command::CreateJobQueue(Box::new(self::queue(queue, fifo))))?;
        }
        for shape in 0..SHAPES {
            world.ask(Command::RegisterJobDefinition(Box::new(definition(shape))))?;
        }
        Ok(world)
    }

    /// The control plane dies, and another one begins with what was written.
    pub(crate) fn restart(&mut self) -> Duration {
        let snapshot = self.rows.take().map(|rows| rows.snapshot()).unwrap_or_default();
        let (config, now) = (Config::default(), Timestamp::from_millis(self.now));
        self.control = Control::new(now, Engine::new(config.clone(), 7));
        let begun = usage::processor_time();
        self.control = Control::new(now, Engine::restore(config, 8, now, snapshot));
        usage::processor_time() - begun
    }

    /// So many jobs, of each shape, in each queue, of each share in turn.
    pub(crate) fn submit(&mut self, jobs: u32) -> Result<()> {
        for _ in 0..jobs {
            let number = self.submitted;
            self.submitted += 1;
            let job = SubmitJob {
                job_name: "job".into(),
                job_queue: format!("queue{}", number % QUEUES),
                job_definition: DefinitionRef { name: format!("shape{}", number / QUEUES % SHAPES), revision: None },
                share_identifier: self.share(number / QUEUES / SHAPES % SHARES),
                ..SubmitJob::default()
            };
            self.ask(Command::SubmitJob(Box::new(job)))?;
        }
        Ok(())
    }

    fn share(&self, number: u32) -> Option<String> {
        (!self.fifo).then(|| format!("share{number}"))
    }

    pub(crate) fn submit_array(&mut self, size: u32) -> Result<()> {
        let job = SubmitJob {
            job_name: "array".into(),
            job_queue: "queue0".into(),
            job_definition: DefinitionRef { name: "shape0".into(), revision: None },
            share_identifier: self.share(0),
            array_size: Some(i64::from(size)),
            ..SubmitJob::default()
        };
        self.ask(Command::SubmitJob(Box::new(job)))
    }

    /// So many hosts connect, and are filled.
    pub(crate) fn connect(&mut self, hosts: u32) {
        for host in 0..hosts {
            let description = HostDescription {
                name: format!("host{host}"),
                capacity: Resources { vcpu_milli: VCPUS * 1_000, memory_mib: MEMORY_MIB, gpus: 0 },
                runtimes: vec![],
                enforcement: "none".into(),
            };
            let host_id = HostId::from_random(u128::from(host) + 1);
            let hello = Hello { version: 1, host: host_id, incarnation: 1, description, held: vec![], leaving: false };
            self.reports.push(0);
            let link = LinkId(u64::from(host));
            self.handle(Input::FromAgent { link, message: AgentMessage::Hello(hello) });
        }
        self.turn();
    }

    /// The oldest jobs end, all before the next commit; how many did. `cargo xtask bench instructions` counts what is in
    /// here by its name.
    #[inline(never)]
    pub(crate) fn end(&mut self, jobs: usize) -> u32 {
        let mut ended = 0;
        for _ in 0..jobs {
            let Some((link, attempt)) = self.running.pop_front() else { break };
            let at = Timestamp::from_millis(self.now);
            let end = AttemptEnd { cause: EndCause::Exited, exit_code: Some(0), reason: None, containers: Vec::new() };
            self.report(link, AttemptEvent::Ended { attempt, at, end });
            ended += 1;
        }
        self.turn();
        ended
    }

    pub(crate) fn take_started(&mut self) -> usize {
        std::mem::take(&mut self.started)
    }

    fn ask(&mut self, command: Command) -> Result<()> {
        self.handle(Input::Request { token: Token(0), command });
        self.turn();
        match self.error.take() {
            Some(error) => bail!("a command was refused: {error}"),
            None => Ok(()),
        }
    }

    fn report(&mut self, link: LinkId, event: AttemptEvent) {
        let number = &mut self.reports[usize::try_from(link.0).unwrap_or(usize::MAX)];
        *number += 1;
        let report = Report { number: *number, event };
        self.handle(Input::FromAgent { link, message: AgentMessage::Report(report) });
    }

    fn handle(&mut self, input: Input) {
        self.control.handle(Timestamp::from_millis(self.now), input);
    }

    /// Until there is nothing to do: commits are written at once, attempts start at once.
    fn turn(&mut self) {
        self.now += 1;
        loop {
            match self.control.poll() {
                None => break,
                Some(Output::Commit { number, changes }) => {
                    self.write(changes);
                    self.handle(Input::Committed { through: number });
                }
                Some(Output::ToAgent { link, message: ControlMessage::Start(start) }) => self.start(link, &start),
                Some(Output::Reply { result: Err(error), .. }) => self.error = Some(error.to_string()),
                Some(Output::Reply { result: Ok(Response::Submitted { .. }), .. } | _) => {}
            }
        }
    }

    fn write(&mut self, changes: Vec<Change>) {
        if let Some(rows) = &mut self.rows {
            let kept = changes.into_iter().filter(|change| !matches!(change, Change::AppendEvent(_)));
            kept.for_each(|change| rows.apply(change));
        }
    }

    fn start(&mut self, link: LinkId, start: &StartAttempt) {
        self.started += 1;
        self.running.push_back((link, start.attempt));
        self.report(link, AttemptEvent::Started { attempt: start.attempt, at: Timestamp::from_millis(self.now) });
    }
}

fn environment() -> CreateComputeEnvironment {
    let members = serde_json::json!({
        "instanceRole": "r", "instanceTypes": ["optimal"], "subnets": ["s"], "securityGroupIds": ["g"],
    });
    CreateComputeEnvironment {
        name: "environment".into(),
        kind: "MANAGED".into(),
        compute: Some(ComputeResourcesInput {
            kind: Some("EC2".into()),
            min_vcpus: Some(0),
            max_vcpus: Some(1_000_000),
            desired_vcpus: None,
            document: Document(members.as_object().cloned().unwrap_or_default()),
        }),
        ..CreateComputeEnvironment::default()
    }
}

fn queue(number: u32, fifo: bool) -> CreateJobQueue {
    let policy = || PolicyRef {
        text: "arn:aws:batch:us-east-1:000000000000:scheduling-policy/fair".into(),
        name: "fair".parse().ok(),
    };
    CreateJobQueue {
        name: format!("queue{number}"),
        priority: i64::from(number % 4),
        environments: vec![EnvironmentOrderInput { order: 1, environment: "environment".into() }],
        scheduling_policy: (!fifo).then(policy),
        ..CreateJobQueue::default()
    }
}

/// One to eight vCPUs with different amounts of memory: no two alike.
fn definition(shape: u32) -> RegisterJobDefinition {
    let (vcpus, memory_mib) = (shape % 8 + 1, 512 + 128 * shape);
    RegisterJobDefinition {
        name: format!("shape{shape}"),
        scheduling_priority: Some(1),
        kind: "container".into(),
        container: Some(ContainerInput {
            image: Some("host".into()),
            command: vec!["true".into()],
            resource_requirements: vec![("VCPU".into(), vcpus.to_string()), ("MEMORY".into(), memory_mib.to_string())],
            ..ContainerInput::default()
        }),
        ..RegisterJobDefinition::default()
    }
}
