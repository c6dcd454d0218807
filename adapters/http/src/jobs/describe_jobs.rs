//! DescribeJobs (`DSC-1`): in the order asked, unknown ids left out.

use super::detail::detail;
use super::read::environments_of;
use super::waits::waits_of;
use crate::arn;
use crate::context::Context;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{DescribeJobsRequest, DescribeJobsResponse, JobDetail};
use longshore_store::JobView;
use longshore_types::JobRef;

pub(crate) async fn describe_jobs(
    service: &BatchService,
    context: &Context,
    request: DescribeJobsRequest,
) -> Result<DescribeJobsResponse, Failure> {
    let ids = request.jobs.unwrap_or_default();
    let limit = service.quotas.limits().listed;
    if ids.len() > limit {
        // Two spaces, as AWS has it (PAGE-4).
        return Err(Failure::Refused { text: format!("Maximum number of jobs supported is  {limit}") });
    }
    let asked: Vec<JobRef> = ids.iter().filter_map(|text| arn::job_ref(text)).collect();
    let (views, environments) = service
        .read(move |reader| {
            let views: Vec<JobView> = reader.jobs(&asked)?.into_iter().flatten().collect();
            let environments = environments_of(reader, &views)?;
            Ok((views, environments))
        })
        .await?;
    let waits = waits_of(service, &views).await;
    // A job has many members: room for all of them at once, and none is moved again.
    let mut jobs: Vec<JobDetail> = Vec::with_capacity(views.len());
    for view in &views {
        jobs.push(detail(context, &environments, view)?);
    }
    for (job, view) in jobs.iter_mut().zip(&views).filter(|(job, _)| job.status_reason.is_none()) {
        job.status_reason = waits.get(&view.reference()).cloned();
    }
    Ok(DescribeJobsResponse { jobs: Some(jobs) })
}

#[cfg(test)]
mod tests;
