//! Server, link, agent and processes, and everything that can happen to them.

use crate::plane::{MAIN_NODE, Plane};
use crate::processes::Processes;
use crate::random::Random;
use longshore_agent::{
    Agent, ExitStatus, Identity, Input as ToAgent, Launch, Output as FromAgent, RunnerEvent, Signal,
};
use longshore_control::{Input, LinkId, Token};
use longshore_engine::command::{
    ConsumableInput, DefinitionRef, DependencyInput, EndJob, RetryStrategyInput, SubmitJob,
};
use longshore_engine::entity::Job;
use longshore_engine::{Command, Error, Response, Rows};
use longshore_protocol::{AgentMessage, ControlMessage, HostDescription, Runtime};
use longshore_types::{AttemptId, HostId, JobId, JobRef, JobStatus, Resources, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Processors of the host.
const VCPUS: u64 = 3;
/// More turns than any healed world needs.
const HEALING_TURNS: usize = 100_000;

/// What happened, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) server_kills: u64,
    pub(crate) link_cuts: u64,
    pub(crate) agent_kills: u64,
    pub(crate) jobs: u64,
    pub(crate) processes: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, other: Self) {
        self.server_kills += other.server_kills;
        self.link_cuts += other.link_cuts;
        self.agent_kills += other.agent_kills;
        self.jobs += other.jobs;
        self.processes += other.processes;
    }
}

pub(crate) struct World {
    seed: u64,
    now: Timestamp,
    plane: Plane,
    agent: Agent,
    incarnation: u64,
    /// Launches that the runner has not carried out yet.
    launches: VecDeque<Launch>,
    processes: Processes,
    /// The link that is up.
    link: Option<LinkId>,
    links: u64,
    to_control: VecDeque<AgentMessage>,
    to_agent: VecDeque<ControlMessage>,
    tokens: u64,
    /// Jobs that were acknowledged.
    acknowledged: Vec<JobId>,
    /// How jobs and children that have ended, have ended.
    ended: BTreeMap<JobRef, JobStatus>,
    pub(crate) counts: Counts,
}

fn agent(now: Timestamp, incarnation: u64) -> Agent {
    let capacity = Resources { vcpu_milli: VCPUS * 1_000, memory_mib: 100_000, gpus: 0 };
    let description =
        HostDescription { name: "h".into(), capacity, runtimes: vec![Runtime::Process], enforcement: "none".into() };
    Agent::new(now, Identity { host: HostId::from_random(9), incarnation, description })
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let now = Timestamp::from_millis(1_000_000);
        Self {
            seed,
            now,
            plane: Plane::new(seed),
            agent: agent(now, 1),
            incarnation: 1,
            launches: VecDeque::new(),
            processes: Processes::default(),
            link: None,
            links: 0,
            to_control: VecDeque::new(),
            to_agent: VecDeque::new(),
            tokens: 0,
            acknowledged: Vec::new(),
            ended: BTreeMap::new(),
            counts: Counts::default(),
        }
    }

    /// One thing happens.
    pub(crate) fn step(&mut self, random: &mut Random) {
        self.now = self.now.plus_ms(random.below(400) as u64);
        match random.below(100) {
            0..14 => self.submit(random),
            14..18 => self.end_a_job(random),
            18..38 => self.write(),
            38..58 => self.deliver(random),
            58..70 => self.launch(),
            70..86 => self.exit(random),
            86..90 => self.connect(),
            90..93 => self.cut(),
            93..95 => self.kill_server(),
            95..97 => self.kill_agent(),
            _ => self.wake(),
        }
        self.settle();
    }

    /// Everything heals: whatever is waiting to happen, happens, until every job has ended.
    pub(crate) fn heal(&mut self) {
        let mut random = Random::new(self.seed);
        for _ in 0..HEALING_TURNS {
            self.now = self.now.plus_ms(500);
            self.connect();
            self.write();
            self.deliver(&mut random);
            self.launch();
            if let Some(&output) = self.processes.running.keys().next() {
                self.exit_with(output, ExitStatus::Code(0));
            }
            self.wake();
            self.settle();
            let open = |id: &JobId| !self.plane.rows.jobs[id].run.status.is_terminal();
            if !self.acknowledged.iter().any(open) && self.processes.running.is_empty() && self.plane.is_idle() {
                return;
            }
        }
        panic!("seed {}: some job never ended, or something is still counted as used", self.seed);
    }

    fn submit(&mut self, random: &mut Random) {
        let earlier = random.pick(&self.acknowledged).filter(|_| random.one_in(3));
        let after = earlier.map(|job| DependencyInput { job_id: Some(job.to_string()), kind: None });
        let size = random.one_in(3).then(|| 2 + random.below(3) as i64);
        let attempts = Some(1 + random.below(3) as i64);
        let definition = match random.below(6) {
            0 | 1 if size.is_none() => "m",
            2 => "t",
            _ => "d",
        };
        let licences = random
            .one_in(3)
            .then(|| ConsumableInput { resource: "licence".into(), quantity: Some(1 + random.below(2) as i64) });
        let share = random.pick(&["a", "b", "c"]).filter(|_| random.one_in(2)).map(str::to_owned);
        let job = SubmitJob {
            job_name: "j".into(),
            job_queue: if share.is_some() { "fair" } else { "q" }.into(),
            scheduling_priority_override: share.is_some().then(|| random.below(3) as i64),
            share_identifier: share,
            job_definition: DefinitionRef { name: definition.into(), revision: None },
            array_size: size,
            depends_on: after.into_iter().collect(),
            retry: Some(RetryStrategyInput { attempts, evaluate_on_exit: vec![] }),
            consumables: licences.into_iter().collect(),
            ..SubmitJob::default()
        };
        self.request(Command::SubmitJob(Box::new(job)));
    }

    fn end_a_job(&mut self, random: &mut Random) {
        let job = random.pick(&self.acknowledged).map(JobRef::Job);
        let node = |job: JobRef| self.plane.rows.jobs[&job.job()].gang.is_some().then_some(JobRef::Node(job.job(), 0));
        let job = if random.one_in(4) { job.and_then(node).or(job) } else { job };
        let end = EndJob { job, reason: "enough".into() };
        let command = if random.one_in(2) { Command::CancelJob(end) } else { Command::TerminateJob(end) };
        self.request(command);
    }

    fn request(&mut self, command: Command) {
        self.tokens += 1;
        self.plane.handle(self.now, Input::Request { token: Token(self.tokens), command });
    }

    fn write(&mut self) {
        self.plane.write(self.now);
    }

    /// One message arrives, in one direction or the other.
    fn deliver(&mut self, random: &mut Random) {
        let Some(link) = self.link else { return };
        let both = !self.to_control.is_empty() && !self.to_agent.is_empty();
        if if both { random.one_in(2) } else { self.to_agent.is_empty() } {
            if let Some(message) = self.to_control.pop_front() {
                self.plane.handle(self.now, Input::FromAgent { link, message });
            }
        } else if let Some(message) = self.to_agent.pop_front() {
            self.agent.handle(self.now, ToAgent::FromControl(message));
        }
    }

    fn launch(&mut self) {
        let Some(start) = self.launches.pop_front() else { return };
        let event = RunnerEvent::Launched { output: start.container.output, at: self.now };
        self.processes.start(start);
        self.agent.handle(self.now, ToAgent::FromRunner(event));
    }

    fn exit(&mut self, random: &mut Random) {
        let running: Vec<AttemptId> = self.processes.running.keys().copied().collect();
        if let Some(output) = random.pick(&running) {
            let code = i32::from(random.one_in(4));
            self.exit_with(output, ExitStatus::Code(code));
        }
    }

    fn exit_with(&mut self, output: AttemptId, status: ExitStatus) {
        self.processes.end(output, status.exit_code());
        let event = RunnerEvent::Exited { output, status, oom_killed: false, at: self.now };
        self.agent.handle(self.now, ToAgent::FromRunner(event));
    }

    fn connect(&mut self) {
        if self.link.is_none() {
            self.links += 1;
            self.link = Some(LinkId(self.links));
            self.agent.handle(self.now, ToAgent::Connected);
        }
    }

    /// The link is cut: what was on its way is lost, in both directions.
    fn cut(&mut self) {
        let Some(link) = self.link.take() else { return };
        self.counts.link_cuts += 1;
        self.drop_messages();
        self.agent.handle(self.now, ToAgent::Disconnected);
        self.plane.handle(self.now, Input::LinkClosed { link });
    }

    fn drop_messages(&mut self) {
        self.to_control.clear();
        self.to_agent.clear();
    }

    fn kill_server(&mut self) {
        self.counts.server_kills += 1;
        self.plane.kill(self.now, self.seed + self.counts.server_kills * 1_000);
        if self.link.take().is_some() {
            self.drop_messages();
            self.agent.handle(self.now, ToAgent::Disconnected);
        }
    }

    /// The agent dies, and its processes with it; another is started.
    fn kill_agent(&mut self) {
        self.counts.agent_kills += 1;
        if let Some(link) = self.link.take() {
            self.plane.handle(self.now, Input::LinkClosed { link });
        }
        self.drop_messages();
        self.launches.clear();
        self.processes.running.clear();
        self.incarnation += 1;
        self.agent = agent(self.now, self.incarnation);
    }

    fn wake(&mut self) {
        if self.plane.next_deadline().is_some_and(|deadline| deadline <= self.now) {
            self.plane.handle(self.now, Input::Wake);
        }
        self.agent.handle(self.now, ToAgent::Wake);
    }

    /// Moves what has come out of the server and the agent on its way.
    fn settle(&mut self) {
        while let Some((_, result)) = self.plane.replies.pop_front() {
            match result {
                Ok(Response::Submitted { id, .. }) => {
                    assert!(self.plane.rows.jobs.contains_key(&id), "an acknowledged job is durable");
                    self.counts.jobs += 1;
                    self.acknowledged.push(id);
                }
                Ok(_) | Err(Error::LookUp(_)) => {}
                Err(error) => panic!("seed {}: {error}", self.seed),
            }
        }
        while let Some((link, message)) = self.plane.messages.pop_front() {
            if self.link == Some(link) {
                self.to_agent.push_back(message);
            }
        }
        while let Some(output) = self.agent.poll() {
            self.carry_out(output);
        }
    }

    fn carry_out(&mut self, output: FromAgent) {
        match output {
            FromAgent::ToControl(message) => self.to_control.push_back(message),
            FromAgent::Launch(launch) => self.launches.push_back(*launch),
            FromAgent::Withdraw { output } => {
                let waiting = self.launches.len();
                self.launches.retain(|launch| launch.container.output != output);
                if self.launches.len() < waiting {
                    let event = RunnerEvent::LaunchFailed { output, reason: "withdrawn".into() };
                    self.agent.handle(self.now, ToAgent::FromRunner(event));
                }
            }
            FromAgent::Signal { output, signal } => {
                let number = if signal == Signal::Kill { 9 } else { 15 };
                if self.processes.running.contains_key(&output) {
                    self.exit_with(output, ExitStatus::Signal(number));
                }
            }
            FromAgent::Release { attempt } => {
                let of_attempt = |launch: &Launch| launch.attempt == attempt;
                assert!(
                    !self.launches.iter().any(of_attempt),
                    "{attempt} is released before its containers have ended"
                );
            }
            // An idle agent ends after a minute without a link; whoever keeps it starts another.
            FromAgent::Exit => {
                self.incarnation += 1;
                self.agent = agent(self.now, self.incarnation);
            }
        }
    }

    /// What is true after every step.
    pub(crate) fn audit(&mut self) {
        let used = self.processes.running.len() as u64;
        assert!(used <= VCPUS, "no host is oversubscribed");
        self.audit_licences();
        self.counts.processes = self.processes.count() as u64;
        for job in self.plane.rows.jobs.values() {
            audit_job(&self.plane.rows, &self.processes, &mut self.ended, job);
        }
        // An attempt that exited with 0 and whose agent died before it could say so is the only way to run twice; and
        // what nodes beside the main one have done, a failed main node has done again.
        if self.counts.agent_kills == 0 {
            let once = |job: &JobRef| !matches!(job, JobRef::Node(_, index) if *index != MAIN_NODE);
            for (job, attempts) in self.processes.succeeded.iter().filter(|(job, _)| once(job)) {
                assert_eq!(attempts.len(), 1, "{job} ran to success twice");
            }
        }
    }

    /// As many licences are in use as those who run hold, and never more than there are.
    fn audit_licences(&self) {
        let rows = &self.plane.rows;
        let runs = rows.jobs.values().map(|job| &job.run).chain(rows.children.values());
        let holds = runs.filter_map(|run| run.current.as_ref()).flat_map(|current| &current.holds);
        let whole = rows.jobs.values().filter_map(|job| job.gang.as_ref()).flat_map(|gang| &gang.holds);
        let held: u64 = holds.chain(whole).map(|hold| hold.quantity).sum();
        for licences in rows.consumables.values() {
            assert_eq!(licences.in_use, held);
            assert!(held <= licences.total, "no licence is lent twice");
        }
    }

    /// Everything that can be seen of the outcome.
    pub(crate) fn fingerprint(&self) -> String {
        let statuses: Vec<_> = self.ended.iter().map(|(part, status)| format!("{part} {status}")).collect();
        format!("{} {}", self.now, statuses.join("\n"))
    }
}

/// What is true of a job and its parts: terminal is for ever, and nothing has succeeded without having run.
fn audit_job(rows: &Rows, processes: &Processes, ended: &mut BTreeMap<JobRef, JobStatus>, job: &Job) {
    let size = job.array.as_ref().map_or(0, |array| array.size);
    let nodes = job.spec.nodes().map_or(0, |nodes| nodes.count);
    let children = (0..size).map(|index| JobRef::Child(job.id, index));
    let parts = children.chain((0..nodes).map(|index| JobRef::Node(job.id, index)));
    let runs = (0..nodes).filter_map(|index| rows.run(JobRef::Node(job.id, index)));
    let places: BTreeSet<usize> = runs.map(|run| run.attempts.len() + usize::from(run.current.is_some())).collect();
    assert!(places.len() <= 1, "{}: a node has a place only when all have one", job.id);
    let final_parts = parts.filter(|part| !matches!(part, JobRef::Node(..)) || job.run.status.is_terminal());
    for part in final_parts.chain([JobRef::Job(job.id)]) {
        let status = rows.run(part).map(|run| run.status);
        let Some(status) = status.filter(|status| status.is_terminal()) else { continue };
        assert_eq!(*ended.entry(part).or_insert(status), status, "{part} ended twice");
        let ran = processes.succeeded.get(&part).map_or(0, |attempts| attempts.len());
        let parent = size + nodes > 0 && part == JobRef::Job(job.id);
        if status == JobStatus::Succeeded && !parent {
            assert!(ran >= 1, "{part} succeeded without having run");
        }
    }
    let main = JobRef::Node(job.id, MAIN_NODE);
    if nodes > 0 && job.run.status == JobStatus::Succeeded {
        assert!(processes.succeeded.contains_key(&main), "{} succeeded without its main node", job.id);
    }
}
