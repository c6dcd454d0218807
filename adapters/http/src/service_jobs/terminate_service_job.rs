//! TerminateServiceJob. Unknown and ended jobs are answered like any other (A15).

use super::job_id;
use crate::context::Context;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{TerminateServiceJobRequest, TerminateServiceJobResponse};
use longshore_engine::Command;
use longshore_engine::command::EndServiceJob;

pub(crate) async fn terminate_service_job(
    service: &BatchService,
    _context: &Context,
    request: TerminateServiceJobRequest,
) -> Result<TerminateServiceJobResponse, Failure> {
    let job = request.job_id.as_deref().and_then(job_id);
    let command = EndServiceJob { job, reason: request.reason.unwrap_or_default() };
    service.commander.command(Command::TerminateServiceJob(command)).await?;
    Ok(TerminateServiceJobResponse::default())
}
