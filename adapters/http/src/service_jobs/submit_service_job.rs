//! SubmitServiceJob.

use crate::arn;
use crate::commander::Unexpected;
use crate::context::Context;
use crate::document::rest_of;
use crate::failure::Failure;
use crate::quotas::Rate;
use crate::services::BatchService;
use longshore_api_batch::types::{SubmitServiceJobRequest, SubmitServiceJobResponse};
use longshore_engine::command::SubmitServiceJob;
use longshore_engine::{Command, Response};

const KNOWN: &[&str] = &[
    "jobName",
    "jobQueue",
    "serviceJobType",
    "serviceRequestPayload",
    "schedulingPriority",
    "shareIdentifier",
    "quotaShareName",
    "clientToken",
    "tags",
];

pub(crate) async fn submit_service_job(
    service: &BatchService,
    context: &Context,
    request: SubmitServiceJobRequest,
) -> Result<SubmitServiceJobResponse, Failure> {
    service.quotas.take(Rate::SubmitServiceJob)?;
    let command = SubmitServiceJob {
        document: rest_of(&request, KNOWN)?,
        job_name: request.job_name.unwrap_or_default(),
        job_queue: arn::name_of("job-queue", &request.job_queue.unwrap_or_default()).to_owned(),
        kind: request.service_job_type.unwrap_or_default(),
        payload: request.service_request_payload.unwrap_or_default(),
        scheduling_priority: request.scheduling_priority,
        share_identifier: request.share_identifier,
        quota_share: request.quota_share_name,
        client_token: request.client_token,
        tags: request.tags.unwrap_or_default(),
        body_bytes: context.body_bytes,
    };
    match service.commander.command(Command::SubmitServiceJob(Box::new(command))).await? {
        Response::Submitted { id, name } => Ok(SubmitServiceJobResponse {
            job_arn: Some(arn::service_job(context, id)),
            job_id: Some(id.to_string()),
            job_name: Some(name.to_string()),
        }),
        other => Err(Failure::internal("submit the service job", Unexpected(other))),
    }
}
