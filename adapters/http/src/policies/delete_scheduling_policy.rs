//! DeleteSchedulingPolicy.

use super::policy_ref;
use crate::context::Context;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{DeleteSchedulingPolicyRequest, DeleteSchedulingPolicyResponse};
use longshore_engine::Command;

pub(crate) async fn delete_scheduling_policy(
    service: &BatchService,
    _context: &Context,
    request: DeleteSchedulingPolicyRequest,
) -> Result<DeleteSchedulingPolicyResponse, Failure> {
    let policy = policy_ref(request.arn.unwrap_or_default());
    service.commander.command(Command::DeleteSchedulingPolicy(policy)).await?;
    Ok(DeleteSchedulingPolicyResponse::default())
}
