//! A host with an agent on it, in one line per happening, and messages with only what matters shown.

use crate::{Agent, ExitStatus, Identity, Input, Launch, Output, RunnerEvent, Signal};
use longshore_protocol::{
    AgentMessage, AttemptEnd, AttemptEvent, Condition, ContainerDependency, ContainerEnd, ControlMessage, EndCause,
    Hello, HostDescription, Report, Runtime, Seat, StartAttempt, StartContainer, TaskEnd, VERSION,
};
use longshore_types::{AttemptId, HostId, JobId, JobRef, Resources, Timestamp};

pub(super) struct Host {
    agent: Agent,
    now: Timestamp,
}

impl Host {
    /// At time 0, without a link.
    pub(super) fn new() -> Self {
        let now = Timestamp::from_millis(0);
        Self { agent: Agent::new(now, identity()), now }
    }

    /// At time 0, on a host that runs no containers for a reason, with a link that is up.
    pub(super) fn linked_without_containers(reason: &str) -> Self {
        let now = Timestamp::from_millis(0);
        let agent = Agent::new(now, identity()).without_containers(reason.to_owned());
        let mut host = Self { agent, now };
        host.feed(Input::Connected);
        host.feed(welcome());
        host
    }

    /// At time 0, on a host that runs containers, with a link that is up.
    pub(super) fn linked_with_containers() -> Self {
        let mut identity = identity();
        identity.description.runtimes.push(Runtime::Oci);
        let now = Timestamp::from_millis(0);
        let mut host = Self { agent: Agent::new(now, identity), now };
        host.feed(Input::Connected);
        host.feed(welcome());
        host
    }

    /// At time 0, with a link that is up.
    pub(super) fn linked() -> Self {
        let mut host = Self::new();
        host.feed(Input::Connected);
        host.feed(welcome());
        host
    }

    /// Running `attempt` since time 0.
    pub(super) fn running(attempt: u8) -> Self {
        let mut host = Self::linked();
        host.feed(start(attempt));
        host.feed(launched(attempt, 0));
        host
    }

    pub(super) fn at(&mut self, now_ms: i64) -> &mut Self {
        self.now = Timestamp::from_millis(now_ms);
        self
    }

    pub(super) fn feed(&mut self, input: Input) -> Vec<Output> {
        self.agent.handle(self.now, input);
        std::iter::from_fn(|| self.agent.poll()).collect()
    }

    pub(super) fn deadline(&self) -> Option<i64> {
        self.agent.next_deadline().map(Timestamp::as_millis)
    }
}

fn identity() -> Identity {
    let capacity = Resources { vcpu_milli: 4_000, memory_mib: 4_096, gpus: 0 };
    let enforcement = "none".to_owned();
    let description = HostDescription { name: "h".into(), capacity, runtimes: vec![Runtime::Process], enforcement };
    Identity { host: HostId::from_random(1), incarnation: 2, description }
}

pub(super) fn id(attempt: u8) -> AttemptId {
    AttemptId::from_random(u128::from(attempt))
}

fn job(attempt: u8) -> JobRef {
    JobRef::Job(JobId::from_random(u128::from(attempt)))
}

fn container(attempt: u8) -> StartContainer {
    StartContainer { command: vec!["true".into()], ..StartContainer::only(id(attempt), Runtime::Process, "host") }
}

fn start_attempt(attempt: u8) -> StartAttempt {
    StartAttempt {
        seat: None,
        attempt: id(attempt),
        job: job(attempt),
        epoch: 1,
        demand: Resources::default(),
        timeout_ms: None,
        address: None,
        containers: vec![container(attempt)],
        end: TaskEnd::AnyEssential,
    }
}

pub(super) fn start(attempt: u8) -> Input {
    Input::FromControl(ControlMessage::Start(Box::new(start_attempt(attempt))))
}

/// To take the seat of another one, waited for at most so long.
pub(super) fn start_after(attempt: u8, of: u8, patience_ms: u64) -> Input {
    let start = StartAttempt { seat: Some(Seat { of: id(of), patience_ms }), ..start_attempt(attempt) };
    Input::FromControl(ControlMessage::Start(Box::new(start)))
}

pub(super) fn start_with_timeout(attempt: u8, timeout_ms: u64) -> Input {
    let start = StartAttempt { timeout_ms: Some(timeout_ms), ..start_attempt(attempt) };
    Input::FromControl(ControlMessage::Start(Box::new(start)))
}

pub(super) fn start_in_container(attempt: u8) -> Input {
    let container = StartContainer { runtime: Runtime::Oci, image: "busybox".into(), ..container(attempt) };
    let start = StartAttempt { containers: vec![container], ..start_attempt(attempt) };
    Input::FromControl(ControlMessage::Start(Box::new(start)))
}

pub(super) fn stop(attempt: u8, grace_ms: u64) -> Input {
    Input::FromControl(ControlMessage::Stop { attempt: id(attempt), grace_ms })
}

pub(super) fn ack(through: u64) -> Input {
    Input::FromControl(ControlMessage::Ack { through })
}

pub(super) fn welcome() -> Input {
    Input::FromControl(ControlMessage::Welcome { version: VERSION })
}

pub(super) fn launched(attempt: u8, at_ms: i64) -> Input {
    Input::FromRunner(RunnerEvent::Launched { output: id(attempt), at: Timestamp::from_millis(at_ms) })
}

pub(super) fn launch_failed(attempt: u8, reason: &str) -> Input {
    Input::FromRunner(RunnerEvent::LaunchFailed { output: id(attempt), reason: reason.into() })
}

pub(super) fn exited(attempt: u8, status: ExitStatus) -> Input {
    let at = Timestamp::from_millis(0);
    Input::FromRunner(RunnerEvent::Exited { output: id(attempt), status, oom_killed: false, at })
}

pub(super) fn out_of_memory(attempt: u8, status: ExitStatus) -> Input {
    let at = Timestamp::from_millis(0);
    Input::FromRunner(RunnerEvent::Exited { output: id(attempt), status, oom_killed: true, at })
}

pub(super) fn launch(attempt: u8) -> Output {
    let container = container(attempt);
    Output::Launch(Box::new(Launch { attempt: id(attempt), job: job(attempt), address: None, container }))
}

pub(super) fn terminate(attempt: u8) -> Output {
    Output::Signal { output: id(attempt), signal: Signal::Terminate }
}

pub(super) fn kill(attempt: u8) -> Output {
    Output::Signal { output: id(attempt), signal: Signal::Kill }
}

pub(super) fn withdraw(attempt: u8) -> Output {
    Output::Withdraw { output: id(attempt) }
}

pub(super) fn hello(held: &[u8]) -> Output {
    greeting(held, false)
}

pub(super) fn leaving(held: &[u8]) -> Output {
    greeting(held, true)
}

fn greeting(held: &[u8], leaving: bool) -> Output {
    let Identity { host, incarnation, description } = identity();
    let held = held.iter().copied().map(id).collect();
    Output::ToControl(AgentMessage::Hello(Hello { version: VERSION, host, incarnation, description, held, leaving }))
}

pub(super) fn described_with_containers() -> Input {
    let mut description = Box::new(identity().description);
    description.runtimes.push(Runtime::Oci);
    Input::Described { description, missing: None }
}

pub(super) fn started(number: u64, attempt: u8, at_ms: i64) -> Output {
    let event = AttemptEvent::Started { attempt: id(attempt), at: Timestamp::from_millis(at_ms) };
    Output::ToControl(AgentMessage::Report(Report { number, event }))
}

pub(super) fn end(cause: EndCause, exit_code: impl Into<Option<i32>>) -> AttemptEnd {
    AttemptEnd { cause, exit_code: exit_code.into(), reason: None, containers: Vec::new() }
}

pub(super) fn end_because(cause: EndCause, exit_code: impl Into<Option<i32>>, reason: &str) -> AttemptEnd {
    AttemptEnd { reason: Some(reason.into()), ..end(cause, exit_code) }
}

/// A report of an end, with the time of that.
pub(super) fn at(at_ms: i64, report: Output) -> Output {
    match report {
        Output::ToControl(AgentMessage::Report(Report { number, event: AttemptEvent::Ended { attempt, end, .. } })) => {
            let event = AttemptEvent::Ended { attempt, at: Timestamp::from_millis(at_ms), end };
            Output::ToControl(AgentMessage::Report(Report { number, event }))
        }
        other => other,
    }
}

pub(super) fn ended(number: u64, attempt: u8, end: AttemptEnd) -> Output {
    let event = AttemptEvent::Ended { attempt: id(attempt), at: Timestamp::from_millis(0), end };
    Output::ToControl(AgentMessage::Report(Report { number, event }))
}

/// The attempt that tasks are.
pub(super) const TASK: u8 = 100;

/// An essential container `c<number>` of the task.
pub(super) fn part(number: u8) -> StartContainer {
    StartContainer { name: format!("c{number}"), ..container(number) }
}

/// One that is not essential.
pub(super) fn side(number: u8) -> StartContainer {
    StartContainer { essential: false, ..part(number) }
}

/// The container, waiting for another one besides.
pub(super) fn waits(mut container: StartContainer, other: u8, condition: Condition) -> StartContainer {
    container.depends_on.push(ContainerDependency { container: format!("c{other}"), condition });
    container
}

fn task(containers: &[StartContainer]) -> StartAttempt {
    StartAttempt { containers: containers.to_vec(), ..start_attempt(TASK) }
}

pub(super) fn start_task(containers: &[StartContainer]) -> Input {
    Input::FromControl(ControlMessage::Start(Box::new(task(containers))))
}

pub(super) fn start_task_with_timeout(containers: &[StartContainer], timeout_ms: u64) -> Input {
    start_task_as(TASK, containers, timeout_ms)
}

pub(super) fn start_task_as(attempt: u8, containers: &[StartContainer], timeout_ms: u64) -> Input {
    let containers = containers.to_vec();
    let start = StartAttempt { timeout_ms: Some(timeout_ms), containers, ..start_attempt(attempt) };
    Input::FromControl(ControlMessage::Start(Box::new(start)))
}

pub(super) fn launch_of(container: StartContainer) -> Output {
    Output::Launch(Box::new(Launch { attempt: id(TASK), job: job(TASK), address: None, container }))
}

pub(super) fn container_started(number: u64, output: u8, at_ms: i64) -> Output {
    let (attempt, output) = (id(TASK), id(output));
    let event = AttemptEvent::ContainerStarted { attempt, output, at: Timestamp::from_millis(at_ms) };
    Output::ToControl(AgentMessage::Report(Report { number, event }))
}

pub(super) fn ran(output: u8, from_ms: i64, to_ms: i64, exit_code: i32) -> ContainerEnd {
    let ran = Some((Timestamp::from_millis(from_ms), Timestamp::from_millis(to_ms)));
    ContainerEnd { output: id(output), ran, exit_code: Some(exit_code), reason: None }
}
