//! UpdateServiceJob.

use crate::arn;
use crate::commander::Unexpected;
use crate::context::Context;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{UpdateServiceJobRequest, UpdateServiceJobResponse};
use longshore_engine::command::UpdateServiceJob;
use longshore_engine::{Command, Response};

pub(crate) async fn update_service_job(
    service: &BatchService,
    context: &Context,
    request: UpdateServiceJobRequest,
) -> Result<UpdateServiceJobResponse, Failure> {
    let job = request.job_id.unwrap_or_default();
    let command = UpdateServiceJob {
        job: arn::name_of("service-job", &job).to_owned(),
        scheduling_priority: request.scheduling_priority.unwrap_or_default(),
    };
    match service.commander.command(Command::UpdateServiceJob(command)).await? {
        Response::Submitted { id, name } => Ok(UpdateServiceJobResponse {
            job_arn: Some(arn::service_job(context, id)),
            job_id: Some(id.to_string()),
            job_name: Some(name.to_string()),
        }),
        other => Err(Failure::internal("update the service job", Unexpected(other))),
    }
}
