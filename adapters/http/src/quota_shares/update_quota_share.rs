//! UpdateQuotaShare.

use super::{changed, id, limits};
use crate::arn;
use crate::context::Context;
use crate::document::rest_of;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{UpdateQuotaShareRequest, UpdateQuotaShareResponse};
use longshore_engine::Command;
use longshore_engine::command::UpdateQuotaShare;

const KNOWN: &[&str] = &["quotaShareArn", "state", "capacityLimits"];

pub(crate) async fn update_quota_share(
    service: &BatchService,
    context: &Context,
    request: UpdateQuotaShareRequest,
) -> Result<UpdateQuotaShareResponse, Failure> {
    let command = UpdateQuotaShare {
        document: rest_of(&request, KNOWN)?,
        id: id(request.quota_share_arn)?,
        state: request.state,
        capacity_limits: request.capacity_limits.map(limits),
    };
    let id = changed(service, Command::UpdateQuotaShare(Box::new(command))).await?;
    Ok(UpdateQuotaShareResponse {
        quota_share_arn: Some(arn::quota_share(context, &id)),
        quota_share_name: Some(id.name.to_string()),
    })
}
