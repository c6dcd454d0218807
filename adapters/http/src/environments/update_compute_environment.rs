//! UpdateComputeEnvironment.

use super::{KIND, SIZES};
use crate::arn;
use crate::commander::named;
use crate::context::Context;
use crate::document::rest_of;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{
    ComputeResourceUpdate, UpdateComputeEnvironmentRequest, UpdateComputeEnvironmentResponse,
};
use longshore_engine::Command;
use longshore_engine::command::{ComputeResourcesInput, UpdateComputeEnvironment};

const KNOWN: &[&str] = &["computeEnvironment", "state", "unmanagedvCpus", "computeResources", "serviceRole"];

pub(crate) async fn update_compute_environment(
    service: &BatchService,
    context: &Context,
    request: UpdateComputeEnvironmentRequest,
) -> Result<UpdateComputeEnvironmentResponse, Failure> {
    let document = rest_of(&request, KNOWN)?;
    let environment = request.compute_environment.unwrap_or_default();
    let command = UpdateComputeEnvironment {
        name: arn::name_of(KIND, &environment).to_owned(),
        state: request.state,
        unmanaged_vcpus: request.unmanaged_vcpus,
        compute: request.compute_resources.as_ref().map(compute).transpose()?,
        service_role: request.service_role,
        document,
    };
    let name = named(service, Command::UpdateComputeEnvironment(Box::new(command))).await?;
    Ok(UpdateComputeEnvironmentResponse {
        compute_environment_arn: Some(arn::environment(context, name.as_str())),
        compute_environment_name: Some(name.to_string()),
    })
}

fn compute(resources: &ComputeResourceUpdate) -> Result<ComputeResourcesInput, Failure> {
    Ok(ComputeResourcesInput {
        kind: resources.kind.clone(),
        min_vcpus: resources.min_vcpus,
        max_vcpus: resources.max_vcpus,
        desired_vcpus: resources.desired_vcpus,
        document: rest_of(resources, SIZES)?,
    })
}
