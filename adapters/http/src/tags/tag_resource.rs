//! TagResource.

use super::{change, resource};
use crate::context::Context;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{TagResourceRequest, TagResourceResponse};
use longshore_engine::Command;
use longshore_engine::command::TagResource;

pub(crate) async fn tag_resource(
    service: &BatchService,
    _context: &Context,
    request: TagResourceRequest,
) -> Result<TagResourceResponse, Failure> {
    let resource = resource(&request.resource_arn.unwrap_or_default())?;
    let tags = request.tags.unwrap_or_default();
    change(service, |looked_up| {
        let command = TagResource { resource: resource.clone(), tags: tags.clone(), looked_up };
        Command::TagResource(Box::new(command))
    })
    .await?;
    Ok(TagResourceResponse::default())
}
