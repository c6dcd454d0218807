//! The control plane against a store and an agent that the test plays: nothing leaves before it is durable.

mod hostile;

use crate::{Control, Input, LinkId, Output, Token};
use longshore_engine::command::{
    ComputeResourcesInput, ContainerInput, CreateComputeEnvironment, CreateJobQueue, DefinitionRef,
    EnvironmentOrderInput, RegisterJobDefinition, SubmitJob,
};
use longshore_engine::{Answer, Change, Command, Config, Engine, Question, Response, Rows};
use longshore_protocol::{
    AgentMessage, AttemptEnd, AttemptEvent, ControlMessage, EndCause, Hello, HostDescription, Report, StartAttempt,
};
use longshore_types::{AttemptId, HostId, JobId, JobRef, JobStatus, Resources, Timestamp};

const LINK: LinkId = LinkId(1);

/// The control plane, its store, and what has come out of it.
struct Plane {
    control: Control,
    rows: Rows,
    written: u64,
    /// A commit that the store has not written yet.
    pending: Option<(u64, Vec<Change>)>,
    out: Vec<Output>,
    now: i64,
}

/// When a plane starts.
const START: i64 = 1_000;

impl Plane {
    fn new() -> Self {
        Self::over(Engine::new(Config::default(), 7), Rows::default())
    }

    fn over(engine: Engine, rows: Rows) -> Self {
        let control = Control::new(Timestamp::from_millis(START), engine);
        Self { control, rows, written: 0, pending: None, out: Vec::new(), now: START }
    }

    /// A plane with an environment, a queue, a definition, all durable.
    fn ready() -> Self {
        let mut plane = Self::new();
        let environment = CreateComputeEnvironment {
            name: "ce".into(),
            kind: "MANAGED".into(),
            compute: Some(ComputeResourcesInput {
                kind: Some("EC2".into()),
                min_vcpus: Some(0),
                max_vcpus: Some(8),
                desired_vcpus: None,
                document: document(serde_json::json!({
                    "instanceRole": "r", "instanceTypes": ["optimal"], "subnets": ["s"], "securityGroupIds": ["g"],
                })),
            }),
            ..CreateComputeEnvironment::default()
        };
        let queue = CreateJobQueue {
            name: "q".into(),
            environments: vec![EnvironmentOrderInput { order: 1, environment: "ce".into() }],
            ..CreateJobQueue::default()
        };
        let definition = RegisterJobDefinition {
            name: "d".into(),
            kind: "container".into(),
            container: Some(ContainerInput {
                image: Some("host".into()),
                command: vec!["true".into()],
                resource_requirements: vec![("VCPU".into(), "1".into()), ("MEMORY".into(), "64".into())],
                ..ContainerInput::default()
            }),
            ..RegisterJobDefinition::default()
        };
        let commands = [
            Command::CreateComputeEnvironment(Box::new(environment)),
            Command::CreateJobQueue(Box::new(queue)),
            Command::RegisterJobDefinition(Box::new(definition)),
        ];
        for command in commands {
            let result = plane.ask(command);
            assert!(result.is_ok(), "{result:?}");
        }
        plane
    }

    /// Takes an input and what comes out at once; a commit stays pending.
    fn handle(&mut self, input: Input) {
        self.now += 1;
        self.control.handle(Timestamp::from_millis(self.now), input);
        self.poll();
    }

    fn poll(&mut self) {
        while let Some(output) = self.control.poll() {
            match output {
                Output::Commit { number, changes } => {
                    assert!(self.pending.is_none(), "one commit is being written at a time");
                    self.pending = Some((number, changes));
                }
                other => self.out.push(other),
            }
        }
    }

    /// The store writes the pending commit.
    fn write(&mut self) {
        let (number, changes) = self.pending.take().expect("there is a commit to write");
        changes.into_iter().for_each(|change| self.rows.apply(change));
        self.written = number;
        self.handle(Input::Committed { through: number });
    }

    fn write_all(&mut self) {
        while self.pending.is_some() {
            self.write();
        }
    }

    fn ask(&mut self, command: Command) -> Result<Response, longshore_engine::Error> {
        self.handle(Input::Request { token: Token(99), command });
        self.write_all();
        let replies = self.out.iter().position(|output| matches!(output, Output::Reply { token: Token(99), .. }));
        match self.out.remove(replies.expect("a reply")) {
            Output::Reply { result, .. } => result,
            other => panic!("{other:?}"),
        }
    }

    fn submit(&mut self, token: u64) {
        let job = SubmitJob {
            job_name: "j".into(),
            job_queue: "q".into(),
            job_definition: DefinitionRef { name: "d".into(), revision: None },
            ..SubmitJob::default()
        };
        self.handle(Input::Request { token: Token(token), command: Command::SubmitJob(Box::new(job)) });
    }

    fn hello(&mut self, incarnation: u64, held: Vec<AttemptId>) {
        self.hello_over(LINK, incarnation, held);
    }

    fn hello_over(&mut self, link: LinkId, incarnation: u64, held: Vec<AttemptId>) {
        let description = HostDescription {
            name: "h".into(),
            capacity: Resources { vcpu_milli: 2_000, memory_mib: 1_000, gpus: 0 },
            runtimes: vec![],
            enforcement: "none".into(),
        };
        let hello = Hello { version: 1, host: HostId::from_random(1), incarnation, description, held, leaving: false };
        self.handle(Input::FromAgent { link, message: AgentMessage::Hello(hello) });
    }

    fn report(&mut self, number: u64, event: AttemptEvent) {
        let message = AgentMessage::Report(Report { number, event });
        self.handle(Input::FromAgent { link: LINK, message });
    }

    fn starts(&mut self) -> Vec<StartAttempt> {
        let is_start = |output: &Output| matches!(output, Output::ToAgent { message: ControlMessage::Start(_), .. });
        let (starts, rest) = std::mem::take(&mut self.out).into_iter().partition(is_start);
        self.out = rest;
        let start = |output| match output {
            Output::ToAgent { message: ControlMessage::Start(start), .. } => *start,
            other => panic!("{other:?}"),
        };
        Vec::into_iter(starts).map(start).collect()
    }

    fn replied(&self, token: u64) -> Option<JobId> {
        self.out.iter().find_map(|output| match output {
            Output::Reply { token: Token(of), result: Ok(Response::Submitted { id, .. }) } if *of == token => Some(*id),
            _ => None,
        })
    }
}

fn document(value: serde_json::Value) -> longshore_types::Document {
    longshore_types::Document(value.as_object().cloned().unwrap_or_default())
}

fn ended(attempt: AttemptId, exit_code: i32) -> AttemptEvent {
    let end = AttemptEnd { cause: EndCause::Exited, exit_code: Some(exit_code), reason: None, containers: vec![] };
    AttemptEvent::Ended { attempt, at: Timestamp::from_millis(5_000), end }
}

#[test]
fn reply_waits_for_its_commit() {
    let mut plane = Plane::ready();
    plane.submit(1);
    assert_eq!(plane.replied(1), None);
    plane.write();
    let job = plane.replied(1).unwrap();
    assert!(plane.rows.jobs.contains_key(&job));
}

#[test]
fn requests_during_a_write_gather_in_the_next_commit() {
    let mut plane = Plane::ready();
    plane.submit(1);
    plane.submit(2);
    plane.submit(3);
    plane.write();
    assert!(plane.replied(1).is_some() && plane.replied(2).is_none());
    plane.write();
    assert!(plane.replied(2).is_some() && plane.replied(3).is_some());
    assert!(plane.pending.is_none());
}

#[test]
fn refusal_waits_for_the_state_that_it_was_decided_on() {
    let mut plane = Plane::ready();
    plane.submit(1);
    let unknown = Command::DeleteComputeEnvironment("ce".into());
    plane.handle(Input::Request { token: Token(2), command: unknown });
    assert!(plane.out.is_empty());
    plane.write();
    assert_eq!(plane.out.len(), 2);
}

#[test]
fn attempt_is_not_started_before_its_placement_is_durable() {
    let mut plane = Plane::ready();
    plane.hello(1, vec![]);
    plane.write_all();
    plane.submit(1);
    assert!(plane.starts().is_empty());
    plane.write_all();
    let starts = plane.starts();
    assert_eq!(starts.len(), 1);
    assert_eq!(plane.rows.run(starts[0].job).unwrap().status, JobStatus::Starting);
}

#[test]
fn acknowledgement_of_a_report_waits_for_its_commit() {
    let mut plane = Plane::ready();
    plane.hello(1, vec![]);
    plane.submit(1);
    plane.write_all();
    let start = plane.starts().remove(0);
    plane.out.clear();
    plane.report(1, ended(start.attempt, 0));
    assert!(plane.out.is_empty());
    plane.write_all();
    let ack = Output::ToAgent { link: LINK, message: ControlMessage::Ack { through: 1 } };
    assert_eq!(plane.out, std::slice::from_ref(&ack));
    assert_eq!(plane.rows.run(start.job).unwrap().status, JobStatus::Succeeded);
    plane.report(1, ended(start.attempt, 1));
    assert_eq!(plane.out, [ack.clone(), ack], "a repeated report is acknowledged and changes nothing");
    assert!(plane.pending.is_none());
}

#[test]
fn server_killed_before_a_commit_forgets_only_what_was_not_acknowledged() {
    let mut plane = Plane::ready();
    plane.hello(1, vec![]);
    plane.submit(1);
    plane.write_all();
    let start = plane.starts().remove(0);
    plane.submit(2);
    plane.report(1, ended(start.attempt, 0));
    let engine = Engine::restore(Config::default(), 8, Timestamp::from_millis(0), plane.rows.snapshot());
    let acknowledged = plane.replied(1).unwrap();
    assert_eq!(plane.replied(2), None);
    let mut plane = Plane::over(engine, plane.rows);
    plane.hello(1, vec![start.attempt]);
    plane.report(1, ended(start.attempt, 0));
    plane.write_all();
    assert_eq!(plane.rows.run(JobRef::Job(acknowledged)).unwrap().status, JobStatus::Succeeded);
    let again = plane.starts();
    assert!(again.iter().all(|again| *again == start), "told again to the agent that holds it, which runs it once");
}

#[test]
fn start_that_was_lost_with_the_link_is_repeated() {
    let mut plane = Plane::ready();
    plane.hello(1, vec![]);
    plane.submit(1);
    plane.write_all();
    let lost = plane.starts();
    plane.handle(Input::LinkClosed { link: LINK });
    plane.hello(1, vec![]);
    plane.write_all();
    assert_eq!(plane.starts(), lost);
}

#[test]
fn agent_that_comes_after_agents_were_told_to_end_is_told_too() {
    let mut plane = Plane::ready();
    plane.handle(Input::ShutdownAgents);
    plane.hello(1, vec![]);
    plane.write_all();
    let told = |output: &Output| matches!(output, Output::ToAgent { message: ControlMessage::Shutdown { .. }, .. });
    assert!(plane.out.iter().any(told), "{:?}", plane.out);
}

#[test]
fn hello_that_is_read_after_that_of_a_newer_link_changes_nothing() {
    let mut plane = Plane::ready();
    plane.hello_over(LinkId(2), 2, vec![]);
    plane.submit(1);
    plane.write_all();
    let start = plane.starts().remove(0);
    plane.out.clear();
    plane.hello_over(LinkId(1), 1, vec![]);
    plane.handle(Input::LinkClosed { link: LinkId(1) });
    plane.write_all();
    assert_eq!(plane.out, [], "the agent that is gone is not welcomed");
    assert_eq!(plane.rows.run(start.job).unwrap().status, JobStatus::Starting, "the attempt is not lost");
    plane.submit(2);
    plane.write_all();
    assert_eq!(plane.starts().len(), 1, "the host is still connected");
}

#[test]
fn waiting_job_is_known_after_a_restart_before_any_input_at_the_time_of_the_restart() {
    let mut plane = Plane::ready();
    plane.submit(1);
    plane.write_all();
    let config = Config::default();
    let blocked_after_ms = config.blocked_after_ms;
    let engine = Engine::restore(config, 8, Timestamp::from_millis(START), plane.rows.snapshot());
    let mut plane = Plane::over(engine, plane.rows);
    assert_eq!(plane.control.poll(), None);
    let blocked_at = Timestamp::from_millis(START).plus_ms(blocked_after_ms);
    assert_eq!(plane.control.next_deadline(), Some(blocked_at));
}

#[test]
fn clock_that_steps_back_does_not_move_time() {
    let mut plane = Plane::ready();
    plane.now = -50_000;
    plane.submit(1);
    plane.write();
    let job = plane.replied(1).unwrap();
    assert!(plane.rows.jobs[&job].created_at > Timestamp::from_millis(1_000));
}

#[test]
fn answer_waits_for_the_state_that_it_was_read_from() {
    let mut plane = Plane::ready();
    plane.submit(1);
    plane.submit(2);
    let asked = plane.control.engine().queues().keys().next().unwrap().clone();
    plane.handle(Input::Question { token: Token(3), question: Question::Snapshot(asked) });
    plane.write();
    assert!(plane.replied(1).is_some() && plane.out.len() == 1, "{:?}", plane.out);
    plane.write();
    let Some(Output::Answer { token: Token(3), answer: Answer::Snapshot(Some(snapshot)) }) = plane.out.last() else {
        panic!("{:?}", plane.out)
    };
    assert_eq!(snapshot.front.len(), 2, "both jobs wait: there is no host");
}
