//! TerminateJob (`TER-1`). Unknown and ended jobs are answered like any other (A15).

use crate::arn;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{TerminateJobRequest, TerminateJobResponse};
use longshore_engine::Command;
use longshore_engine::command::EndJob;

pub(crate) async fn terminate_job(
    service: &BatchService,
    request: TerminateJobRequest,
) -> Result<TerminateJobResponse, Failure> {
    let job = request.job_id.as_deref().and_then(arn::job_ref);
    let command = EndJob { job, reason: request.reason.unwrap_or_default() };
    service.commander.command(Command::TerminateJob(command)).await?;
    Ok(TerminateJobResponse::default())
}
