//! A job's container as clients see it: what was registered and overridden, with the defaults that AWS fills in
//! (`DSC-3`, `JD-5`).

use super::attempts::Trace;
use crate::failure::Failure;
use longshore_api_batch::types::{
    ContainerDetail, ContainerProperties, FargatePlatformConfiguration, KeyValuePair, LinuxParameters,
    LogConfiguration, ResourceRequirement,
};
use longshore_engine::entity::{Container, JobSpec};

/// The container as `containerProperties`.
pub(crate) fn properties(container: &Container) -> Result<ContainerProperties, Failure> {
    let document = serde_json::Value::Object(container.document.0.clone());
    let echoed: ContainerProperties = serde_json::from_value(document)
        .map_err(|error| Failure::internal("read the stored container properties", error))?;
    let variable = |variable: &longshore_engine::entity::EnvironmentVariable| KeyValuePair {
        name: Some(variable.name.clone()),
        value: variable.value.clone(),
    };
    let requirement = |requirement: &longshore_engine::entity::ResourceRequirement| ResourceRequirement {
        value: Some(requirement.value.clone()),
        kind: Some(requirement.kind.as_str().to_owned()),
    };
    Ok(ContainerProperties {
        image: Some(container.image.clone()),
        command: Some(container.command.clone()),
        environment: Some(container.environment.iter().map(variable).collect()),
        resource_requirements: Some(container.resource_requirements.iter().map(requirement).collect()),
        vcpus: container.vcpus,
        memory: container.memory,
        instance_type: container.instance_type.clone(),
        user: container.user.clone(),
        volumes: Some(echoed.volumes.unwrap_or_default()),
        mount_points: Some(echoed.mount_points.unwrap_or_default()),
        ulimits: Some(echoed.ulimits.unwrap_or_default()),
        secrets: Some(echoed.secrets.unwrap_or_default()),
        linux_parameters: echoed.linux_parameters.map(linux_parameters),
        log_configuration: echoed.log_configuration.map(log_configuration),
        ..echoed
    })
}

fn linux_parameters(parameters: LinuxParameters) -> LinuxParameters {
    LinuxParameters {
        devices: Some(parameters.devices.unwrap_or_default()),
        tmpfs: Some(parameters.tmpfs.unwrap_or_default()),
        ..parameters
    }
}

fn log_configuration(configuration: LogConfiguration) -> LogConfiguration {
    LogConfiguration { secret_options: Some(configuration.secret_options.unwrap_or_default()), ..configuration }
}

/// The container of a job, with what its latest attempt shows.
pub(super) fn detail(spec: &JobSpec, container: &Container, trace: Trace) -> Result<ContainerDetail, Failure> {
    let properties = properties(container)?;
    let is_fargate = spec.platform_capabilities.iter().any(|capability| capability == "FARGATE");
    let platform = properties.fargate_platform_configuration.or_else(|| {
        let latest = FargatePlatformConfiguration { platform_version: Some("LATEST".to_owned()) };
        is_fargate.then_some(latest)
    });
    Ok(ContainerDetail {
        image: properties.image,
        vcpus: properties.vcpus,
        memory: properties.memory,
        command: properties.command,
        job_role_arn: properties.job_role_arn,
        execution_role_arn: properties.execution_role_arn,
        volumes: properties.volumes,
        environment: properties.environment,
        mount_points: properties.mount_points,
        readonly_root_filesystem: properties.readonly_root_filesystem,
        ulimits: properties.ulimits,
        privileged: properties.privileged,
        user: properties.user,
        instance_type: properties.instance_type,
        network_interfaces: Some(trace.network_interfaces),
        resource_requirements: properties.resource_requirements,
        linux_parameters: properties.linux_parameters,
        log_configuration: properties.log_configuration,
        secrets: properties.secrets,
        network_configuration: properties.network_configuration,
        fargate_platform_configuration: platform,
        ephemeral_storage: properties.ephemeral_storage,
        runtime_platform: properties.runtime_platform,
        repository_credentials: properties.repository_credentials,
        enable_execute_command: properties.enable_execute_command,
        container_instance_arn: trace.container_instance_arn,
        task_arn: trace.task_arn,
        exit_code: trace.exit_code,
        reason: trace.reason,
        log_stream_name: trace.log_stream_name,
    })
}
