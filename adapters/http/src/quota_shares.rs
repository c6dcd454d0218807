//! Operations on quota shares, and how one is written.

mod create_quota_share;
mod delete_quota_share;
mod describe_quota_share;
mod list_quota_shares;
mod update_quota_share;

pub(crate) use create_quota_share::create_quota_share;
pub(crate) use delete_quota_share::delete_quota_share;
pub(crate) use describe_quota_share::describe_quota_share;
pub(crate) use list_quota_shares::list_quota_shares;
pub(crate) use update_quota_share::update_quota_share;

use crate::arn;
use crate::commander::Unexpected;
use crate::context::Context;
use crate::document::echoed;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{QuotaShareCapacityLimit, QuotaShareDetail};
use longshore_engine::entity::{CapacityLimit, QuotaShare, QuotaShareId};
use longshore_engine::{Command, Response};

/// The quota share that `quotaShareArn` means; nothing else names one (`ID-3`).
fn id(arn: Option<String>) -> Result<QuotaShareId, Failure> {
    let arn = arn.unwrap_or_default();
    // AWS's text is not known; this has the form of the one for scheduling policies.
    arn::quota_share_id(&arn).ok_or_else(|| Failure::client("Only quota share Arn can be allowed."))
}

/// `capacityLimits` of a request.
fn limits(limits: Vec<QuotaShareCapacityLimit>) -> Vec<CapacityLimit> {
    let limit = |limit: QuotaShareCapacityLimit| CapacityLimit {
        max_capacity: limit.max_capacity.unwrap_or_default(),
        capacity_unit: limit.capacity_unit.unwrap_or_default(),
    };
    limits.into_iter().map(limit).collect()
}

/// Carries out a command that creates or changes a quota share.
async fn changed(service: &BatchService, command: Command) -> Result<QuotaShareId, Failure> {
    match service.commander.command(command).await? {
        Response::QuotaShare(id) => Ok(id),
        other => Err(Failure::internal("carry out the command", Unexpected(other))),
    }
}

fn detail(context: &Context, share: &QuotaShare) -> Result<QuotaShareDetail, Failure> {
    let kept: QuotaShareDetail = echoed(&share.document)?;
    let limit = |limit: &CapacityLimit| QuotaShareCapacityLimit {
        max_capacity: Some(limit.max_capacity),
        capacity_unit: Some(limit.capacity_unit.clone()),
    };
    Ok(QuotaShareDetail {
        quota_share_name: Some(share.id.name.to_string()),
        quota_share_arn: Some(arn::quota_share(context, &share.id)),
        job_queue_arn: Some(arn::queue(context, share.id.queue.as_str())),
        capacity_limits: Some(share.capacity_limits.iter().map(limit).collect()),
        state: Some(share.state.as_str().to_owned()),
        status: Some(share.status.as_str().to_owned()),
        ..kept
    })
}

#[cfg(test)]
mod tests;
