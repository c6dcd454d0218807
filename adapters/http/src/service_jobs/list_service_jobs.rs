//! ListServiceJobs: a queue's service jobs, newest first, page by page (`SVC-5`, `LST-2`, `LST-3`).

use crate::arn;
use crate::context::Context;
use crate::failure::Failure;
use crate::paging::{LIST_MAX, Window};
use crate::services::BatchService;
use longshore_api_batch::types::{KeyValuesPair, ListServiceJobsRequest, ListServiceJobsResponse, ServiceJobSummary};
use longshore_engine::entity::ServiceJob;
use longshore_types::{Name, Timestamp};

/// What a request selects.
#[derive(Clone, Debug)]
enum Select {
    Status(String),
    Name(Vec<String>),
    Before(i64),
    After(i64),
    Share(Vec<String>, Option<String>),
    QuotaShare(Vec<String>, Option<String>),
}

pub(crate) async fn list_service_jobs(
    service: &BatchService,
    context: &Context,
    request: ListServiceJobsRequest,
) -> Result<ListServiceJobsResponse, Failure> {
    let queue = request.job_queue.as_deref().filter(|queue| !queue.is_empty());
    let queue = queue.ok_or_else(|| Failure::client("jobQueue must be given."))?;
    let unknown = || Failure::client(format!("JobQueue {queue} not found."));
    let name: Name = arn::name_of("job-queue", queue).parse().map_err(|_| unknown())?;
    let select = select(request.job_status.as_deref(), request.filters.as_deref().unwrap_or_default())?;
    let page = (request.max_results, request.next_token.as_deref());
    let window = Window::new(&format!("ListServiceJobs {name} {select:?}"), LIST_MAX, page)?;
    let (after, limit) = (window.after(|seq| seq.parse().ok())?, window.probe());
    let jobs = service
        .read(move |reader| {
            let known = reader.queue(&name)?.is_some();
            known.then(|| reader.list_service_jobs(&name, after, limit, |job| selected(&select, job))).transpose()
        })
        .await?;
    let (jobs, next_token) = window.close(jobs.ok_or_else(unknown)?, |job| job.seq.to_string());
    let summaries = jobs.into_iter().map(|job| summary(context, job)).collect();
    Ok(ListServiceJobsResponse { job_summary_list: Some(summaries), next_token })
}

/// A filter lists every status; only those of shares heed `jobStatus`, as with jobs.
fn select(status: Option<&str>, filters: &[KeyValuesPair]) -> Result<Select, Failure> {
    let status = status.map(str::to_owned);
    let filter = match filters {
        [] => return Ok(Select::Status(status.unwrap_or_else(|| "RUNNING".to_owned()))),
        [filter] => filter,
        _ => return Err(Failure::client("Only one filter can be used at a time.")),
    };
    let name = filter.name.as_deref().unwrap_or_default();
    let values = filter.values.clone().unwrap_or_default();
    if values.is_empty() {
        return Err(Failure::client(format!("The filter {name} needs at least one value.")));
    }
    let times = || values.iter().map(|value| time(name, value)).collect::<Result<Vec<i64>, Failure>>();
    match name {
        "JOB_NAME" => Ok(Select::Name(values)),
        "BEFORE_CREATED_AT" => Ok(Select::Before(times()?.into_iter().max().unwrap_or_default())),
        "AFTER_CREATED_AT" => Ok(Select::After(times()?.into_iter().min().unwrap_or_default())),
        "SHARE_IDENTIFIER" => Ok(Select::Share(values, status)),
        "QUOTA_SHARE_NAME" => Ok(Select::QuotaShare(values, status)),
        _ => Err(Failure::client(format!(
            "The filter {name} is not known. Filters are JOB_NAME, BEFORE_CREATED_AT, AFTER_CREATED_AT, SHARE_IDENTIFIER \
             and QUOTA_SHARE_NAME."
        ))),
    }
}

fn time(name: &str, value: &str) -> Result<i64, Failure> {
    let text = || format!("The values of the filter {name} are milliseconds since 1970, not {value:?}.");
    value.parse().map_err(|_| Failure::client(text()))
}

fn selected(select: &Select, job: &ServiceJob) -> bool {
    let in_status = |status: &Option<String>| status.as_ref().is_none_or(|status| job.status.as_str() == status);
    let among = |values: &[String], own: Option<&str>| own.is_some_and(|own| values.iter().any(|value| value == own));
    match select {
        Select::Status(status) => job.status.as_str() == status,
        Select::Name(patterns) => patterns.iter().any(|pattern| matches(pattern, job.name.as_str())),
        Select::Before(at) => job.created_at.as_millis() < *at,
        Select::After(at) => job.created_at.as_millis() > *at,
        Select::Share(values, status) => among(values, job.share_identifier.as_deref()) && in_status(status),
        Select::QuotaShare(values, status) => {
            among(values, job.quota_share.as_ref().map(Name::as_str)) && in_status(status)
        }
    }
}

/// In any case, whole or up to a trailing `*`.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_ascii_lowercase(), name.to_ascii_lowercase());
    pattern.strip_suffix('*').map_or_else(|| name == pattern, |prefix| name.starts_with(prefix))
}

fn summary(context: &Context, job: ServiceJob) -> ServiceJobSummary {
    ServiceJobSummary {
        created_at: Some(job.created_at.as_millis()),
        is_terminated: job.terminated.then_some(true),
        job_arn: Some(arn::service_job(context, job.id)),
        job_id: Some(job.id.to_string()),
        job_name: Some(job.name.to_string()),
        quota_share_name: job.quota_share.map(|name| name.to_string()),
        service_job_type: Some(job.kind),
        share_identifier: job.share_identifier,
        status: Some(job.status.to_string()),
        status_reason: job.status_reason,
        stopped_at: job.stopped_at.map(Timestamp::as_millis),
        ..ServiceJobSummary::default()
    }
}
