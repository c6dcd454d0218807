//! Attempts: placed, started, ended, and what their end means for the job (spec table 4.1).

mod ahead;
mod endpoints;
mod logs;
mod message;

pub(crate) use ahead::start_ahead;
pub(super) use message::start_message;

use super::transition::{move_to, with_run};
use super::{nodes, retry};
use crate::effect::Effect;
use crate::engine::Engine;
use crate::entity::{
    CurrentAttempt, CurrentContainer, EXITED, FinishedAttempt, FinishedContainer, HOST_GONE, START_FAILED, TIMED_OUT,
};
use logs::Output;
use longshore_protocol::{AttemptEnd, ContainerEnd, EndCause};
use longshore_types::{AttemptId, HostId, JobRef, JobStatus, Name, Timestamp};
use std::net::Ipv4Addr;
use std::sync::Arc;

/// The image name that means "a process of the host".
pub(crate) const HOST_IMAGE: &str = "host";

/// Starts an attempt of a RUNNABLE job or child on a host, counted against a compute environment.
pub(crate) fn start_attempt(engine: &mut Engine, now: Timestamp, reference: JobRef, host: HostId, environment: &Name) {
    occupy(engine, now, reference, (host, environment), Place::default());
    tell(engine, reference);
}

/// What the place of a node, or of an attempt given ahead, has beside that of any other attempt.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    pub(super) address: Option<Ipv4Addr>,
    pub(super) held_back: bool,
    pub(super) seat: Option<AttemptId>,
}

/// Gives a RUNNABLE job, child or node its place: STARTING from now on, but its host does not know yet.
pub(super) fn occupy(
    engine: &mut Engine,
    now: Timestamp,
    reference: JobRef,
    (host, environment): (HostId, &Name),
    place: Place,
) {
    let id = AttemptId::from_random(engine.ids.next_u128());
    let Some(job) = engine.jobs.get(&reference.job()) else { return };
    let Some(incarnation) = engine.fleet.host(host).map(|host| host.incarnation) else { return };
    let demand = job.demand_of(reference);
    let (log_stream, containers) = logs::of_attempt(job, reference, id, &mut engine.ids);
    // MNP-11: what a job with several nodes needs, it holds itself.
    let node = matches!(reference, JobRef::Node(..));
    let spec = (!node).then(|| Arc::clone(&job.spec));
    let holds = spec.map(|spec| engine.take_consumables(&spec.consumables)).unwrap_or_default();
    let current = CurrentAttempt {
        id,
        host,
        incarnation,
        environment: environment.clone(),
        placed_at: now,
        log_stream,
        containers,
        holds,
        stopping: None,
        replaced: false,
        address: place.address,
        held_back: place.held_back,
        seat: place.seat,
    };
    let seat = current.seat_id();
    move_to(engine, now, reference, JobStatus::Starting, |run| {
        assert!(run.current.is_none(), "a job has one attempt at a time");
        run.started_at = None;
        run.current = Some(Box::new(current));
    });
    engine.fleet.occupy(host, environment, (id, seat), demand);
    engine.share_starts(now, reference);
    engine.attempts.insert(id, reference);
}

/// Has the host of a STARTING job, child or node start it.
pub(super) fn tell(engine: &mut Engine, reference: JobRef) {
    let host = engine.run(reference).and_then(|run| run.current.as_ref().map(|current| current.host));
    if let (Some(host), Some(start)) = (host, start_message(engine, reference)) {
        engine.effects.push(Effect::Start { host, start: Box::new(start) });
    }
}

/// Every essential container of an attempt has started (`ST-1`, `ST-3`).
pub(super) fn started(engine: &mut Engine, now: Timestamp, attempt: AttemptId, at: Timestamp) {
    if let Some(JobRef::Node(id, index)) = begin(engine, now, attempt, at) {
        nodes::tell_others(engine, (id, index));
    }
}

/// From STARTING to RUNNING; `None` if the attempt had started before, or is over.
fn begin(engine: &mut Engine, now: Timestamp, attempt: AttemptId, at: Timestamp) -> Option<JobRef> {
    let &reference = engine.attempts.get(&attempt)?;
    engine.run(reference).filter(|run| run.status == JobStatus::Starting)?;
    let mut stream = None;
    move_to(engine, now, reference, JobStatus::Running, |run| {
        run.started_at = Some(at);
        stream = run.current.as_ref().and_then(|current| current.log_stream.clone());
    });
    match reference {
        JobRef::Job(_) => {}
        JobRef::Child(id, _) => {
            // ARR-10: an array has started when its first child has.
            with_run(engine, JobRef::Job(id), |run| {
                run.started_at = Some(run.started_at.map_or(at, |first| first.min(at)))
            });
        }
        JobRef::Node(id, index) => nodes::started(engine, now, (id, index), at),
    }
    if let Some(stream) = stream {
        let output = Output { container: 0, output: attempt, stream, started_at: at, ended_at: None };
        logs::put(engine, reference, output);
    }
    Some(reference)
}

/// One of several containers of an attempt has started: its output can be read.
pub(super) fn container_started(engine: &mut Engine, attempt: AttemptId, output: AttemptId, at: Timestamp) {
    let Some(&reference) = engine.attempts.get(&attempt) else { return };
    let started = with_run(engine, reference, |run| {
        let containers = &mut run.current.as_mut()?.containers;
        let (index, container) = containers.iter_mut().enumerate().find(|(_, container)| container.output == output)?;
        let first = container.started_at.replace(at).is_none();
        first.then(|| (index, container.log_stream.clone()))
    });
    let Some(Some((container, stream))) = started else { return };
    logs::put(engine, reference, Output { container, output, stream, started_at: at, ended_at: None });
}

/// An attempt is over, by the agent's word. A repeated word changes nothing.
pub(super) fn ended(engine: &mut Engine, now: Timestamp, attempt: AttemptId, at: Timestamp, end: AttemptEnd) {
    if end.cause == EndCause::Returned && ahead::is_returnable(engine, attempt) {
        return ahead::take_back(engine, now, attempt);
    }
    if end.exit_code.is_some() {
        // An exit without a start is a start whose report fell into the same step, or of several containers one that
        // ended all before the others had started.
        let last_start = end.containers.iter().filter_map(|container| Some(container.ran?.0)).max();
        begin(engine, now, attempt, last_start.unwrap_or(at));
    }
    finish(engine, now, attempt, Outcome { at, end: Some(end) });
}

/// An attempt is lost with its agent.
pub(super) fn lost(engine: &mut Engine, now: Timestamp, attempt: AttemptId) {
    if ahead::is_returnable(engine, attempt) {
        return ahead::lost(engine, now, attempt);
    }
    given_up(engine, now, attempt);
}

/// An attempt is given up with its host, which was not heard of for long: what was given ahead may have run meanwhile.
pub(super) fn given_up(engine: &mut Engine, now: Timestamp, attempt: AttemptId) {
    finish(engine, now, attempt, Outcome { at: now, end: None });
}

/// How an attempt ended.
pub(super) struct Outcome {
    pub(super) at: Timestamp,
    /// `None` when the attempt was lost with its host.
    pub(super) end: Option<AttemptEnd>,
}

impl Outcome {
    /// How one of several containers ended, if the agent could say.
    fn end_of(&self, container: &CurrentContainer) -> Option<&ContainerEnd> {
        self.end.as_ref()?.containers.iter().find(|end| end.output == container.output)
    }
}

/// An attempt is over: its place is free, and what it was an attempt of moves on.
pub(super) fn finish(engine: &mut Engine, now: Timestamp, attempt: AttemptId, outcome: Outcome) {
    let Some((reference, current)) = close(engine, now, attempt, &outcome) else { return };
    let finished = engine.run(reference).and_then(|run| run.attempts.last().cloned());
    let Some(finished) = finished else { return };
    let cause = outcome.end.as_ref().map(|end| end.cause);
    let stopped = current.stopping.is_some() && !current.replaced;
    match reference {
        JobRef::Node(id, index) => nodes::finished(engine, now, (id, index), finished, cause),
        JobRef::Job(_) | JobRef::Child(..) => move_on(engine, now, reference, finished, (cause, stopped)),
    }
}

/// Takes an attempt off its host and writes down how it ended, as the last of what it was an attempt of.
fn close(
    engine: &mut Engine,
    now: Timestamp,
    attempt: AttemptId,
    outcome: &Outcome,
) -> Option<(JobRef, Box<CurrentAttempt>)> {
    let (reference, current, started_at) = vacate(engine, now, attempt)?;
    if let Some(started_at) = started_at.filter(|_| outcome.end.is_some()) {
        ahead::note_pace(engine, reference, outcome.at.since_ms(started_at));
    }
    let finished = finished_attempt(&current, started_at, outcome);
    let ends: Vec<_> = current.containers.iter().map(|container| outcome.end_of(container)?.ran).collect();
    logs::close(engine, reference, &current, (started_at, outcome.at), &ends);
    with_run(engine, reference, |run| {
        // Most are tried once: room for one is enough.
        run.attempts.reserve_exact(1);
        run.attempts.push(finished);
        run.unheard.extend(logs::unheard(&current, &ends));
    });
    Some((reference, current))
}

/// Takes an attempt off its host: with it, when its process started.
fn vacate(
    engine: &mut Engine,
    now: Timestamp,
    attempt: AttemptId,
) -> Option<(JobRef, Box<CurrentAttempt>, Option<Timestamp>)> {
    let reference = engine.attempts.remove(&attempt)?;
    let (current, started_at) = with_run(engine, reference, |run| {
        let current = run.current.take_if(|current| current.id == attempt)?;
        Some((current, run.started_at))
    })??;
    let demand = engine.jobs.get(&reference.job())?.demand_of(reference);
    engine.give_back_consumables(&current.holds);
    engine.share_ends(now, reference);
    let free = engine.fleet.release(current.host, &current.environment, (attempt, current.seat_id()), demand);
    if let Some(address) = current.address {
        engine.fleet.take_address_back(current.host, address);
    }
    engine.unscheduled |= free || engine.wants_more_ahead(reference);
    Some((reference, current, started_at))
}

/// A job or child has ended its attempt: it succeeds, is tried again, or fails.
fn move_on(
    engine: &mut Engine,
    now: Timestamp,
    reference: JobRef,
    finished: FinishedAttempt,
    (cause, stopped): (Option<EndCause>, bool),
) {
    let strategy = engine.jobs.get(&reference.job()).and_then(|job| job.spec.retry.clone());
    let Some(run) = engine.run(reference) else { return };
    let (by_request, attempts) = (stopped || run.cancelled || run.terminated, run.attempts.len());
    let succeeded = cause == Some(EndCause::Exited) && finished.exit_code == Some(0) && !by_request;
    let retryable = !succeeded && !by_request && cause != Some(EndCause::TimedOut);
    let again = retryable && retry::allows_another(strategy.as_ref(), attempts, &finished);
    let (status, reason) = match (succeeded, again) {
        (true, _) => (JobStatus::Succeeded, Some(finished.status_reason)),
        (false, true) => (JobStatus::Runnable, None),
        (false, false) => (JobStatus::Failed, Some(finished.status_reason)),
    };
    move_to(engine, now, reference, status, |run| {
        run.status_reason = reason;
        if status.is_terminal() {
            run.stopped_at = Some(finished.stopped_at);
        }
    });
}

fn finished_attempt(current: &CurrentAttempt, started_at: Option<Timestamp>, outcome: &Outcome) -> FinishedAttempt {
    let host_gone = || format!("{HOST_GONE}{}) terminated.", current.host.instance_id());
    let status_reason = match (&current.stopping, outcome.end.as_ref().map(|end| end.cause)) {
        // It came to its own end before it could be stopped.
        (Some(_), Some(EndCause::Exited)) if current.replaced => EXITED.into(),
        (Some(reason), _) => reason.clone(),
        (None, Some(EndCause::Exited)) => EXITED.into(),
        (None, Some(EndCause::StartFailed)) => START_FAILED.into(),
        (None, Some(EndCause::TimedOut)) => TIMED_OUT.into(),
        // Stopped without our asking: the agent is being shut down, and the host with it.
        (None, Some(EndCause::Stopped | EndCause::Returned) | None) => host_gone(),
    };
    FinishedAttempt {
        id: current.id,
        host: current.host,
        environment: current.environment.clone(),
        started_at,
        stopped_at: outcome.at,
        exit_code: outcome.end.as_ref().and_then(|end| end.exit_code),
        reason: outcome.end.as_ref().and_then(|end| end.reason.clone()).map(truncated),
        status_reason,
        log_stream: started_at.and_then(|_| current.log_stream.clone()),
        containers: current.containers.iter().map(|one| finished_container(one, outcome.end_of(one))).collect(),
        address: current.address,
    }
}

fn finished_container(container: &CurrentContainer, end: Option<&ContainerEnd>) -> FinishedContainer {
    let ran = container.started_at.is_some() || end.is_some_and(|end| end.ran.is_some());
    FinishedContainer {
        name: container.name.clone(),
        exit_code: end.and_then(|end| end.exit_code),
        reason: end.and_then(|end| end.reason.clone()).map(truncated),
        log_stream: ran.then(|| container.log_stream.clone()),
    }
}

/// `reason` has at most 255 characters (spec table 4.1).
fn truncated(reason: String) -> String {
    if reason.chars().count() <= 255 { reason } else { reason.chars().take(255).collect() }
}
