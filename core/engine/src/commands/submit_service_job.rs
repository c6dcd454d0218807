//! SubmitServiceJob (`SVC-3`). There is no SageMaker here: what is accepted waits, RUNNABLE, and says so.

use super::submit_job::job_name;
use crate::command::{Response, SubmitServiceJob};
use crate::engine::Engine;
use crate::entity::{JobQueue, QuotaShareId, ResourceState, ResourceStatus, ServiceJob};
use crate::error::Error;
use crate::validate;
use longshore_types::{JobId, JobStatus, Name, Timestamp};

/// Why service jobs stay RUNNABLE, and what can be done.
const NO_SERVICE: &str = "ACTION_REQUIRED - This server has no SageMaker to run service jobs on. Terminate the job, and \
                          submit it to AWS, or its training as an ordinary job with SubmitJob.";

pub(super) fn apply(engine: &mut Engine, now: Timestamp, command: SubmitServiceJob) -> Result<Response, Error> {
    let limits = &engine.config.limits;
    let name = job_name(&command.job_name)?;
    validate::service_job(&command, limits)?;
    validate::tags(&command.tags, limits)?;
    let queue = queue(engine, &command.job_queue)?;
    let quota_share = command.quota_share.as_deref().map(|name| quota_share(engine, queue, name)).transpose()?;
    if queue.scheduling_policy.is_none() && command.share_identifier.is_some() {
        let text = "Job with shareIdentifier or schedulingPriority can onlybe submitted to job queue with fair share \
                    scheduling policy.";
        return Err(Error::invalid(text));
    }
    check_token(engine, command.client_token.as_deref())?;
    let queue = queue.name.clone();
    let id = JobId::from_random(engine.ids.next_u128());
    engine.put_service_job(ServiceJob {
        id,
        seq: engine.services.last_seq + 1,
        name: name.clone(),
        queue,
        kind: command.kind,
        payload: command.payload,
        scheduling_priority: command.scheduling_priority,
        share_identifier: command.share_identifier,
        quota_share,
        client_token: command.client_token,
        document: command.document,
        tags: command.tags,
        created_at: now,
        status: JobStatus::Runnable,
        status_reason: Some(NO_SERVICE.into()),
        stopped_at: None,
        terminated: false,
    });
    Ok(Response::Submitted { id, name })
}

/// An ENABLED queue for service jobs (`SVC-2`); only the first text is AWS's.
fn queue<'a>(engine: &'a Engine, name: &str) -> Result<&'a JobQueue, Error> {
    let queue = name.parse().ok().and_then(|name: Name| engine.queues.get(&name));
    let queue = queue.ok_or_else(|| Error::invalid(format!("JobQueue {name} not found.")))?;
    if !queue.is_service() {
        let text = format!("Job queue {name} is not of type SAGEMAKER_TRAINING. Service jobs need one that is.");
        return Err(Error::invalid(text));
    }
    if queue.state == ResourceState::Disabled || queue.status == ResourceStatus::Deleting {
        return Err(Error::invalid(format!("Job queue {name} is not in ENABLED state.")));
    }
    Ok(queue)
}

/// An ENABLED quota share of the queue (`SVC-4`); AWS's texts are not known.
fn quota_share(engine: &Engine, queue: &JobQueue, name: &str) -> Result<Name, Error> {
    let id = name.parse().ok().map(|name| QuotaShareId { queue: queue.name.clone(), name });
    let found = id.and_then(|id| engine.services.shares.get(&id));
    let share = found.ok_or_else(|| Error::invalid(format!("QuotaShare {name} not found.")))?;
    if share.state == ResourceState::Disabled || share.status == ResourceStatus::Deleting {
        return Err(Error::invalid(format!("Quota share {name} is not in ENABLED state.")));
    }
    Ok(share.id.name.clone())
}

/// A token is good for one submission (`IDEM-2`); AWS's text is not known.
fn check_token(engine: &Engine, token: Option<&str>) -> Result<(), Error> {
    match token.and_then(|token| engine.services.tokens.get(token)) {
        Some(job) => {
            Err(Error::invalid(format!("The clientToken has already been used to submit the service job {job}.")))
        }
        None => Ok(()),
    }
}
