//! Amazon resource names: built from the request's region, read down to the name (`ID-2`, `ID-3`, `ID-4`).

use crate::context::Context;
use longshore_engine::command::DefinitionRef;
use longshore_engine::entity::{ComputeEnvironment, DefinitionId, QuotaShareId};
use longshore_types::{AttemptId, HostId, JobId, JobRef};
use std::fmt::{self, Write as _};

/// What most ARNs fit into.
const ARN_BYTES: usize = 160;

/// A Batch resource's ARN.
fn batch(context: &Context, resource: fmt::Arguments<'_>) -> String {
    arn(context, "batch", resource)
}

/// An ARN of ECS, whose things Batch jobs name (`DSC-6`).
fn ecs(context: &Context, resource: fmt::Arguments<'_>) -> String {
    arn(context, "ecs", resource)
}

/// Seven of them are shown with a job that has run, so each is written into one piece of memory, which is large enough at once.
fn arn(context: &Context, service: &str, resource: fmt::Arguments<'_>) -> String {
    let Context { partition, region, account, .. } = context;
    let mut text = String::with_capacity(ARN_BYTES);
    for part in ["arn:", partition, ":", service, ":", region, ":", account, ":"] {
        text.push_str(part);
    }
    // Writing to memory does not fail.
    let _written = text.write_fmt(resource);
    text
}

/// A compute environment's ARN.
pub(crate) fn environment(context: &Context, name: &str) -> String {
    batch(context, format_args!("compute-environment/{name}"))
}

/// A job queue's ARN.
pub(crate) fn queue(context: &Context, name: &str) -> String {
    batch(context, format_args!("job-queue/{name}"))
}

/// A job definition's ARN, with its revision.
pub(crate) fn definition(context: &Context, id: &DefinitionId) -> String {
    batch(context, format_args!("job-definition/{id}"))
}

/// The ARN of a job, child or node.
pub(crate) fn job(context: &Context, job: JobRef) -> String {
    batch(context, format_args!("job/{job}"))
}

/// A scheduling policy's ARN.
pub(crate) fn scheduling_policy(context: &Context, name: &str) -> String {
    batch(context, format_args!("scheduling-policy/{name}"))
}

/// A consumable resource's ARN.
pub(crate) fn consumable(context: &Context, name: &str) -> String {
    batch(context, format_args!("consumable-resource/{name}"))
}

/// A service environment's ARN.
pub(crate) fn service_environment(context: &Context, name: &str) -> String {
    batch(context, format_args!("service-environment/{name}"))
}

/// A service job's ARN.
pub(crate) fn service_job(context: &Context, id: JobId) -> String {
    batch(context, format_args!("service-job/{id}"))
}

/// A quota share's ARN, below that of its queue.
pub(crate) fn quota_share(context: &Context, id: &QuotaShareId) -> String {
    batch(context, format_args!("job-queue/{}/quota-share/{}", id.queue, id.name))
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
struct Cluster<'a>(&'a ComputeEnvironment);

impl fmt::Display for Cluster<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        ["AWSBatch-", self.0.name.as_str(), "-", &self.0.uuid].iter().try_for_each(|part| formatter.write_str(part))
    }
}

/// The ARN of the ECS cluster of an environment (`CE-10`).
pub(crate) fn cluster(context: &Context, environment: &ComputeEnvironment) -> String {
    ecs(context, format_args!("cluster/{}", Cluster(environment)))
}

/// The ECS task of an attempt (`DSC-6`).
pub(crate) fn task(context: &Context, environment: &ComputeEnvironment, attempt: AttemptId) -> String {
    ecs(context, format_args!("task/{}/{attempt}", Cluster(environment)))
}

/// The ECS container instance that a host is (`DSC-6`).
pub(crate) fn container_instance(context: &Context, environment: &ComputeEnvironment, host: HostId) -> String {
    ecs(context, format_args!("container-instance/{}/{host}", Cluster(environment)))
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
