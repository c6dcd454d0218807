//! RegisterJobDefinition.

use crate::arn;
use crate::commander::Unexpected;
use crate::consumables::consumable_inputs;
use crate::context::Context;
use crate::document::rest_of;
use crate::failure::Failure;
use crate::jobs::retry_input;
use crate::services::BatchService;
use longshore_api_batch::types::{
    ContainerProperties, KeyValuePair, RegisterJobDefinitionRequest, RegisterJobDefinitionResponse,
};
use longshore_engine::command::{ContainerInput, RegisterJobDefinition};
use longshore_engine::entity::EnvironmentVariable;
use longshore_engine::{Command, Response};

const KNOWN: &[&str] = &[
    "jobDefinitionName",
    "type",
    "parameters",
    "schedulingPriority",
    "containerProperties",
    "retryStrategy",
    "propagateTags",
    "timeout",
    "tags",
    "platformCapabilities",
];

const KNOWN_OF_CONTAINER: &[&str] =
    &["image", "command", "environment", "resourceRequirements", "vcpus", "memory", "instanceType", "user"];

pub(crate) async fn register_job_definition(
    service: &BatchService,
    context: &Context,
    request: RegisterJobDefinitionRequest,
) -> Result<RegisterJobDefinitionResponse, Failure> {
    let command = RegisterJobDefinition {
        document: rest_of(&request, KNOWN)?,
        name: request.job_definition_name.unwrap_or_default(),
        kind: request.kind.unwrap_or_default(),
        parameters: request.parameters.unwrap_or_default(),
        scheduling_priority: request.scheduling_priority,
        container: request.container_properties.map(container).transpose()?,
        retry: request.retry_strategy.map(retry_input),
        propagate_tags: request.propagate_tags,
        timeout_s: request.timeout.map(|timeout| timeout.attempt_duration_seconds),
        consumables: consumable_inputs(request.consumable_resource_properties.as_ref()),
        tags: request.tags.unwrap_or_default(),
        platform_capabilities: request.platform_capabilities.unwrap_or_default(),
        body_bytes: context.body_bytes,
    };
    let command = Command::RegisterJobDefinition(Box::new(command));
    match service.commander.command(command).await? {
        Response::Registered(id) => Ok(RegisterJobDefinitionResponse {
            job_definition_name: Some(id.name.to_string()),
            job_definition_arn: Some(arn::definition(context, &id)),
            revision: Some(i64::from(id.revision)),
        }),
        other => Err(Failure::internal("register the job definition", Unexpected(other))),
    }
}

fn container(properties: ContainerProperties) -> Result<ContainerInput, Failure> {
    let document = rest_of(&properties, KNOWN_OF_CONTAINER)?;
    let variable = |pair: KeyValuePair| {
        let name = pair.name.clone().unwrap_or_default();
        (pair.name, EnvironmentVariable { name, value: pair.value })
    };
    let requirements = properties.resource_requirements.unwrap_or_default().into_iter();
    Ok(ContainerInput {
        image: properties.image,
        command: properties.command.unwrap_or_default(),
        environment: properties.environment.unwrap_or_default().into_iter().map(variable).collect(),
        resource_requirements: requirements
            .map(|entry| (entry.kind.unwrap_or_default(), entry.value.unwrap_or_default()))
            .collect(),
        vcpus: properties.vcpus,
        memory: properties.memory,
        instance_type: properties.instance_type,
        user: properties.user,
        document,
    })
}
