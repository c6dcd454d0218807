//! DeleteComputeEnvironment.

use super::KIND;
use crate::arn;
use crate::context::Context;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{DeleteComputeEnvironmentRequest, DeleteComputeEnvironmentResponse};
use longshore_engine::Command;

pub(crate) async fn delete_compute_environment(
    service: &BatchService,
    _context: &Context,
    request: DeleteComputeEnvironmentRequest,
) -> Result<DeleteComputeEnvironmentResponse, Failure> {
    let environment = request.compute_environment.unwrap_or_default();
    let name = arn::name_of(KIND, &environment).to_owned();
    service.commander.command(Command::DeleteComputeEnvironment(name)).await?;
    Ok(DeleteComputeEnvironmentResponse::default())
}
