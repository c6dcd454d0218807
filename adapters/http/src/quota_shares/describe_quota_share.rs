//! DescribeQuotaShare (`SVC-4`).

use super::{detail, id};
use crate::context::Context;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{DescribeQuotaShareRequest, DescribeQuotaShareResponse};

pub(crate) async fn describe_quota_share(
    service: &BatchService,
    context: &Context,
    request: DescribeQuotaShareRequest,
) -> Result<DescribeQuotaShareResponse, Failure> {
    let id = id(request.quota_share_arn)?;
    let sought = id.clone();
    let share = service.read(move |reader| reader.quota_share(&sought)).await?;
    // The text of the engine for changes to the same share.
    let share = share.ok_or_else(|| Failure::Refused { text: format!("QuotaShare {} not found.", id.name) })?;
    let detail = detail(context, &share)?;
    Ok(DescribeQuotaShareResponse {
        quota_share_name: detail.quota_share_name,
        quota_share_arn: detail.quota_share_arn,
        job_queue_arn: detail.job_queue_arn,
        capacity_limits: detail.capacity_limits,
        resource_sharing_configuration: detail.resource_sharing_configuration,
        preemption_configuration: detail.preemption_configuration,
        state: detail.state,
        status: detail.status,
        tags: Some(share.tags),
    })
}
