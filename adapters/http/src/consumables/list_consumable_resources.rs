//! ListConsumableResources (`CR-5`, `PAGE-1`, `PAGE-2`).

use super::{filter, quantity};
use crate::arn;
use crate::context::Context;
use crate::failure::Failure;
use crate::jobs::pattern;
use crate::paging::{LIST_MAX, Window};
use crate::services::BatchService;
use longshore_api_batch::types::{
    ConsumableResourceSummary, ListConsumableResourcesRequest, ListConsumableResourcesResponse,
};
use longshore_engine::entity::ConsumableResource;
use longshore_store::ConsumableQuery;

pub(crate) async fn list_consumable_resources(
    service: &BatchService,
    context: &Context,
    request: ListConsumableResourcesRequest,
) -> Result<ListConsumableResourcesResponse, Failure> {
    let filters = request.filters.unwrap_or_default();
    let (_, values) = filter(&filters, &["CONSUMABLE_RESOURCE_NAME"])?.unwrap_or_default();
    let page = (request.max_results, request.next_token.as_deref());
    let window = Window::new(&format!("ListConsumableResources {values:?}"), LIST_MAX, page)?;
    let names = values.iter().map(|value| pattern(value)).collect();
    let query = ConsumableQuery { names, after: window.after(|name| name.parse().ok())?, limit: window.probe() };
    let entries = service.read(move |reader| reader.consumables(&query)).await?;
    let (resources, next_token) = window.close(entries, |resource| resource.name.to_string());
    let consumable_resources = resources.iter().map(|resource| summary(context, resource)).collect();
    Ok(ListConsumableResourcesResponse { consumable_resources: Some(consumable_resources), next_token })
}

fn summary(context: &Context, resource: &ConsumableResource) -> ConsumableResourceSummary {
    ConsumableResourceSummary {
        consumable_resource_arn: Some(arn::consumable(context, resource.name.as_str())),
        consumable_resource_name: Some(resource.name.to_string()),
        total_quantity: quantity(resource.shown_total()),
        in_use_quantity: quantity(resource.in_use),
        resource_type: Some(resource.kind.as_str().to_owned()),
    }
}
