//! CreateComputeEnvironment.

use super::SIZES;
use crate::arn;
use crate::commander::named;
use crate::context::Context;
use crate::document::rest_of;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{ComputeResource, CreateComputeEnvironmentRequest, CreateComputeEnvironmentResponse};
use longshore_engine::Command;
use longshore_engine::command::{ComputeResourcesInput, CreateComputeEnvironment};

const KNOWN: &[&str] =
    &["computeEnvironmentName", "type", "state", "unmanagedvCpus", "computeResources", "serviceRole", "tags"];

pub(crate) async fn create_compute_environment(
    service: &BatchService,
    context: &Context,
    request: CreateComputeEnvironmentRequest,
) -> Result<CreateComputeEnvironmentResponse, Failure> {
    let document = rest_of(&request, KNOWN)?;
    let command = CreateComputeEnvironment {
        name: request.compute_environment_name.unwrap_or_default(),
        kind: request.kind.unwrap_or_default(),
        state: request.state,
        unmanaged_vcpus: request.unmanaged_vcpus,
        compute: request.compute_resources.as_ref().map(compute).transpose()?,
        service_role: request.service_role,
        tags: request.tags.unwrap_or_default(),
        document,
        valid_at_once: false,
    };
    let name = named(service, Command::CreateComputeEnvironment(Box::new(command))).await?;
    Ok(CreateComputeEnvironmentResponse {
        compute_environment_arn: Some(arn::environment(context, name.as_str())),
        compute_environment_name: Some(name.to_string()),
    })
}

fn compute(resources: &ComputeResource) -> Result<ComputeResourcesInput, Failure> {
    Ok(ComputeResourcesInput {
        kind: resources.kind.clone(),
        min_vcpus: resources.min_vcpus,
        max_vcpus: resources.max_vcpus,
        desired_vcpus: resources.desired_vcpus,
        document: rest_of(resources, SIZES)?,
    })
}
