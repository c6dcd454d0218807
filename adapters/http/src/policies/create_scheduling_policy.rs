//! CreateSchedulingPolicy.

use super::{fair_share_input, quota_share_input};
use crate::arn;
use crate::commander::named;
use crate::context::Context;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{CreateSchedulingPolicyRequest, CreateSchedulingPolicyResponse};
use longshore_engine::Command;
use longshore_engine::command::CreateSchedulingPolicy;

pub(crate) async fn create_scheduling_policy(
    service: &BatchService,
    context: &Context,
    request: CreateSchedulingPolicyRequest,
) -> Result<CreateSchedulingPolicyResponse, Failure> {
    let command = CreateSchedulingPolicy {
        name: request.name.unwrap_or_default(),
        fair_share: request.fairshare_policy.map(fair_share_input),
        quota_share: quota_share_input(request.quota_share_policy)?,
        tags: request.tags.unwrap_or_default(),
    };
    let name = named(service, Command::CreateSchedulingPolicy(Box::new(command))).await?;
    Ok(CreateSchedulingPolicyResponse {
        arn: Some(arn::scheduling_policy(context, name.as_str())),
        name: Some(name.to_string()),
    })
}
