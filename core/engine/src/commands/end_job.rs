//! CancelJob and TerminateJob (spec section 10). Unknown jobs and jobs that have ended are answered like any other (A15).
//! Of a node: TerminateJob ends it alone, unless it is the main node, whose end is the job's; CancelJob does nothing.

use crate::command::{EndJob, Response};
use crate::engine::Engine;
use crate::error::Error;
use crate::lifecycle::{Gate, end_unstarted, is_decided, note_request, stop_one, stop_running, whole_job_gate};
use longshore_types::{JobRef, JobStatus, Timestamp};

pub(super) fn cancel(engine: &mut Engine, now: Timestamp, command: &EndJob) -> Result<Response, Error> {
    let Some(reference) = checked(engine, command)? else { return Ok(Response::Done) };
    if matches!(reference, JobRef::Node(..)) {
        // A node never waits by itself, and what runs goes on.
        return Ok(Response::Done);
    }
    if engine.run(reference).is_some_and(|run| matches!(run.status, JobStatus::Starting | JobStatus::Running)) {
        return Ok(Response::Done);
    }
    note_request(engine, reference, &command.reason, |run| run.cancelled = true);
    end_waiting(engine, now, reference, &command.reason);
    Ok(Response::Done)
}

pub(super) fn terminate(engine: &mut Engine, now: Timestamp, command: &EndJob) -> Result<Response, Error> {
    let Some(mut reference) = checked(engine, command)? else { return Ok(Response::Done) };
    if let JobRef::Node(id, index) = reference {
        if engine.job(id).and_then(|job| job.spec.nodes()).is_none_or(|nodes| nodes.main != index) {
            stop_one(engine, now, reference, &command.reason);
            return Ok(Response::Done);
        }
        // The main node's end is the job's.
        reference = JobRef::Job(id);
    }
    note_request(engine, reference, &command.reason, |run| run.terminated = true);
    stop_running(engine, reference, &command.reason);
    end_waiting(engine, now, reference, &command.reason);
    Ok(Response::Done)
}

/// The job, child or node meant, if it is in memory and has not ended.
fn checked(engine: &Engine, command: &EndJob) -> Result<Option<JobRef>, Error> {
    let limit = engine.config.limits.reason_chars;
    if command.reason.chars().count() > limit {
        return Err(Error::invalid(format!("reason must be at most {limit} characters long.")));
    }
    let live = |reference: &JobRef| {
        let (id, run) = (reference.job(), engine.run(*reference));
        let spawned = match reference {
            JobRef::Job(_) => true,
            JobRef::Child(..) => engine.children.contains_key(&id),
            // A node that has no place on a host is nothing that could end by itself.
            JobRef::Node(..) => run.as_ref().is_some_and(|run| run.current.is_some()),
        };
        spawned && run.is_some_and(|run| !run.status.is_terminal()) && !is_decided(engine, id)
    };
    Ok(command.job.filter(live))
}

/// Ends what waits, unless AWS's delay for jobs with outstanding dependencies is asked for (`CAN-2`).
fn end_waiting(engine: &mut Engine, now: Timestamp, reference: JobRef, reason: &str) {
    let outstanding = engine.job(reference.job()).is_some_and(|job| {
        let unspawned = job.array.as_ref().is_none_or(|array| array.spawned_at.is_none());
        job.run.status == JobStatus::Pending && unspawned && whole_job_gate(engine, job) == Gate::Waiting
    });
    if !(outstanding && engine.config.cancel_pending_late) {
        end_unstarted(engine, now, reference, reason);
    }
}

#[cfg(test)]
mod tests;
