//! UpdateJobQueue.

use super::{KIND, order, service_order};
use crate::arn;
use crate::commander::named;
use crate::context::Context;
use crate::document::rest_of;
use crate::failure::Failure;
use crate::policies::policy_ref;
use crate::services::BatchService;
use longshore_api_batch::types::{UpdateJobQueueRequest, UpdateJobQueueResponse};
use longshore_engine::Command;
use longshore_engine::command::UpdateJobQueue;

const KNOWN: &[&str] =
    &["jobQueue", "state", "priority", "computeEnvironmentOrder", "schedulingPolicyArn", "serviceEnvironmentOrder"];

pub(crate) async fn update_job_queue(
    service: &BatchService,
    context: &Context,
    request: UpdateJobQueueRequest,
) -> Result<UpdateJobQueueResponse, Failure> {
    let document = rest_of(&request, KNOWN)?;
    let queue = request.job_queue.unwrap_or_default();
    let command = UpdateJobQueue {
        name: arn::name_of(KIND, &queue).to_owned(),
        state: request.state,
        priority: request.priority,
        environments: request.compute_environment_order.map(order),
        scheduling_policy: request.scheduling_policy_arn.map(policy_ref),
        service_environments: request.service_environment_order.map(service_order),
        document,
    };
    let name = named(service, Command::UpdateJobQueue(Box::new(command))).await?;
    Ok(UpdateJobQueueResponse {
        job_queue_arn: Some(arn::queue(context, name.as_str())),
        job_queue_name: Some(name.to_string()),
    })
}
