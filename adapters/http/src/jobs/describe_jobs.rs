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
    let described = |view: &JobView| {
        let job = detail(context, &environments, view)?;
        let status_reason = job.status_reason.or_else(|| waits.get(&view.reference()).cloned());
        Ok(JobDetail { status_reason, ..job })
    };
    let jobs = views.iter().map(described).collect::<Result<_, Failure>>()?;
    Ok(DescribeJobsResponse { jobs: Some(jobs) })
}

#[cfg(test)]
mod tests;
