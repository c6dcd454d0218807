//! CreateJobQueue.

use super::{order, service_order};
use crate::arn;
use crate::commander::named;
use crate::context::Context;
use crate::document::rest_of;
use crate::failure::Failure;
use crate::policies::policy_ref;
use crate::services::BatchService;
use longshore_api_batch::types::{CreateJobQueueRequest, CreateJobQueueResponse};
use longshore_engine::Command;
use longshore_engine::command::CreateJobQueue;

const KNOWN: &[&str] = &[
    "jobQueueName",
    "state",
    "priority",
    "computeEnvironmentOrder",
    "schedulingPolicyArn",
    "tags",
    "serviceEnvironmentOrder",
];

pub(crate) async fn create_job_queue(
    service: &BatchService,
    context: &Context,
    request: CreateJobQueueRequest,
) -> Result<CreateJobQueueResponse, Failure> {
    let command = CreateJobQueue {
        document: rest_of(&request, KNOWN)?,
        name: request.job_queue_name.unwrap_or_default(),
        state: request.state,
        priority: request.priority.unwrap_or_default(),
        environments: order(request.compute_environment_order.unwrap_or_default()),
        scheduling_policy: request.scheduling_policy_arn.map(policy_ref),
        service_environments: service_order(request.service_environment_order.unwrap_or_default()),
        tags: request.tags.unwrap_or_default(),
        valid_at_once: false,
    };
    let name = named(service, Command::CreateJobQueue(Box::new(command))).await?;
    Ok(CreateJobQueueResponse {
        job_queue_arn: Some(arn::queue(context, name.as_str())),
        job_queue_name: Some(name.to_string()),
    })
}
