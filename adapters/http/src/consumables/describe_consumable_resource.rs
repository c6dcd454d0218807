//! DescribeConsumableResource (`CR-1`).

use super::{KIND, not_found, quantity};
use crate::arn;
use crate::context::Context;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{DescribeConsumableResourceRequest, DescribeConsumableResourceResponse};
use longshore_types::Name;

pub(crate) async fn describe_consumable_resource(
    service: &BatchService,
    context: &Context,
    request: DescribeConsumableResourceRequest,
) -> Result<DescribeConsumableResourceResponse, Failure> {
    let text = request.consumable_resource.unwrap_or_default();
    let name: Name = arn::name_of(KIND, &text).parse().map_err(|_| not_found(&text))?;
    let resource = service.read(move |reader| reader.consumable(&name)).await?.ok_or_else(|| not_found(&text))?;
    Ok(DescribeConsumableResourceResponse {
        consumable_resource_name: Some(resource.name.to_string()),
        consumable_resource_arn: Some(arn::consumable(context, resource.name.as_str())),
        total_quantity: quantity(resource.shown_total()),
        in_use_quantity: quantity(resource.in_use),
        available_quantity: quantity(resource.available()),
        resource_type: Some(resource.kind.as_str().to_owned()),
        created_at: Some(resource.created_at.as_millis()),
        tags: Some(resource.tags),
    })
}
