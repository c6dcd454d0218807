//! CreateConsumableResource.

use crate::arn;
use crate::commander::named;
use crate::context::Context;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{CreateConsumableResourceRequest, CreateConsumableResourceResponse};
use longshore_engine::Command;
use longshore_engine::command::CreateConsumableResource;

pub(crate) async fn create_consumable_resource(
    service: &BatchService,
    context: &Context,
    request: CreateConsumableResourceRequest,
) -> Result<CreateConsumableResourceResponse, Failure> {
    let command = CreateConsumableResource {
        name: request.consumable_resource_name.unwrap_or_default(),
        total: request.total_quantity,
        kind: request.resource_type,
        tags: request.tags.unwrap_or_default(),
    };
    let name = named(service, Command::CreateConsumableResource(Box::new(command))).await?;
    Ok(CreateConsumableResourceResponse {
        consumable_resource_arn: Some(arn::consumable(context, name.as_str())),
        consumable_resource_name: Some(name.to_string()),
    })
}
