//! DeleteConsumableResource.

use super::KIND;
use crate::arn;
use crate::context::Context;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{DeleteConsumableResourceRequest, DeleteConsumableResourceResponse};
use longshore_engine::Command;

pub(crate) async fn delete_consumable_resource(
    service: &BatchService,
    _context: &Context,
    request: DeleteConsumableResourceRequest,
) -> Result<DeleteConsumableResourceResponse, Failure> {
    let resource = request.consumable_resource.unwrap_or_default();
    let name = arn::name_of(KIND, &resource).to_owned();
    service.commander.command(Command::DeleteConsumableResource(name)).await?;
    Ok(DeleteConsumableResourceResponse::default())
}
