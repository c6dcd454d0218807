//! Ending many jobs by one request (`BULK-1`, `ERR-10`). What is wrong with the request as a whole refuses it; what is
//! wrong with one job is told beside the others' success.

use crate::arn;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_engine::Command;
use longshore_engine::command::EndJob;
use longshore_types::Limits;

/// What became of each job, named as in the request.
pub(super) struct Outcome {
    /// Accepted, or unknown, or ended already (A15).
    pub(super) successful: Vec<String>,
    pub(super) failed: Vec<Failed>,
}

/// A job that was not ended.
pub(super) struct Failed {
    pub(super) job: String,
    pub(super) code: &'static str,
    pub(super) message: String,
}

/// Ends `jobs` by the command that `command` makes. All are sent before the first answer is awaited, so that they share
/// one commit.
pub(super) async fn end(
    service: &BatchService,
    jobs: Vec<String>,
    reason: &str,
    command: impl Fn(EndJob) -> Command,
) -> Result<Outcome, Failure> {
    check(service.quotas.limits(), &jobs, reason)?;
    let (known, malformed): (Vec<_>, Vec<_>) =
        jobs.into_iter().map(|id| (arn::job_ref(&id), id)).partition(|(job, _)| job.is_some());
    let send = |(job, id)| {
        let end = EndJob { job, reason: reason.to_owned() };
        (id, service.commander.command(command(end)))
    };
    let sent: Vec<_> = known.into_iter().map(send).collect();
    let failed = malformed.into_iter().map(|(_, id)| Failed {
        code: "ValidationException",
        message: format!("Job id {id:?} is not valid. Give the id of a job, or of a child as jobId:index."),
        job: id,
    });
    let mut outcome = Outcome { successful: Vec::new(), failed: failed.collect() };
    for (id, answer) in sent {
        match answer.await.map_err(Failure::from) {
            Ok(_) => outcome.successful.push(id),
            Err(failure) => {
                outcome.failed.push(Failed { job: id, code: failure.kind(), message: failure.to_string() });
            }
        }
    }
    Ok(outcome)
}

/// No source knows AWS's texts (A21).
fn check(limits: &Limits, jobs: &[String], reason: &str) -> Result<(), Failure> {
    let limit = limits.bulk_jobs;
    if jobs.len() > limit {
        return Err(Failure::client(format!("jobs must have a length of at most {limit}.")));
    }
    let limit = limits.reason_chars;
    if reason.chars().count() > limit {
        return Err(Failure::client(format!("reason must be at most {limit} characters long.")));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
