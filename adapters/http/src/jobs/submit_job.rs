//! SubmitJob: names out of ARNs, the request into a command, and what the engine no longer remembers of dependencies
//! looked up in the store.

use crate::arn;
use crate::commander::CommandError;
use crate::consumables::consumable_inputs;
use crate::context::Context;
use crate::failure::Failure;
use crate::quotas::Rate;
use crate::services::BatchService;
use longshore_api_batch::types as api;
use longshore_engine::command::{
    ContainerOverrides, DependencyInput, EndedJob, EvaluateOnExitInput, NodeOverrides, NodePropertyOverride,
    PodOverrides, RetryStrategyInput, SubmitJob, TaskOverrides,
};
use longshore_engine::entity::EnvironmentVariable;
use longshore_engine::{Command, Error, Response};
use longshore_types::{JobId, JobRef};
use std::collections::{BTreeMap, BTreeSet};

/// A dependency that has left the engine's memory is in the store by then, so one round is enough; more are for those
/// that leave it meanwhile.
const LOOK_UPS: usize = 8;

pub(crate) async fn submit_job(
    service: &BatchService,
    context: &Context,
    request: api::SubmitJobRequest,
) -> Result<api::SubmitJobResponse, Failure> {
    service.quotas.take(Rate::SubmitJob)?;
    let mut command = SubmitJob { body_bytes: context.body_bytes, ..command(request)? };
    for _ in 0..LOOK_UPS {
        match service.commander.command(Command::SubmitJob(Box::new(command.clone()))).await {
            Ok(response) => return submitted(context, response),
            Err(CommandError::Refused(Error::LookUp(ids))) => command.looked_up.extend(look_up(service, ids).await?),
            Err(error) => return Err(error.into()),
        }
    }
    Err(CommandError::Refused(Error::LookUp(BTreeSet::new())).into())
}

async fn look_up(service: &BatchService, ids: BTreeSet<JobId>) -> Result<BTreeMap<JobId, Option<EndedJob>>, Failure> {
    let ids: Vec<JobId> = ids.into_iter().collect();
    service.read(move |reader| reader.ended_jobs(&ids)).await
}

fn submitted(context: &Context, response: Response) -> Result<api::SubmitJobResponse, Failure> {
    let Response::Submitted { id, name } = response else {
        return Err(Failure::internal("submit the job", Unexpected(response)));
    };
    Ok(api::SubmitJobResponse {
        job_arn: Some(arn::job(context, JobRef::Job(id))),
        job_name: Some(name.to_string()),
        job_id: Some(id.to_string()),
    })
}

/// An answer to another command.
#[derive(Debug, thiserror::Error)]
#[error("the engine answered {0:?}")]
struct Unexpected(Response);

fn command(request: api::SubmitJobRequest) -> Result<SubmitJob, Failure> {
    let (queue, definition) = (request.job_queue.unwrap_or_default(), request.job_definition.unwrap_or_default());
    Ok(SubmitJob {
        job_queue: arn::name_of("job-queue", &queue).to_owned(),
        job_definition: arn::definition_ref(&definition),
        job_name: request.job_name.unwrap_or_default(),
        share_identifier: request.share_identifier,
        scheduling_priority_override: request.scheduling_priority_override,
        array_size: request.array_properties.and_then(|array| array.size),
        depends_on: request.depends_on.unwrap_or_default().into_iter().map(dependency).collect(),
        parameters: request.parameters.unwrap_or_default(),
        container_overrides: request.container_overrides.map(overrides).transpose()?,
        task_overrides: request.ecs_properties_override.map(task_overrides).transpose()?,
        node_overrides: request.node_overrides.map(node_overrides).transpose()?,
        consumables: consumable_inputs(request.consumable_resource_properties_override.as_ref()),
        pod_overrides: request.eks_properties_override.map(pod_overrides).transpose()?,
        retry: request.retry_strategy.map(retry_input),
        propagate_tags: request.propagate_tags,
        timeout_s: request.timeout.map(|timeout| timeout.attempt_duration_seconds),
        tags: request.tags.unwrap_or_default(),
        body_bytes: 0,
        looked_up: BTreeMap::new(),
    })
}

fn dependency(entry: api::JobDependency) -> DependencyInput {
    let job_id = entry.job_id.map(|text| arn::name_of("job", &text).to_owned());
    DependencyInput { job_id, kind: entry.kind }
}

fn node_overrides(overrides: api::NodeOverrides) -> Result<NodeOverrides, Failure> {
    let entry = |entry: api::NodePropertyOverride| {
        if entry.consumable_resource_properties_override.is_some() {
            let text = "consumableResourcePropertiesOverride is not supported by this version of Longshore.";
            return Err(Failure::client(text));
        }
        Ok(NodePropertyOverride {
            target_nodes: entry.target_nodes.unwrap_or_default(),
            container: entry.container_overrides.map(self::overrides).transpose()?,
            task: entry.ecs_properties_override.map(task_overrides).transpose()?,
            instance_types: entry.instance_types.unwrap_or_default(),
            pod: entry.eks_properties_override.map(pod_overrides).transpose()?,
        })
    };
    let entries = overrides.node_property_overrides.unwrap_or_default();
    let properties = entries.into_iter().map(entry).collect::<Result<_, _>>()?;
    Ok(NodeOverrides { num_nodes: overrides.num_nodes, properties })
}

fn json_chars<T: serde::Serialize>(overrides: &T) -> Result<usize, Failure> {
    let text = serde_json::to_string(overrides);
    text.map(|text| text.chars().count()).map_err(|error| Failure::internal("measure the overrides", error))
}

fn variables(pairs: Option<Vec<api::KeyValuePair>>) -> Vec<EnvironmentVariable> {
    let variable =
        |pair: api::KeyValuePair| EnvironmentVariable { name: pair.name.unwrap_or_default(), value: pair.value };
    pairs.unwrap_or_default().into_iter().map(variable).collect()
}

fn requirements(entries: Option<Vec<api::ResourceRequirement>>) -> Vec<(String, String)> {
    let requirement =
        |entry: api::ResourceRequirement| (entry.kind.unwrap_or_default(), entry.value.unwrap_or_default());
    entries.unwrap_or_default().into_iter().map(requirement).collect()
}

fn task_overrides(overrides: api::EcsPropertiesOverride) -> Result<TaskOverrides, Failure> {
    let json_chars = json_chars(&overrides)?;
    let container = |container: api::TaskContainerOverrides| {
        let overrides = ContainerOverrides {
            command: container.command,
            environment: variables(container.environment),
            resource_requirements: requirements(container.resource_requirements),
            ..ContainerOverrides::default()
        };
        (container.name.unwrap_or_default(), overrides)
    };
    let tasks = overrides.task_properties.unwrap_or_default().into_iter();
    let tasks = tasks.map(|task| task.containers.unwrap_or_default().into_iter().map(container).collect());
    Ok(TaskOverrides { tasks: tasks.collect(), json_chars })
}

fn pod_overrides(overrides: api::EksPropertiesOverride) -> Result<PodOverrides, Failure> {
    let json_chars = json_chars(&overrides)?;
    let properties = serde_json::to_value(overrides.pod_properties);
    let properties = properties.map_err(|error| Failure::internal("keep the pod's overrides", error))?;
    Ok(PodOverrides { properties, json_chars })
}

fn overrides(overrides: api::ContainerOverrides) -> Result<ContainerOverrides, Failure> {
    let json_chars = json_chars(&overrides)?;
    Ok(ContainerOverrides {
        command: overrides.command,
        environment: variables(overrides.environment),
        resource_requirements: requirements(overrides.resource_requirements),
        vcpus: overrides.vcpus,
        memory: overrides.memory,
        instance_type: overrides.instance_type,
        json_chars,
    })
}

pub(crate) fn retry_input(strategy: api::RetryStrategy) -> RetryStrategyInput {
    let entry = |entry: api::EvaluateOnExit| EvaluateOnExitInput {
        on_status_reason: entry.on_status_reason,
        on_reason: entry.on_reason,
        on_exit_code: entry.on_exit_code,
        action: entry.action.unwrap_or_default(),
    };
    RetryStrategyInput {
        attempts: strategy.attempts,
        evaluate_on_exit: strategy.evaluate_on_exit.unwrap_or_default().into_iter().map(entry).collect(),
    }
}

#[cfg(test)]
mod tests;
