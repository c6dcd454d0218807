//! DescribeJobQueues (`JQ-7`, `PAGE-1` to `PAGE-4`).

use super::KIND;
use crate::arn;
use crate::context::Context;
use crate::document::echoed;
use crate::failure::Failure;
use crate::paging::{LIST_MAX, Window, found, listed_names};
use crate::services::BatchService;
use longshore_api_batch::types::{
    ComputeEnvironmentOrder, DescribeJobQueuesRequest, DescribeJobQueuesResponse, JobQueueDetail,
    ServiceEnvironmentOrder,
};
use longshore_engine::entity::{EnvironmentOrder, JobQueue};
use longshore_types::Name;

pub(crate) async fn describe_job_queues(
    service: &BatchService,
    context: &Context,
    request: DescribeJobQueuesRequest,
) -> Result<DescribeJobQueuesResponse, Failure> {
    let (queues, next_token) = match listed_names(service, KIND, request.job_queues)? {
        Some(names) => (service.read(move |reader| found(names, |name| reader.queue(name))).await?, None),
        None => {
            let page = (request.max_results, request.next_token.as_deref());
            let window = Window::new("DescribeJobQueues", LIST_MAX, page)?;
            let (after, limit) = (window.after(|name| name.parse::<Name>().ok())?, window.probe());
            let entries = service.read(move |reader| reader.queues(after.as_ref(), limit)).await?;
            window.close(entries, |queue| queue.name.to_string())
        }
    };
    let details = queues.iter().map(|queue| detail(context, queue)).collect::<Result<_, _>>()?;
    Ok(DescribeJobQueuesResponse { job_queues: Some(details), next_token })
}

fn detail(context: &Context, queue: &JobQueue) -> Result<JobQueueDetail, Failure> {
    let kept: JobQueueDetail = echoed(&queue.document)?;
    let entry = |entry: &EnvironmentOrder| ComputeEnvironmentOrder {
        order: Some(entry.order),
        compute_environment: Some(arn::environment(context, entry.environment.as_str())),
    };
    Ok(JobQueueDetail {
        job_queue_name: Some(queue.name.to_string()),
        job_queue_arn: Some(arn::queue(context, queue.name.as_str())),
        state: Some(queue.state.as_str().to_owned()),
        status: Some(queue.status.as_str().to_owned()),
        status_reason: Some(queue.status_reason.clone()).filter(|reason| !reason.is_empty()),
        priority: Some(queue.priority),
        compute_environment_order: Some(queue.environments.iter().map(entry).collect()),
        service_environment_order: service_order(context, queue),
        scheduling_policy_arn: queue
            .scheduling_policy
            .as_ref()
            .map(|name| arn::scheduling_policy(context, name.as_str())),
        tags: Some(queue.tags.clone()),
        job_state_time_limit_actions: Some(kept.job_state_time_limit_actions.unwrap_or_default()),
        ..kept
    })
}

/// Of queues for service jobs alone (`JQ-7`).
fn service_order(context: &Context, queue: &JobQueue) -> Option<Vec<ServiceEnvironmentOrder>> {
    let entry = |entry: &EnvironmentOrder| ServiceEnvironmentOrder {
        order: Some(entry.order),
        service_environment: Some(arn::service_environment(context, entry.environment.as_str())),
    };
    queue.is_service().then(|| queue.service_environments.iter().map(entry).collect())
}
