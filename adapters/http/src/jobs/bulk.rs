//! Ending many jobs by one request (`BULK-1`, `ERR-10`). What is wrong with the request as a whole refuses it; what is
//! wrong with one job is told beside the others' success.

use crate::failure::Failure;
use crate::services::BatchService;
use longshore_engine::Command;
use longshore_types::Limits;

/// What became of each job, named as in the request.
pub(crate) struct Outcome {
    /// Accepted, or unknown, or ended already (A15).
    pub(crate) successful: Vec<String>,
    pub(crate) failed: Vec<Failed>,
}

/// A job that was not ended.
pub(crate) struct Failed {
    pub(crate) job: String,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// Ends `jobs`, each by the command that `command` makes of its id; `None` says that it is the id of nothing. All are sent before the first answer is awaited, so that they share
/// one commit.
pub(crate) async fn end(
    service: &BatchService,
    jobs: Vec<String>,
    reason: &str,
    command: impl Fn(&str) -> Option<Command>,
) -> Result<Outcome, Failure> {
    check(service.quotas.limits(), &jobs, reason)?;
    let mut sent = Vec::new();
    let mut malformed = Vec::new();
    for id in jobs {
        match command(&id) {
            Some(command) => sent.push((id, service.commander.command(command))),
            None => malformed.push(id),
        }
    }
    let failed = malformed.into_iter().map(|id| Failed {
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
