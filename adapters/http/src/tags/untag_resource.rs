//! UntagResource.

use super::{change, resource};
use crate::context::Context;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{UntagResourceRequest, UntagResourceResponse};
use longshore_engine::Command;
use longshore_engine::command::UntagResource;

pub(crate) async fn untag_resource(
    service: &BatchService,
    _context: &Context,
    request: UntagResourceRequest,
) -> Result<UntagResourceResponse, Failure> {
    let resource = resource(&request.resource_arn.unwrap_or_default())?;
    let keys = request.tag_keys.unwrap_or_default();
    change(service, |looked_up| {
        let command = UntagResource { resource: resource.clone(), keys: keys.clone(), looked_up };
        Command::UntagResource(Box::new(command))
    })
    .await?;
    Ok(UntagResourceResponse::default())
}
