//! CancelJobs (`BULK-1`): each job as CancelJob would.

use super::bulk::{self, Outcome};
use crate::arn;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{CancelJobsErrorDetail, CancelJobsRequest, CancelJobsResponse};
use longshore_engine::Command;
use longshore_engine::command::EndJob;

pub(crate) async fn cancel_jobs(
    service: &BatchService,
    request: CancelJobsRequest,
) -> Result<CancelJobsResponse, Failure> {
    let (jobs, reason) = (request.jobs.unwrap_or_default(), request.reason.unwrap_or_default());
    let command = |id: &str| {
        let end = EndJob { job: Some(arn::job_ref(id)?), reason: reason.clone() };
        Some(Command::CancelJob(end))
    };
    let Outcome { successful, failed } = bulk::end(service, jobs, &reason, command).await?;
    let errors = failed.into_iter().map(|failed| CancelJobsErrorDetail {
        job: Some(failed.job),
        code: Some(failed.code.to_owned()),
        message: Some(failed.message),
    });
    Ok(CancelJobsResponse { successful: Some(successful), errors: Some(errors.collect()) })
}
