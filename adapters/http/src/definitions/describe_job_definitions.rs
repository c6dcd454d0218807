//! DescribeJobDefinitions (`JD-4`, `JD-5`, `PAGE-1` to `PAGE-4`).

use crate::arn;
use crate::context::Context;
use crate::document::echoed;
use crate::failure::Failure;
use crate::jobs::{pod_properties, properties, retry, task_properties, timeout};
use crate::paging::{LIST_MAX, Window, found, listed};
use crate::services::BatchService;
use longshore_api_batch::types::{DescribeJobDefinitionsRequest, DescribeJobDefinitionsResponse, JobDefinition};
use longshore_engine::command::DefinitionRef;
use longshore_engine::entity::{self, DefinitionId, DefinitionKind, Work};
use longshore_store::{DefinitionQuery, Error, Reader};

pub(crate) async fn describe_job_definitions(
    service: &BatchService,
    context: &Context,
    request: DescribeJobDefinitionsRequest,
) -> Result<DescribeJobDefinitionsResponse, Failure> {
    let (definitions, next_token) = match listed(service, request.job_definitions.clone())? {
        Some(texts) => (named(service, &request, texts).await?, None),
        None => page(service, &request).await?,
    };
    let details = definitions.iter().map(|definition| detail(context, definition)).collect::<Result<_, _>>()?;
    Ok(DescribeJobDefinitionsResponse { job_definitions: Some(details), next_token })
}

/// The definitions in the list, which excludes every other member.
async fn named(
    service: &BatchService,
    request: &DescribeJobDefinitionsRequest,
    texts: Vec<String>,
) -> Result<Vec<entity::JobDefinition>, Failure> {
    let DescribeJobDefinitionsRequest { job_definition_name, max_results, next_token, status, .. } = request;
    if job_definition_name.is_some() || max_results.is_some() || next_token.is_some() || status.is_some() {
        // AWS's text is not known.
        return Err(Failure::client("jobDefinitions can not be combined with other parameters."));
    }
    let references: Vec<DefinitionRef> = texts.iter().map(|text| arn::definition_ref(text)).collect();
    service.read(move |reader| found(references, |reference| one(reader, reference))).await
}

/// The revision asked for; without one the latest ACTIVE one, as for submissions.
fn one(reader: &Reader, reference: &DefinitionRef) -> Result<Option<entity::JobDefinition>, Error> {
    let Ok(name) = reference.name.parse() else { return Ok(None) };
    match reference.revision {
        Some(revision) => reader.definition(&DefinitionId { name, revision }),
        None => {
            let query = DefinitionQuery { name: Some(name), active: Some(true), after: None, limit: 1 };
            Ok(reader.definitions(&query)?.pop())
        }
    }
}

async fn page(
    service: &BatchService,
    request: &DescribeJobDefinitionsRequest,
) -> Result<(Vec<entity::JobDefinition>, Option<String>), Failure> {
    let active = match request.status.as_deref() {
        None => None,
        Some("ACTIVE") => Some(true),
        Some("INACTIVE") => Some(false),
        Some(other) => {
            return Err(Failure::client(format!("status {other} is not valid. Valid values are: [ACTIVE, INACTIVE]")));
        }
    };
    let only = request.job_definition_name.as_deref();
    let selection = format!("DescribeJobDefinitions {only:?} {active:?}");
    let window = Window::new(&selection, LIST_MAX, (request.max_results, request.next_token.as_deref()))?;
    let name = match only.map(str::parse) {
        None => None,
        Some(Ok(name)) => Some(name),
        // No definition has such a name.
        Some(Err(_)) => return Ok((Vec::new(), None)),
    };
    let query = DefinitionQuery { name, active, after: window.after(arn::definition_id)?, limit: window.probe() };
    let entries = service.read(move |reader| reader.definitions(&query)).await?;
    Ok(window.close(entries, |definition| definition.id.to_string()))
}

fn detail(context: &Context, definition: &entity::JobDefinition) -> Result<JobDefinition, Failure> {
    let kept: JobDefinition = echoed(&definition.document)?;
    let orchestration = if matches!(definition.work, Some(Work::Pod(_))) { "EKS" } else { "ECS" };
    let kind = match definition.kind {
        DefinitionKind::Container => "container",
        DefinitionKind::Multinode => "multinode",
    };
    let (container_properties, ecs_properties, eks_properties) = match &definition.work {
        Some(Work::Container(container)) => (Some(properties(container)?), None, None),
        Some(Work::Task(task)) => (None, Some(task_properties(task)?), None),
        Some(Work::Pod(pod)) => (None, None, Some(pod_properties(pod)?)),
        Some(Work::Nodes(_)) | None => (None, kept.ecs_properties, kept.eks_properties),
    };
    let capabilities = &definition.platform_capabilities;
    Ok(JobDefinition {
        job_definition_name: Some(definition.id.name.to_string()),
        job_definition_arn: Some(arn::definition(context, &definition.id)),
        revision: Some(i64::from(definition.id.revision)),
        status: Some(if definition.active { "ACTIVE" } else { "INACTIVE" }.to_owned()),
        kind: Some(kind.to_owned()),
        parameters: Some(definition.parameters.clone()),
        scheduling_priority: definition.scheduling_priority,
        container_properties,
        ecs_properties,
        eks_properties,
        retry_strategy: definition.retry.as_ref().map(retry),
        timeout: definition.timeout_s.map(timeout),
        propagate_tags: definition.propagate_tags,
        platform_capabilities: (!capabilities.is_empty()).then(|| capabilities.clone()),
        tags: Some(definition.tags.clone()),
        container_orchestration_type: Some(orchestration.to_owned()),
        ..kept
    })
}
