//! Amazon resource names: built from the request's region, read down to the name (`ID-2`, `ID-3`, `ID-4`).

use crate::context::Context;
use longshore_engine::command::DefinitionRef;
use longshore_engine::entity::{ComputeEnvironment, DefinitionId, QuotaShareId};
use longshore_types::{AttemptId, HostId, JobId, JobRef};

/// A Batch resource's ARN.
fn batch(context: &Context, resource: &str) -> String {
    let Context { partition, region, account, .. } = context;
    format!("arn:{partition}:batch:{region}:{account}:{resource}")
}

/// An ARN of ECS, whose things Batch jobs name (`DSC-6`).
fn ecs(context: &Context, resource: &str) -> String {
    let Context { partition, region, account, .. } = context;
    format!("arn:{partition}:ecs:{region}:{account}:{resource}")
}

/// A compute environment's ARN.
pub(crate) fn environment(context: &Context, name: &str) -> String {
    batch(context, &format!("compute-environment/{name}"))
}

/// A job queue's ARN.
pub(crate) fn queue(context: &Context, name: &str) -> String {
    batch(context, &format!("job-queue/{name}"))
}

/// A job definition's ARN, with its revision.
pub(crate) fn definition(context: &Context, id: &DefinitionId) -> String {
    batch(context, &format!("job-definition/{id}"))
}

/// The ARN of a job, child or node.
pub(crate) fn job(context: &Context, job: JobRef) -> String {
    batch(context, &format!("job/{job}"))
}

/// A scheduling policy's ARN.
pub(crate) fn scheduling_policy(context: &Context, name: &str) -> String {
    batch(context, &format!("scheduling-policy/{name}"))
}

/// A consumable resource's ARN.
pub(crate) fn consumable(context: &Context, name: &str) -> String {
    batch(context, &format!("consumable-resource/{name}"))
}

/// A service environment's ARN.
pub(crate) fn service_environment(context: &Context, name: &str) -> String {
    batch(context, &format!("service-environment/{name}"))
}

/// A service job's ARN.
pub(crate) fn service_job(context: &Context, id: JobId) -> String {
    batch(context, &format!("service-job/{id}"))
}

/// A quota share's ARN, below that of its queue.
pub(crate) fn quota_share(context: &Context, id: &QuotaShareId) -> String {
    batch(context, &format!("job-queue/{}/quota-share/{}", id.queue, id.name))
}

/// The quota share that an ARN means; `None` for anything else.
pub(crate) fn quota_share_id(arn: &str) -> Option<QuotaShareId> {
    let (queue, name) = resource_of(arn)?.strip_prefix("job-queue/")?.split_once("/quota-share/")?;
    Some(QuotaShareId { queue: queue.parse().ok()?, name: name.parse().ok()? })
}

/// A service role as a full ARN; without one it is the role that AWS makes for Batch itself (`CE-10`).
pub(crate) fn service_role(context: &Context, role: Option<&str>) -> String {
    let Context { partition, account, .. } = context;
    match role.filter(|role| !role.is_empty()) {
        Some(role) if role.starts_with("arn:") => role.to_owned(),
        Some(name) => format!("arn:{partition}:iam::{account}:role/{name}"),
        None => {
            format!("arn:{partition}:iam::{account}:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch")
        }
    }
}

/// The name of the ECS cluster of an environment (`DSC-6`).
fn cluster_name(environment: &ComputeEnvironment) -> String {
    format!("AWSBatch-{}-{}", environment.name, environment.uuid)
}

/// The ARN of the ECS cluster of an environment (`CE-10`).
pub(crate) fn cluster(context: &Context, environment: &ComputeEnvironment) -> String {
    ecs(context, &format!("cluster/{}", cluster_name(environment)))
}

/// The ECS task of an attempt (`DSC-6`).
pub(crate) fn task(context: &Context, environment: &ComputeEnvironment, attempt: AttemptId) -> String {
    ecs(context, &format!("task/{}/{attempt}", cluster_name(environment)))
}

/// The ECS container instance that a host is (`DSC-6`).
pub(crate) fn container_instance(context: &Context, environment: &ComputeEnvironment, host: HostId) -> String {
    ecs(context, &format!("container-instance/{}/{host}", cluster_name(environment)))
}

/// The name in `text`, which is a name or the ARN of a resource of this kind (`job-queue`, …). Anything else is given
/// back as it is, so that it is looked up and not found under the words of the caller.
pub(crate) fn name_of<'a>(kind: &str, text: &'a str) -> &'a str {
    let resource = resource_of(text).and_then(|resource| resource.strip_prefix(kind));
    resource.and_then(|name| name.strip_prefix('/')).unwrap_or(text)
}

/// `jobDefinition` of SubmitJob: `name`, `name:revision`, or an ARN of either.
pub(crate) fn definition_ref(text: &str) -> DefinitionRef {
    let text = name_of("job-definition", text);
    let parsed = text.split_once(':').and_then(|(name, revision)| Some((name, revision.parse().ok()?)));
    match parsed {
        Some((name, revision)) => DefinitionRef { name: name.to_owned(), revision: Some(revision) },
        None => DefinitionRef { name: text.to_owned(), revision: None },
    }
}

/// `name:revision` or an ARN with a revision; `None` for anything else.
pub(crate) fn definition_id(text: &str) -> Option<DefinitionId> {
    let DefinitionRef { name, revision } = definition_ref(text);
    Some(DefinitionId { name: name.parse().ok()?, revision: revision? })
}

/// The job in `text`, which is a job id or a job's ARN (`ID-3`); `None` when it can be neither.
pub(crate) fn job_ref(text: &str) -> Option<JobRef> {
    name_of("job", text).parse().ok()
}

/// The last of an ARN's six parts; `None` when it is no ARN.
pub(crate) fn resource_of(text: &str) -> Option<&str> {
    text.strip_prefix("arn:")?.splitn(5, ':').nth(4)
}

#[cfg(test)]
mod tests;
