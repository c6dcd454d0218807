//! DeregisterJobDefinition. A revision has to be named (`ID-3`).

use crate::arn;
use crate::context::Context;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{DeregisterJobDefinitionRequest, DeregisterJobDefinitionResponse};
use longshore_engine::Command;

pub(crate) async fn deregister_job_definition(
    service: &BatchService,
    _context: &Context,
    request: DeregisterJobDefinitionRequest,
) -> Result<DeregisterJobDefinitionResponse, Failure> {
    let text = request.job_definition.unwrap_or_default();
    // AWS's text is not known.
    let id = arn::definition_id(&text).ok_or_else(|| {
        Failure::client(format!(
            "JobDefinition {text} is not valid. Give it as name:revision or as an ARN with a revision."
        ))
    })?;
    service.commander.command(Command::DeregisterJobDefinition(id)).await?;
    Ok(DeregisterJobDefinitionResponse::default())
}
