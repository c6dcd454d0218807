//! UpdateSchedulingPolicy.

use super::{fair_share_input, policy_ref, quota_share_input};
use crate::context::Context;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{UpdateSchedulingPolicyRequest, UpdateSchedulingPolicyResponse};
use longshore_engine::Command;
use longshore_engine::command::UpdateSchedulingPolicy;

pub(crate) async fn update_scheduling_policy(
    service: &BatchService,
    _context: &Context,
    request: UpdateSchedulingPolicyRequest,
) -> Result<UpdateSchedulingPolicyResponse, Failure> {
    let command = UpdateSchedulingPolicy {
        policy: policy_ref(request.arn.unwrap_or_default()),
        fair_share: request.fairshare_policy.map(fair_share_input),
        quota_share: quota_share_input(request.quota_share_policy)?,
    };
    service.commander.command(Command::UpdateSchedulingPolicy(Box::new(command))).await?;
    Ok(UpdateSchedulingPolicyResponse::default())
}
