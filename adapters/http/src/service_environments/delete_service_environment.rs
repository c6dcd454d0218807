//! DeleteServiceEnvironment.

use super::KIND;
use crate::arn;
use crate::context::Context;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{DeleteServiceEnvironmentRequest, DeleteServiceEnvironmentResponse};
use longshore_engine::Command;

pub(crate) async fn delete_service_environment(
    service: &BatchService,
    _context: &Context,
    request: DeleteServiceEnvironmentRequest,
) -> Result<DeleteServiceEnvironmentResponse, Failure> {
    let environment = request.service_environment.unwrap_or_default();
    let name = arn::name_of(KIND, &environment).to_owned();
    service.commander.command(Command::DeleteServiceEnvironment(name)).await?;
    Ok(DeleteServiceEnvironmentResponse::default())
}
