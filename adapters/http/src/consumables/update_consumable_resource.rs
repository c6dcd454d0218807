//! UpdateConsumableResource.

use super::{KIND, quantity};
use crate::arn;
use crate::commander::Unexpected;
use crate::context::Context;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{UpdateConsumableResourceRequest, UpdateConsumableResourceResponse};
use longshore_engine::command::UpdateConsumableResource;
use longshore_engine::{Command, Response};

pub(crate) async fn update_consumable_resource(
    service: &BatchService,
    context: &Context,
    request: UpdateConsumableResourceRequest,
) -> Result<UpdateConsumableResourceResponse, Failure> {
    let resource = request.consumable_resource.unwrap_or_default();
    let command = UpdateConsumableResource {
        name: arn::name_of(KIND, &resource).to_owned(),
        operation: request.operation,
        quantity: request.quantity,
        client_token: request.client_token,
    };
    match service.commander.command(Command::UpdateConsumableResource(Box::new(command))).await? {
        Response::Quantity { name, total } => Ok(UpdateConsumableResourceResponse {
            consumable_resource_arn: Some(arn::consumable(context, name.as_str())),
            consumable_resource_name: Some(name.to_string()),
            total_quantity: quantity(total),
        }),
        other => Err(Failure::internal("update the consumable resource", Unexpected(other))),
    }
}
