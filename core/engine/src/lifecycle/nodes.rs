//! The life of a multi-node parallel job (spec section 9). Its nodes are attempts of their own, placed all at once.
//!
//! ```text
//!            placed                   main node runs              main node ended             last node gone
//! RUNNABLE ────────▶ STARTING ─────────────────────▶ RUNNING ───────────────────▶ (a verdict) ─────────────▶ verdict
//!            every node has           the others are told;        the others are              SUCCEEDED, FAILED,
//!            its place; only the      what becomes of them        stopped, or given           or every node is
//!            main node is told        changes nothing             up if never told            RUNNABLE again
//! ```
//!
//! The job's status, times and reason are the main node's (`MNP-5`); it ends, or is tried again, when nothing of it runs
//! any more, so no job that depends on it and no further attempt ever meets one of its nodes (`MNP-6`).

mod environment;

pub(super) use environment::environment_of;

use super::attempts::{self, Outcome, Place};
use super::retry;
use super::transition::{move_to, with_run};
use crate::effect::Effect;
use crate::engine::Engine;
use crate::entity::{FinishedAttempt, Verdict};
use longshore_protocol::{AttemptEnd, EndCause};
use longshore_types::{AttemptId, HostId, JobId, JobRef, JobStatus, Name, Timestamp};
use std::net::Ipv4Addr;
use std::sync::Arc;

/// Status reason of nodes that end because the main node has (`MNP-10`). AWS's text is not known.
const MAIN_NODE_ENDED: &str = "Main node has ended";

/// Starts an attempt of a RUNNABLE multi-node job: node i has its place on the i-th host from now on. The main node's
/// host is told at once, the others when that one runs (`MNP-4`).
pub(crate) fn start_gang(engine: &mut Engine, now: Timestamp, id: JobId, hosts: &[HostId], environment: &Name) {
    let Some(main) = main_node(engine, id) else { return };
    take_consumables(engine, id);
    for (index, host) in (0..).zip(hosts) {
        let node = JobRef::Node(id, index);
        let address = engine.fleet.lend_address(*host);
        attempts::occupy(
            engine,
            now,
            node,
            (*host, environment),
            Place { address, held_back: index != main, seat: None },
        );
    }
    move_to(engine, now, JobRef::Job(id), JobStatus::Starting, |run| run.started_at = None);
    attempts::tell(engine, JobRef::Node(id, main));
}

/// What the job needs of consumable resources is taken once, for all of its nodes (`MNP-11`).
fn take_consumables(engine: &mut Engine, id: JobId) {
    let Some(spec) = engine.jobs.get(&id).map(|job| Arc::clone(&job.spec)) else { return };
    let holds = engine.take_consumables(&spec.consumables);
    if let Some(gang) = engine.jobs.get_mut(&id).and_then(|job| job.gang.as_mut()) {
        gang.holds = holds;
    }
}

/// The index of a multi-node job's main node.
pub(super) fn main_node(engine: &Engine, id: JobId) -> Option<u32> {
    Some(engine.jobs.get(&id)?.spec.nodes()?.main)
}

/// The address of the main node in its current attempt; while nodes end after it, of the one that it had.
pub(super) fn main_address(engine: &Engine, id: JobId) -> Option<Ipv4Addr> {
    let run = engine.run(JobRef::Node(id, main_node(engine, id)?))?;
    match &run.current {
        Some(current) => current.address,
        None => run.attempts.last()?.address,
    }
}

/// Whether the main node has an attempt that has not ended.
pub(super) fn main_runs(engine: &Engine, id: JobId) -> bool {
    let main = main_node(engine, id).and_then(|main| engine.nodes.get(&id)?.get(&main));
    main.is_some_and(|run| run.current.is_some())
}

/// A node runs. The job runs when its main node does.
pub(super) fn started(engine: &mut Engine, now: Timestamp, (id, index): (JobId, u32), at: Timestamp) {
    if main_node(engine, id) == Some(index) {
        move_to(engine, now, JobRef::Job(id), JobStatus::Running, |run| run.started_at = Some(at));
    }
}

/// Tells the hosts of the other nodes, now that the main node runs.
pub(super) fn tell_others(engine: &mut Engine, (id, index): (JobId, u32)) {
    if main_node(engine, id) != Some(index) {
        return;
    }
    for (node, _) in live(engine, id) {
        let held_back = with_run(engine, node, |run| {
            run.current.as_mut().is_some_and(|current| std::mem::take(&mut current.held_back))
        });
        if held_back == Some(true) {
            attempts::tell(engine, node);
        }
    }
}

/// A node's attempt is over: its record says how (`MNP-10`), the main node's end is the job's.
pub(super) fn finished(
    engine: &mut Engine,
    now: Timestamp,
    (id, index): (JobId, u32),
    attempt: FinishedAttempt,
    cause: Option<EndCause>,
) {
    let node = JobRef::Node(id, index);
    let main = main_node(engine, id) == Some(index);
    // Of a node that was stopped its exit code tells (MNP-10); the main node's record says what becomes of the job.
    let told = cause == Some(EndCause::Exited) || (!main && cause == Some(EndCause::Stopped));
    let exited = told && attempt.exit_code == Some(0);
    let terminated = engine.run(node).is_some_and(|run| run.terminated);
    let status = if exited && !terminated { JobStatus::Succeeded } else { JobStatus::Failed };
    move_to(engine, now, node, status, |run| {
        run.status_reason = Some(attempt.status_reason.clone());
        run.stopped_at = Some(attempt.stopped_at);
    });
    if main {
        decide(engine, id, &attempt, (cause, terminated));
        end_others(engine, now, id, attempt.stopped_at);
    }
    conclude(engine, now, id);
}

/// The main node has ended: what that means for the job, by the rules for any job (`MNP-5`, `MNP-6`).
fn decide(engine: &mut Engine, id: JobId, attempt: &FinishedAttempt, (cause, terminated): (Option<EndCause>, bool)) {
    let Some(job) = engine.jobs.get_mut(&id) else { return };
    let succeeded = cause == Some(EndCause::Exited) && attempt.exit_code == Some(0) && !terminated;
    let retryable = !succeeded && !terminated && cause != Some(EndCause::TimedOut);
    let attempts = job.run.attempts.len() + 1;
    let again = retryable && retry::allows_another(job.spec.retry.as_ref(), attempts, attempt);
    let status = if succeeded { JobStatus::Succeeded } else { JobStatus::Failed };
    let ended = Verdict::Ended { status, reason: attempt.status_reason.clone(), at: attempt.stopped_at };
    if let Some(gang) = &mut job.gang {
        gang.verdict = Some(if again { Verdict::Again } else { ended });
    }
    engine.touch_job(id);
}

/// Ends what is left of the attempt: nodes that run are stopped, those that nobody was told of are given up.
fn end_others(engine: &mut Engine, now: Timestamp, id: JobId, at: Timestamp) {
    for (node, attempt) in live(engine, id) {
        if !stop(engine, node, MAIN_NODE_ENDED) {
            attempts::finish(engine, now, attempt, Outcome { at, end: Some(given_up()) });
        }
    }
}

/// The end of a node that never was more than a place.
const fn given_up() -> AttemptEnd {
    AttemptEnd { cause: EndCause::Stopped, exit_code: None, reason: None, containers: Vec::new() }
}

/// Asks for a node's attempt to be stopped; it ends with `reason` unless it was asked before. False if its host was
/// never told of it, so that nobody will ever report its end.
fn stop(engine: &mut Engine, node: JobRef, reason: &str) -> bool {
    let stopped = with_run(engine, node, |run| {
        let current = run.current.as_mut()?;
        if std::mem::take(&mut current.replaced) {
            current.stopping = None;
        }
        current.stopping.get_or_insert_with(|| reason.into());
        Some((current.host, current.id, current.held_back))
    });
    let Some(Some((host, attempt, held_back))) = stopped else { return true };
    if !held_back {
        let grace_ms = engine.config.stop_grace_ms;
        engine.effects.push(Effect::Stop { host, attempt, grace_ms });
    }
    !held_back
}

/// Once the main node has ended and no node is left: the job's attempt, which is the main node's, is over, and the job
/// ends, or every node is tried again (`MNP-6`).
fn conclude(engine: &mut Engine, now: Timestamp, id: JobId) {
    if !live(engine, id).is_empty() {
        return;
    }
    let Some(job) = engine.jobs.get_mut(&id) else { return };
    let Some(gang) = &mut job.gang else { return };
    let Some(verdict) = gang.verdict.take() else { return };
    let holds = std::mem::take(&mut gang.holds);
    let (terminated, noted) = (job.run.terminated, job.run.status_reason.clone());
    let main = main_node(engine, id).and_then(|main| engine.nodes.get(&id)?.get(&main));
    let attempt = main.and_then(|run| run.attempts.last().cloned());
    let (status, reason, at) = match verdict {
        // TerminateJob came while the last nodes of a failed attempt were ending.
        Verdict::Again if terminated => (JobStatus::Failed, noted, Some(now)),
        Verdict::Again => (JobStatus::Runnable, None, None),
        Verdict::Ended { status, reason, at } => (status, Some(reason), Some(at)),
    };
    engine.give_back_consumables(&holds);
    with_run(engine, JobRef::Job(id), |run| run.attempts.extend(attempt));
    move_to(engine, now, JobRef::Job(id), status, |run| {
        run.status_reason = reason;
        run.stopped_at = at;
    });
    if status == JobStatus::Runnable {
        reopen(engine, now, id);
    }
}

/// Every node waits for its next attempt, however it ended the last one.
fn reopen(engine: &mut Engine, now: Timestamp, id: JobId) {
    for node in rows(engine, id) {
        move_to(engine, now, node, JobStatus::Runnable, |run| {
            run.stopped_at = None;
            run.terminated = false;
        });
    }
}

/// The job was asked to end while it was STARTING or RUNNING: every node is stopped, the main node with the job's own
/// consequence. Nodes that nobody was told of go with the main node.
pub(super) fn stop_all(engine: &mut Engine, id: JobId, reason: &str) {
    let live_job = engine.jobs.get(&id).is_some_and(|job| job.run.status >= JobStatus::Starting);
    if !live_job || is_decided(engine, id) {
        return;
    }
    with_run(engine, JobRef::Job(id), |run| run.terminated = true);
    for (node, _) in live(engine, id) {
        with_run(engine, node, |run| run.terminated = true);
        stop(engine, node, reason);
    }
}

/// One node was asked to end: a node beside the main one ends alone (`MNP-5`).
pub(crate) fn stop_one(engine: &mut Engine, now: Timestamp, node: JobRef, reason: &str) {
    let attempt = with_run(engine, node, |run| {
        let current = run.current.as_ref()?;
        run.terminated = true;
        Some(current.id)
    });
    let Some(Some(attempt)) = attempt else { return };
    if !stop(engine, node, reason) {
        attempts::finish(engine, now, attempt, Outcome { at: now, end: Some(given_up()) });
    }
}

/// Whether the job's end is decided and only its last nodes are waited for.
pub(crate) fn is_decided(engine: &Engine, id: JobId) -> bool {
    let verdict = engine.jobs.get(&id).and_then(|job| job.gang.as_ref()?.verdict.as_ref());
    matches!(verdict, Some(Verdict::Ended { .. }))
}

/// The job has ended while it waited: so have its nodes.
pub(super) fn end_with_job(engine: &mut Engine, now: Timestamp, id: JobId) {
    let Some(job) = engine.jobs.get(&id) else { return };
    let (reason, cancelled, terminated) = (job.run.status_reason.clone(), job.run.cancelled, job.run.terminated);
    for node in rows(engine, id) {
        move_to(engine, now, node, JobStatus::Failed, |run| {
            run.status_reason.clone_from(&reason);
            run.cancelled = cancelled;
            run.terminated = terminated;
        });
    }
}

/// The nodes that have rows.
fn rows(engine: &Engine, id: JobId) -> Vec<JobRef> {
    let runs = engine.nodes.get(&id).into_iter().flatten();
    runs.map(|(index, _)| JobRef::Node(id, *index)).collect()
}

/// The nodes that have a place on a host, and their attempts.
fn live(engine: &Engine, id: JobId) -> Vec<(JobRef, AttemptId)> {
    let runs = engine.nodes.get(&id).into_iter().flatten();
    runs.filter_map(|(index, run)| Some((JobRef::Node(id, *index), run.current.as_ref()?.id))).collect()
}
