//! CreateServiceEnvironment.

use super::limits;
use crate::arn;
use crate::commander::named;
use crate::context::Context;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{CreateServiceEnvironmentRequest, CreateServiceEnvironmentResponse};
use longshore_engine::Command;
use longshore_engine::command::CreateServiceEnvironment;

pub(crate) async fn create_service_environment(
    service: &BatchService,
    context: &Context,
    request: CreateServiceEnvironmentRequest,
) -> Result<CreateServiceEnvironmentResponse, Failure> {
    let command = CreateServiceEnvironment {
        name: request.service_environment_name.unwrap_or_default(),
        kind: request.service_environment_type.unwrap_or_default(),
        state: request.state,
        capacity_limits: limits(request.capacity_limits.unwrap_or_default()),
        tags: request.tags.unwrap_or_default(),
    };
    let name = named(service, Command::CreateServiceEnvironment(Box::new(command))).await?;
    Ok(CreateServiceEnvironmentResponse {
        service_environment_arn: Some(arn::service_environment(context, name.as_str())),
        service_environment_name: Some(name.to_string()),
    })
}
