//! TerminateServiceJobs (`BULK-1`): each job as TerminateServiceJob would.

use super::job_id;
use crate::context::Context;
use crate::failure::Failure;
use crate::jobs::bulk::{self, Outcome};
use crate::services::BatchService;
use longshore_api_batch::types::{
    TerminateServiceJobsErrorDetail, TerminateServiceJobsRequest, TerminateServiceJobsResponse,
};
use longshore_engine::Command;
use longshore_engine::command::EndServiceJob;

pub(crate) async fn terminate_service_jobs(
    service: &BatchService,
    _context: &Context,
    request: TerminateServiceJobsRequest,
) -> Result<TerminateServiceJobsResponse, Failure> {
    let (jobs, reason) = (request.jobs.unwrap_or_default(), request.reason.unwrap_or_default());
    let command = |id: &str| {
        let end = EndServiceJob { job: Some(job_id(id)?), reason: reason.clone() };
        Some(Command::TerminateServiceJob(end))
    };
    let Outcome { successful, failed } = bulk::end(service, jobs, &reason, command).await?;
    let errors = failed.into_iter().map(|failed| TerminateServiceJobsErrorDetail {
        job: Some(failed.job),
        code: Some(failed.code.to_owned()),
        message: Some(failed.message),
    });
    Ok(TerminateServiceJobsResponse { successful: Some(successful), errors: Some(errors.collect()) })
}
