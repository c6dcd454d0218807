//! DescribeComputeEnvironments (`CE-10`, `PAGE-1` to `PAGE-4`).

use super::KIND;
use crate::arn;
use crate::context::Context;
use crate::document::echoed;
use crate::failure::Failure;
use crate::paging::{LIST_MAX, Window, found, listed_names};
use crate::services::BatchService;
use longshore_api_batch::types::{
    ComputeEnvironmentDetail, ComputeResource, DescribeComputeEnvironmentsRequest, DescribeComputeEnvironmentsResponse,
};
use longshore_engine::entity::{ComputeEnvironment, ComputeResources};
use longshore_types::Name;

pub(crate) async fn describe_compute_environments(
    service: &BatchService,
    context: &Context,
    request: DescribeComputeEnvironmentsRequest,
) -> Result<DescribeComputeEnvironmentsResponse, Failure> {
    let (environments, next_token) = match listed_names(service, KIND, request.compute_environments)? {
        Some(names) => (service.read(move |reader| found(names, |name| reader.environment(name))).await?, None),
        None => {
            let page = (request.max_results, request.next_token.as_deref());
            let window = Window::new("DescribeComputeEnvironments", LIST_MAX, page)?;
            let (after, limit) = (window.after(|name| name.parse::<Name>().ok())?, window.probe());
            let entries = service.read(move |reader| reader.environments(after.as_ref(), limit)).await?;
            window.close(entries, |environment| environment.name.to_string())
        }
    };
    let details = environments.iter().map(|environment| detail(context, environment)).collect::<Result<_, _>>()?;
    Ok(DescribeComputeEnvironmentsResponse { compute_environments: Some(details), next_token })
}

fn detail(context: &Context, environment: &ComputeEnvironment) -> Result<ComputeEnvironmentDetail, Failure> {
    let kept: ComputeEnvironmentDetail = echoed(&environment.document)?;
    let on_eks = kept.eks_configuration.is_some();
    Ok(ComputeEnvironmentDetail {
        compute_environment_name: Some(environment.name.to_string()),
        compute_environment_arn: Some(arn::environment(context, environment.name.as_str())),
        unmanaged_vcpus: environment.unmanaged_vcpus,
        ecs_cluster_arn: (!on_eks).then(|| arn::cluster(context, environment)),
        tags: Some(environment.tags.clone()),
        kind: Some(if environment.managed { "MANAGED" } else { "UNMANAGED" }.to_owned()),
        state: Some(environment.state.as_str().to_owned()),
        status: Some(environment.status.as_str().to_owned()),
        status_reason: Some(environment.status_reason.clone()).filter(|reason| !reason.is_empty()),
        compute_resources: environment.compute.as_ref().map(resources).transpose()?,
        service_role: Some(arn::service_role(context, environment.service_role.as_deref())),
        container_orchestration_type: Some(if on_eks { "EKS" } else { "ECS" }.to_owned()),
        uuid: Some(environment.uuid.clone()),
        ..kept
    })
}

/// On Fargate as given; else with the lists that clients look into (`CE-10`).
fn resources(compute: &ComputeResources) -> Result<ComputeResource, Failure> {
    let mut resources: ComputeResource = echoed(&compute.document)?;
    resources.kind = Some(compute.kind.clone());
    resources.min_vcpus = compute.min_vcpus;
    resources.max_vcpus = Some(compute.max_vcpus);
    resources.desired_vcpus = compute.desired_vcpus;
    resources.subnets.get_or_insert_default();
    if !compute.is_fargate() {
        resources.instance_types.get_or_insert_default();
        resources.tags.get_or_insert_default();
    }
    if let Some(template) = &mut resources.launch_template {
        template.overrides.get_or_insert_default();
    }
    Ok(resources)
}
