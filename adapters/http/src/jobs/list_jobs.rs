//! ListJobs: a queue's jobs, an array's children or a job's nodes, page by page (`LST-1` to `LST-8`).

use super::detail::{created_at, status_summary};
use super::nodes::node_summary;
use super::selection::{select, statuses};
use super::waits::waits_of;
use crate::arn;
use crate::context::Context;
use crate::failure::Failure;
use crate::paging::Window;
use crate::services::BatchService;
use longshore_api_batch::types::{
    ArrayPropertiesSummary, ContainerSummary, JobSummary, KeyValuesPair, ListJobsRequest, ListJobsResponse,
};
use longshore_engine::entity::Work;
use longshore_store::{ChildQuery, Cursor, JobQuery, JobView, NodeQuery, Select};
use longshore_types::{JobRef, JobStatus, Name, Timestamp};

/// The longest page (`LST-4`).
const PAGE_MAX: usize = 1_000;
/// The longest page of a filtered listing.
const FILTERED_PAGE_MAX: usize = 100;

pub(crate) async fn list_jobs(
    service: &BatchService,
    context: &Context,
    request: ListJobsRequest,
) -> Result<ListJobsResponse, Failure> {
    let status = request.job_status.as_deref().map(parse_status).transpose()?;
    let scopes = [&request.job_queue, &request.array_job_id, &request.multi_node_job_id];
    let (views, next_token) = match scopes.map(|scope| scope.as_deref().filter(|text| !text.is_empty())) {
        [Some(queue), None, None] => jobs_of_queue(service, &request, (queue, status)).await?,
        [None, Some(array), None] => children_of(service, &request, (array, status)).await?,
        [None, None, Some(job)] => nodes_of(service, &request, (job, status)).await?,
        _ => return Err(Failure::client("Exactly one of jobQueue, arrayJobId and multiNodeJobId must be given.")),
    };
    let waits = waits_of(service, &views).await;
    let listed = |view: &JobView| {
        let job = summary(context, view);
        JobSummary { status_reason: job.status_reason.or_else(|| waits.get(&view.reference()).cloned()), ..job }
    };
    let job_summary_list = views.iter().map(listed).collect();
    Ok(ListJobsResponse { job_summary_list: Some(job_summary_list), next_token })
}

type Listed = (Vec<JobView>, Option<String>);

async fn jobs_of_queue(
    service: &BatchService,
    request: &ListJobsRequest,
    (queue, status): (&str, Option<JobStatus>),
) -> Result<Listed, Failure> {
    let unknown = || Failure::client(format!("JobQueue {queue} not found."));
    let queue: Name = arn::name_of("job-queue", queue).parse().map_err(|_| unknown())?;
    let filters: &[KeyValuesPair] = request.filters.as_deref().unwrap_or_default();
    let select = select(status, filters)?;
    let most = if filters.is_empty() { PAGE_MAX } else { FILTERED_PAGE_MAX };
    let window = window(request, &format!("ListJobs {queue} {select:?}"), most)?;
    let after = window.after(parse_cursor)?;
    let query = JobQuery { queue: queue.clone(), select: select.clone(), after, limit: window.probe() };
    let page = service
        .read(move |reader| {
            let known = reader.queue(&queue)?.is_some();
            known.then(|| reader.list_jobs(&query)).transpose()
        })
        .await?;
    let page = page.ok_or_else(unknown)?;
    Ok(window.close(page.views, |view| print_cursor(&select, view)))
}

async fn children_of(
    service: &BatchService,
    request: &ListJobsRequest,
    (array, status): (&str, Option<JobStatus>),
) -> Result<Listed, Failure> {
    let statuses = statuses(status);
    let window = window(request, &format!("ListJobs {array} {statuses:?}"), PAGE_MAX)?;
    let after = window.after(|key| key.parse().ok())?;
    let Some(JobRef::Job(array)) = arn::job_ref(array) else { return Ok((Vec::new(), None)) };
    let query = ChildQuery { array, statuses, after, limit: window.probe() };
    let page = service.read(move |reader| reader.list_children(&query)).await?;
    let views = page.map(|page| page.views).unwrap_or_default();
    Ok(window.close(views, |view| view.reference().index().unwrap_or_default().to_string()))
}

async fn nodes_of(
    service: &BatchService,
    request: &ListJobsRequest,
    (job, status): (&str, Option<JobStatus>),
) -> Result<Listed, Failure> {
    let statuses = statuses(status);
    let window = window(request, &format!("ListJobs {job} {statuses:?}"), PAGE_MAX)?;
    let after = window.after(|key| key.parse().ok())?;
    let Some(JobRef::Job(job)) = arn::job_ref(job) else { return Ok((Vec::new(), None)) };
    let query = NodeQuery { job, statuses, after, limit: window.probe() };
    let page = service.read(move |reader| reader.list_nodes(&query)).await?;
    let views = page.map(|page| page.views).unwrap_or_default();
    Ok(window.close(views, |view| view.reference().index().unwrap_or_default().to_string()))
}

/// Asking for more than a page holds gives a full page.
fn window(request: &ListJobsRequest, query: &str, most: usize) -> Result<Window, Failure> {
    let longest = i64::try_from(most).unwrap_or(i64::MAX);
    let asked = request.max_results.map(|asked| asked.min(longest));
    Window::new(query, most, (asked, request.next_token.as_deref()))
}

fn parse_status(text: &str) -> Result<JobStatus, Failure> {
    text.parse().map_err(|_| Failure::client(format!("{text} is not a job status.")))
}

fn print_cursor(select: &Select, view: &JobView) -> String {
    let Cursor { name, created_at, seq } = select.cursor(&view.job);
    format!("{created_at} {seq} {name}")
}

fn parse_cursor(text: &str) -> Option<Cursor> {
    let mut parts = text.splitn(3, ' ');
    let (created_at, seq) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some(Cursor { created_at, seq, name: parts.next()?.to_owned() })
}

fn summary(context: &Context, view: &JobView) -> JobSummary {
    let (job, run, reference) = (&view.job, view.run(), view.reference());
    JobSummary {
        job_arn: Some(arn::job(context, reference)),
        job_id: Some(reference.to_string()),
        job_name: Some(job.name.to_string()),
        created_at: Some(created_at(view).as_millis()),
        status: Some(run.status.to_string()),
        status_reason: run.status_reason.clone(),
        started_at: run.started_at.map(Timestamp::as_millis),
        stopped_at: run.stopped_at.map(Timestamp::as_millis),
        container: container(view),
        array_properties: array_properties(view),
        node_properties: node_summary(view),
        job_definition: Some(arn::definition(context, &job.definition)),
        share_identifier: job.share_identifier.as_deref().map(str::to_owned),
        is_cancelled: run.cancelled.then_some(true),
        is_terminated: run.terminated.then_some(true),
        ..JobSummary::default()
    }
}

/// What the last attempt left, once there was one; of several containers each has its own (`MC-9`).
fn container(view: &JobView) -> Option<ContainerSummary> {
    let Work::Container(_) = view.job.work_of(view.reference()) else { return None };
    let last = view.run().attempts.last()?;
    Some(ContainerSummary { exit_code: last.exit_code.map(i64::from), reason: last.reason.clone() })
}

fn array_properties(view: &JobView) -> Option<ArrayPropertiesSummary> {
    if let JobRef::Child(_, index) = view.reference() {
        return Some(ArrayPropertiesSummary { index: Some(i64::from(index)), ..ArrayPropertiesSummary::default() });
    }
    view.job.array.as_ref().map(|array| ArrayPropertiesSummary {
        size: Some(i64::from(array.size)),
        status_summary: Some(status_summary(array)),
        status_summary_last_updated_at: array.counted_at.map(Timestamp::as_millis),
        index: None,
    })
}

#[cfg(test)]
mod tests;
