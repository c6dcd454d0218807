//! DescribeServiceJob (`SVC-3`). A job that never ran has no attempts and no start.

use super::job_id;
use crate::arn;
use crate::context::Context;
use crate::document::echoed;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{DescribeServiceJobRequest, DescribeServiceJobResponse};
use longshore_engine::entity::ServiceJob;
use longshore_types::Timestamp;

pub(crate) async fn describe_service_job(
    service: &BatchService,
    context: &Context,
    request: DescribeServiceJobRequest,
) -> Result<DescribeServiceJobResponse, Failure> {
    let text = request.job_id.unwrap_or_default();
    let job = match job_id(&text) {
        Some(id) => service.read(move |reader| reader.service_job(id)).await?,
        None => None,
    };
    // The text of the engine for changes to the same job.
    let job = job.ok_or_else(|| Failure::Refused { text: format!("ServiceJob {text} not found.") })?;
    describe(context, job)
}

fn describe(context: &Context, job: ServiceJob) -> Result<DescribeServiceJobResponse, Failure> {
    let kept: DescribeServiceJobResponse = echoed(&job.document)?;
    Ok(DescribeServiceJobResponse {
        attempts: Some(Vec::new()),
        created_at: Some(job.created_at.as_millis()),
        is_terminated: job.terminated.then_some(true),
        job_arn: Some(arn::service_job(context, job.id)),
        job_id: Some(job.id.to_string()),
        job_name: Some(job.name.to_string()),
        job_queue: Some(arn::queue(context, job.queue.as_str())),
        scheduling_priority: job.scheduling_priority,
        service_request_payload: Some(job.payload),
        service_job_type: Some(job.kind),
        share_identifier: job.share_identifier,
        quota_share_name: job.quota_share.map(|name| name.to_string()),
        status: Some(job.status.to_string()),
        status_reason: job.status_reason,
        stopped_at: job.stopped_at.map(Timestamp::as_millis),
        tags: Some(job.tags),
        ..kept
    })
}
