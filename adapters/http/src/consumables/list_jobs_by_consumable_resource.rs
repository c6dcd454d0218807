//! ListJobsByConsumableResource: the jobs that need a resource, whether it exists or not (`CR-5`, `CR-4`).

use super::{KIND, consumable_properties, filter, not_found, quantity};
use crate::arn;
use crate::context::Context;
use crate::failure::Failure;
use crate::jobs::pattern;
use crate::paging::{LIST_MAX, Window};
use crate::services::BatchService;
use longshore_api_batch::types::{
    KeyValuesPair, ListJobsByConsumableResourceRequest, ListJobsByConsumableResourceResponse,
    ListJobsByConsumableResourceSummary,
};
use longshore_store::{ConsumableJobQuery, JobView};
use longshore_types::{JobStatus, Name, Timestamp};

pub(crate) async fn list_jobs_by_consumable_resource(
    service: &BatchService,
    context: &Context,
    request: ListJobsByConsumableResourceRequest,
) -> Result<ListJobsByConsumableResourceResponse, Failure> {
    let text = request.consumable_resource.unwrap_or_default();
    let resource: Name = arn::name_of(KIND, &text).parse().map_err(|_| not_found(&text))?;
    let filters = request.filters.unwrap_or_default();
    let selection = format!("ListJobsByConsumableResource {resource} {filters:?}");
    let window = Window::new(&selection, LIST_MAX, (request.max_results, request.next_token.as_deref()))?;
    let after = window.after(|key| key.parse().ok())?;
    let query = select(&filters, ConsumableJobQuery { after, limit: window.probe(), ..of(resource.clone()) })?;
    let entries = service.read(move |reader| reader.consumable_jobs(&query)).await?;
    let (views, next_token) = window.close(entries, |view| view.job.seq.to_string());
    let jobs = views.iter().map(|view| summary(context, &resource, view)).collect();
    Ok(ListJobsByConsumableResourceResponse { jobs: Some(jobs), next_token })
}

const fn of(resource: Name) -> ConsumableJobQuery {
    ConsumableJobQuery { resource, statuses: Vec::new(), names: Vec::new(), after: None, limit: 0 }
}

fn select(filters: &[KeyValuesPair], query: ConsumableJobQuery) -> Result<ConsumableJobQuery, Failure> {
    let unknown = |text: &str| Failure::client(format!("{text} is not a job status."));
    let status = |text: &String| text.parse::<JobStatus>().map_err(|_| unknown(text));
    Ok(match filter(filters, &["JOB_STATUS", "JOB_NAME"])? {
        None => query,
        Some(("JOB_STATUS", values)) => {
            ConsumableJobQuery { statuses: values.iter().map(status).collect::<Result<_, _>>()?, ..query }
        }
        Some((_, values)) => ConsumableJobQuery { names: values.iter().map(|value| pattern(value)).collect(), ..query },
    })
}

fn summary(context: &Context, resource: &Name, view: &JobView) -> ListJobsByConsumableResourceSummary {
    let (job, run) = (&view.job, view.run());
    let needs = &job.spec.consumables;
    let needed = needs.iter().find(|need| need.resource == *resource).map_or(0, |need| need.quantity);
    ListJobsByConsumableResourceSummary {
        job_arn: Some(arn::job(context, view.reference())),
        job_queue_arn: Some(arn::queue(context, job.queue.as_str())),
        job_name: Some(job.name.to_string()),
        job_definition_arn: Some(arn::definition(context, &job.definition)),
        share_identifier: job.share_identifier.as_deref().map(str::to_owned),
        job_status: Some(run.status.to_string()),
        quantity: quantity(needed),
        status_reason: run.status_reason.clone(),
        started_at: run.started_at.map(Timestamp::as_millis),
        created_at: Some(job.created_at.as_millis()),
        consumable_resource_properties: consumable_properties(context, needs),
    }
}
