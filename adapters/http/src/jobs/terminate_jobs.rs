//! TerminateJobs (`BULK-1`): each job as TerminateJob would.

use super::bulk::{self, Outcome};
use crate::arn;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{TerminateJobsErrorDetail, TerminateJobsRequest, TerminateJobsResponse};
use longshore_engine::Command;
use longshore_engine::command::EndJob;

pub(crate) async fn terminate_jobs(
    service: &BatchService,
    request: TerminateJobsRequest,
) -> Result<TerminateJobsResponse, Failure> {
    let (jobs, reason) = (request.jobs.unwrap_or_default(), request.reason.unwrap_or_default());
    let command = |id: &str| {
        let end = EndJob { job: Some(arn::job_ref(id)?), reason: reason.clone() };
        Some(Command::TerminateJob(end))
    };
    let Outcome { successful, failed } = bulk::end(service, jobs, &reason, command).await?;
    let errors = failed.into_iter().map(|failed| TerminateJobsErrorDetail {
        job: Some(failed.job),
        code: Some(failed.code.to_owned()),
        message: Some(failed.message),
    });
    Ok(TerminateJobsResponse { successful: Some(successful), errors: Some(errors.collect()) })
}
