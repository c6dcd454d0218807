//! DescribeSchedulingPolicies: those that exist of the ARNs given (`PAGE-3`, `PAGE-4`).

use super::{fair_share, policy_ref};
use crate::arn;
use crate::context::Context;
use crate::document::echoed;
use crate::failure::Failure;
use crate::paging::{found, listed};
use crate::services::BatchService;
use longshore_api_batch::types::{
    DescribeSchedulingPoliciesRequest, DescribeSchedulingPoliciesResponse, SchedulingPolicyDetail,
};
use longshore_engine::entity::{PolicyKind, SchedulingPolicy};
use longshore_types::Name;

pub(crate) async fn describe_scheduling_policies(
    service: &BatchService,
    context: &Context,
    request: DescribeSchedulingPoliciesRequest,
) -> Result<DescribeSchedulingPoliciesResponse, Failure> {
    let arns = listed(service, request.arns)?.unwrap_or_default();
    let names = arns.into_iter().map(name).collect::<Result<Vec<_>, _>>()?;
    let policies = service.read(move |reader| found(names, |name| reader.policy(name))).await?;
    let details = policies.iter().map(|policy| detail(context, policy)).collect::<Result<_, _>>()?;
    Ok(DescribeSchedulingPoliciesResponse { scheduling_policies: Some(details) })
}

fn name(text: String) -> Result<Name, Failure> {
    let policy = policy_ref(text);
    policy.name.ok_or_else(|| Failure::client("Only scheduling policy Arn can be allowed."))
}

fn detail(context: &Context, policy: &SchedulingPolicy) -> Result<SchedulingPolicyDetail, Failure> {
    let (fairshare_policy, quota_share_policy) = match &policy.kind {
        PolicyKind::FairShare(policy) => (Some(fair_share(policy)), None),
        PolicyKind::QuotaShare(document) => (None, Some(echoed(document)?)),
    };
    Ok(SchedulingPolicyDetail {
        name: Some(policy.name.to_string()),
        arn: Some(arn::scheduling_policy(context, policy.name.as_str())),
        fairshare_policy,
        quota_share_policy,
        tags: Some(policy.tags.clone()),
    })
}
