//! UpdateServiceEnvironment.

use super::{KIND, limits};
use crate::arn;
use crate::commander::named;
use crate::context::Context;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{UpdateServiceEnvironmentRequest, UpdateServiceEnvironmentResponse};
use longshore_engine::Command;
use longshore_engine::command::UpdateServiceEnvironment;

pub(crate) async fn update_service_environment(
    service: &BatchService,
    context: &Context,
    request: UpdateServiceEnvironmentRequest,
) -> Result<UpdateServiceEnvironmentResponse, Failure> {
    let environment = request.service_environment.unwrap_or_default();
    let command = UpdateServiceEnvironment {
        name: arn::name_of(KIND, &environment).to_owned(),
        state: request.state,
        capacity_limits: request.capacity_limits.map(limits),
    };
    let name = named(service, Command::UpdateServiceEnvironment(Box::new(command))).await?;
    Ok(UpdateServiceEnvironmentResponse {
        service_environment_arn: Some(arn::service_environment(context, name.as_str())),
        service_environment_name: Some(name.to_string()),
    })
}
