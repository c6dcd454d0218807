//! DescribeServiceEnvironments (`SVC-1`, `PAGE-1` to `PAGE-4`).

use super::KIND;
use crate::arn;
use crate::context::Context;
use crate::failure::Failure;
use crate::paging::{LIST_MAX, Window, found, listed_names};
use crate::services::BatchService;
use longshore_api_batch::types::{
    CapacityLimit, DescribeServiceEnvironmentsRequest, DescribeServiceEnvironmentsResponse, ServiceEnvironmentDetail,
};
use longshore_engine::entity::{self, ServiceEnvironment};
use longshore_types::Name;

pub(crate) async fn describe_service_environments(
    service: &BatchService,
    context: &Context,
    request: DescribeServiceEnvironmentsRequest,
) -> Result<DescribeServiceEnvironmentsResponse, Failure> {
    let (environments, next_token) = match listed_names(service, KIND, request.service_environments)? {
        Some(names) => (service.read(move |reader| found(names, |name| reader.service_environment(name))).await?, None),
        None => {
            let page = (request.max_results, request.next_token.as_deref());
            let window = Window::new("DescribeServiceEnvironments", LIST_MAX, page)?;
            let (after, limit) = (window.after(|name| name.parse::<Name>().ok())?, window.probe());
            let entries = service.read(move |reader| reader.service_environments(after.as_ref(), limit)).await?;
            window.close(entries, |environment| environment.name.to_string())
        }
    };
    let details = environments.iter().map(|environment| detail(context, environment)).collect();
    Ok(DescribeServiceEnvironmentsResponse { service_environments: Some(details), next_token })
}

fn detail(context: &Context, environment: &ServiceEnvironment) -> ServiceEnvironmentDetail {
    let limit = |limit: &entity::CapacityLimit| CapacityLimit {
        max_capacity: Some(limit.max_capacity),
        capacity_unit: Some(limit.capacity_unit.clone()),
    };
    ServiceEnvironmentDetail {
        service_environment_name: Some(environment.name.to_string()),
        service_environment_arn: Some(arn::service_environment(context, environment.name.as_str())),
        service_environment_type: Some(environment.kind.clone()),
        state: Some(environment.state.as_str().to_owned()),
        status: Some(environment.status.as_str().to_owned()),
        capacity_limits: Some(environment.capacity_limits.iter().map(limit).collect()),
        tags: Some(environment.tags.clone()),
    }
}
