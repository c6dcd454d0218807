//! ListTagsForResource: the tags of the resource itself, never those that its instances get (`TAG-4`).

use super::resource;
use crate::context::Context;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{ListTagsForResourceRequest, ListTagsForResourceResponse};
use longshore_engine::command::Taggable;
use longshore_engine::entity::Tags;
use longshore_store::{Error, Reader};
use longshore_types::JobRef;

pub(crate) async fn list_tags_for_resource(
    service: &BatchService,
    _context: &Context,
    request: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse, Failure> {
    let resource = resource(&request.resource_arn.unwrap_or_default())?;
    let sought = resource.clone();
    let found = service.read(move |reader| tags(reader, &sought)).await?;
    // The text of the engine for changes to the same resource.
    let tags = found.ok_or_else(|| Failure::Refused { text: format!("{resource} not found.") })?;
    Ok(ListTagsForResourceResponse { tags: Some(tags) })
}

fn tags(reader: &Reader, resource: &Taggable) -> Result<Option<Tags>, Error> {
    Ok(match resource {
        Taggable::Environment(name) => reader.environment(name)?.map(|environment| environment.tags),
        Taggable::Queue(name) => reader.queue(name)?.map(|queue| queue.tags),
        Taggable::Definition(id) => reader.definition(id)?.map(|definition| definition.tags),
        Taggable::Policy(name) => reader.policy(name)?.map(|policy| policy.tags),
        Taggable::Consumable(name) => reader.consumable(name)?.map(|resource| resource.tags),
        Taggable::ServiceEnvironment(name) => reader.service_environment(name)?.map(|environment| environment.tags),
        Taggable::QuotaShare(id) => reader.quota_share(id)?.map(|share| share.tags),
        Taggable::ServiceJob(id) => reader.service_job(*id)?.map(|job| job.tags),
        Taggable::Job(id) => {
            let views = reader.jobs(&[JobRef::Job(*id)])?;
            views.into_iter().flatten().next().map(|view| view.job.tags.clone())
        }
    })
}
