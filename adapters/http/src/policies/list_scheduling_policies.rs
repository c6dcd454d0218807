//! ListSchedulingPolicies (`PAGE-1`, `PAGE-2`).

use crate::arn;
use crate::context::Context;
use crate::failure::Failure;
use crate::paging::{LIST_MAX, Window};
use crate::services::BatchService;
use longshore_api_batch::types::{
    ListSchedulingPoliciesRequest, ListSchedulingPoliciesResponse, SchedulingPolicyListingDetail,
};
use longshore_types::Name;

pub(crate) async fn list_scheduling_policies(
    service: &BatchService,
    context: &Context,
    request: ListSchedulingPoliciesRequest,
) -> Result<ListSchedulingPoliciesResponse, Failure> {
    let page = (request.max_results, request.next_token.as_deref());
    let window = Window::new("ListSchedulingPolicies", LIST_MAX, page)?;
    let (after, limit) = (window.after(|name| name.parse::<Name>().ok())?, window.probe());
    let entries = service.read(move |reader| reader.policies(after.as_ref(), limit)).await?;
    let (policies, next_token) = window.close(entries, |policy| policy.name.to_string());
    let arn = |name: &Name| Some(arn::scheduling_policy(context, name.as_str()));
    let listed = policies.iter().map(|policy| SchedulingPolicyListingDetail { arn: arn(&policy.name) });
    Ok(ListSchedulingPoliciesResponse { scheduling_policies: Some(listed.collect()), next_token })
}
