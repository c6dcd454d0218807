//! An engine with hosts, environments and queues of any number, driven by hand: no store, a clock that the test moves.

use crate::command::{Command, ConsumableInput, ContainerOverrides, DefinitionRef, EndJob, Response, SubmitJob};
use crate::entity::{EnvironmentOrder, JobDefinition, JobQueue, Work};
use crate::testing::{definition, environment, multinode, queue};
use crate::wait::{Answer, Question, Wait};
use crate::{Config, Effect, Engine};
use longshore_protocol::{Hello, HostDescription};
use longshore_types::{AttemptId, HostId, JobId, JobRef, JobStatus, Resources, Timestamp};
use std::collections::BTreeMap;

/// A running attempt.
#[derive(Clone, Debug)]
pub(super) struct Running {
    pub(super) attempt: AttemptId,
    pub(super) host: HostId,
    pub(super) environment: String,
    pub(super) demand: Resources,
}

pub(super) struct Lab {
    pub(super) engine: Engine,
    pub(super) now: Timestamp,
    pub(super) hosts: Vec<Resources>,
    pub(super) running: BTreeMap<JobRef, Running>,
    /// When each started.
    pub(super) started: BTreeMap<JobRef, Timestamp>,
    commits: u64,
}

pub(super) fn host_id(index: usize) -> HostId {
    HostId::from_random(index as u128 + 1)
}

/// vCPUs, and memory in units of the least that a job may ask for.
pub(super) fn amount(vcpus: u64, memory: u64) -> Resources {
    Resources { vcpu_milli: vcpus * 1_000, memory_mib: memory * 4, gpus: 0 }
}

/// A queue over these environments, in this order.
pub(super) fn queue_over(name: &str, priority: i64, environments: &[&str]) -> JobQueue {
    let entry =
        |(order, name): (usize, &&str)| EnvironmentOrder { order: order as i64, environment: name.parse().unwrap() };
    JobQueue { environments: environments.iter().enumerate().map(entry).collect(), ..queue(name, priority) }
}

fn single(queue: &str, demand: Resources) -> SubmitJob {
    let requirement = |kind: &str, value: u64| (kind.to_owned(), value.to_string());
    let overrides = ContainerOverrides {
        resource_requirements: vec![
            requirement("VCPU", demand.vcpu_milli / 1_000),
            requirement("MEMORY", demand.memory_mib),
        ],
        ..ContainerOverrides::default()
    };
    SubmitJob {
        job_name: "j".into(),
        job_queue: queue.into(),
        job_definition: DefinitionRef { name: "d".into(), revision: None },
        container_overrides: Some(overrides),
        ..SubmitJob::default()
    }
}

fn pair(name: &str) -> JobDefinition {
    let mut pair = multinode(name);
    let Some(Work::Nodes(nodes)) = &mut pair.work else { panic!("it has nodes") };
    (nodes.count, nodes.main) = (2, 0);
    let Work::Container(container) = &mut nodes.groups[0].work else { panic!("nodes are containers") };
    for (requirement, value) in container.resource_requirements.iter_mut().zip(["1", "4"]) {
        requirement.value = value.into();
    }
    pair
}

impl Lab {
    /// Hosts; environments with their caps; queues.
    pub(super) fn new(config: Config, hosts: &[Resources], environments: &[(&str, i64)], queues: &[JobQueue]) -> Self {
        let mut engine = Engine::new(config, 1);
        environments.iter().for_each(|(name, cap)| engine.put_environment(environment(name, *cap)));
        queues.iter().for_each(|queue| engine.put_queue(queue.clone()));
        engine.put_definition(definition("d"));
        engine.put_definition(pair("pair"));
        let mut lab = Self {
            engine,
            now: Timestamp::from_millis(1_000),
            hosts: hosts.to_vec(),
            running: BTreeMap::new(),
            started: BTreeMap::new(),
            commits: 0,
        };
        (0..hosts.len()).for_each(|index| lab.connect(index));
        lab.step();
        lab
    }

    /// A host says Hello with what it has now.
    pub(super) fn connect(&mut self, index: usize) {
        let host = host_id(index);
        let held = self.running.values().filter(|running| running.host == host).map(|running| running.attempt);
        let hello = Hello {
            version: 1,
            host,
            incarnation: 1,
            description: HostDescription {
                name: format!("h{index}"),
                capacity: self.hosts[index],
                runtimes: vec![],
                enforcement: "none".into(),
            },
            held: held.collect(),
            leaving: false,
        };
        self.engine.host_connected(self.now, &hello);
    }

    /// Places until nothing more fits; checks that no host and no cap is exceeded.
    pub(super) fn step(&mut self) {
        while self.engine.wants_schedule() {
            self.engine.schedule(self.now);
        }
        for effect in self.engine.take_effects() {
            let Effect::Start { host, start } = effect else { continue };
            let run = self.engine.run(start.job).unwrap();
            let environment = run.current.as_ref().unwrap().environment.to_string();
            let running = Running { attempt: start.attempt, host, environment, demand: start.demand };
            self.started.insert(start.job, self.now);
            self.running.insert(start.job, running);
        }
        for (index, total) in self.hosts.iter().enumerate() {
            assert!(total.fits(self.used(|running| running.host == host_id(index))), "host {index} is oversubscribed");
        }
        for (name, environment) in self.engine.environments() {
            let used = self.used(|running| running.environment == name.as_str()).vcpu_milli;
            assert!(environment.max_vcpu_milli().is_none_or(|cap| used <= cap), "{name} is over its cap");
        }
        self.commits += 1;
        self.engine.take_changes(self.commits);
        self.engine.committed(self.commits);
    }

    pub(super) fn used(&self, of: impl Fn(&Running) -> bool) -> Resources {
        let running = self.running.values().filter(|running| of(running));
        running.fold(Resources::default(), |sum, running| sum.plus(running.demand))
    }

    /// Submits and does not place yet.
    pub(super) fn submit(&mut self, queue: &str, demand: Resources, array_size: Option<i64>) -> JobId {
        self.apply(SubmitJob { array_size, ..single(queue, demand) })
    }

    /// Submits a job that takes so much of the consumable resource `r` and does not place it yet. Without a demand it is a
    /// multi-node job: two nodes of one vCPU and one unit of memory each.
    pub(super) fn submit_taking(&mut self, queue: &str, demand: Option<Resources>, quantity: u64) -> JobId {
        let pair = || SubmitJob {
            job_name: "j".into(),
            job_queue: queue.into(),
            job_definition: DefinitionRef { name: "pair".into(), revision: None },
            ..SubmitJob::default()
        };
        let mut command = demand.map_or_else(pair, |demand| single(queue, demand));
        if quantity > 0 {
            let quantity = Some(i64::try_from(quantity).unwrap());
            command.consumables = vec![ConsumableInput { resource: "r".into(), quantity }];
        }
        self.apply(command)
    }

    fn apply(&mut self, command: SubmitJob) -> JobId {
        match self.engine.apply(self.now, Command::SubmitJob(Box::new(command))).unwrap() {
            Response::Submitted { id, .. } => id,
            other => panic!("{other:?}"),
        }
    }

    /// The attempt of a job exits with 0.
    pub(super) fn end(&mut self, job: JobRef) {
        let running = self.running.remove(&job).unwrap();
        self.engine.attempt_event(self.now, running.host, super::exited(running.attempt, self.now));
    }

    pub(super) fn cancel(&mut self, job: JobRef) {
        let end = EndJob { job: Some(job), reason: "because".into() };
        self.engine.apply(self.now, Command::CancelJob(end)).unwrap();
    }

    /// `None` once it has left memory.
    pub(super) fn status(&self, job: JobRef) -> Option<JobStatus> {
        self.engine.run(job).map(|run| run.status)
    }

    pub(super) fn explain(&self, job: JobRef) -> Option<Wait> {
        match self.engine.answer(self.now, &Question::Explain(vec![job])) {
            Answer::Waits(mut waits) => waits.pop().unwrap(),
            other => panic!("{other:?}"),
        }
    }
}
