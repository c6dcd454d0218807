//! CreateQuotaShare.

use super::{changed, limits};
use crate::arn;
use crate::context::Context;
use crate::document::rest_of;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{CreateQuotaShareRequest, CreateQuotaShareResponse};
use longshore_engine::Command;
use longshore_engine::command::CreateQuotaShare;

const KNOWN: &[&str] = &["quotaShareName", "jobQueue", "state", "capacityLimits", "tags"];

pub(crate) async fn create_quota_share(
    service: &BatchService,
    context: &Context,
    request: CreateQuotaShareRequest,
) -> Result<CreateQuotaShareResponse, Failure> {
    let command = CreateQuotaShare {
        document: rest_of(&request, KNOWN)?,
        name: request.quota_share_name.unwrap_or_default(),
        queue: arn::name_of("job-queue", &request.job_queue.unwrap_or_default()).to_owned(),
        state: request.state,
        capacity_limits: limits(request.capacity_limits.unwrap_or_default()),
        tags: request.tags.unwrap_or_default(),
    };
    let id = changed(service, Command::CreateQuotaShare(Box::new(command))).await?;
    Ok(CreateQuotaShareResponse {
        quota_share_arn: Some(arn::quota_share(context, &id)),
        quota_share_name: Some(id.name.to_string()),
    })
}
