//! Attempts as ECS tasks: the ids that clients look for, and what each attempt left (`DSC-4`, `DSC-6`).

use super::nodes::network_interfaces;
use super::read::Environments;
use super::task;
use crate::arn;
use crate::context::Context;
use longshore_api_batch::types::{AttemptContainerDetail, AttemptDetail, NetworkInterface};
use longshore_engine::entity::{FinishedAttempt, Run};
use longshore_types::{AttemptId, HostId, JobStatus, Name};

/// What the latest attempt shows of itself.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Trace {
    pub(super) container_instance_arn: Option<String>,
    pub(super) task_arn: Option<String>,
    pub(super) exit_code: Option<i64>,
    pub(super) reason: Option<String>,
    pub(super) log_stream_name: Option<String>,
    pub(super) network_interfaces: Vec<NetworkInterface>,
}

/// The attempt that is under way, else the last one; nothing before the first is placed (`DSC-3`).
pub(super) fn latest(context: &Context, environments: &Environments, run: &Run) -> Trace {
    let Some(current) = &run.current else {
        return run.attempts.last().map_or_else(Trace::default, |last| trace(context, environments, last));
    };
    let (task_arn, container_instance_arn) =
        arns(context, environments, (&current.environment, current.id, current.host));
    let log_stream_name = current.log_stream.clone().filter(|_| run.status >= JobStatus::Running);
    let network_interfaces = network_interfaces(current.address);
    Trace { container_instance_arn, task_arn, log_stream_name, network_interfaces, ..Trace::default() }
}

/// The attempts that are over, oldest first.
pub(super) fn details(context: &Context, environments: &Environments, run: &Run) -> Vec<AttemptDetail> {
    run.attempts.iter().map(|attempt| finished(context, environments, attempt)).collect()
}

fn finished(context: &Context, environments: &Environments, attempt: &FinishedAttempt) -> AttemptDetail {
    let trace = trace(context, environments, attempt);
    let task_properties = task::finished(attempt, &trace);
    let container = AttemptContainerDetail {
        container_instance_arn: trace.container_instance_arn,
        task_arn: trace.task_arn,
        exit_code: trace.exit_code,
        reason: trace.reason,
        log_stream_name: trace.log_stream_name,
        network_interfaces: Some(trace.network_interfaces),
    };
    AttemptDetail {
        // MC-9: of several containers each has its own.
        container: task_properties.is_none().then_some(container),
        task_properties,
        started_at: attempt.started_at.map(longshore_types::Timestamp::as_millis),
        stopped_at: Some(attempt.stopped_at.as_millis()),
        status_reason: Some(attempt.status_reason.clone()),
    }
}

fn trace(context: &Context, environments: &Environments, attempt: &FinishedAttempt) -> Trace {
    let (task_arn, container_instance_arn) =
        arns(context, environments, (&attempt.environment, attempt.id, attempt.host));
    Trace {
        container_instance_arn,
        task_arn,
        exit_code: attempt.exit_code.map(i64::from),
        reason: attempt.reason.clone(),
        log_stream_name: attempt.log_stream.clone(),
        network_interfaces: network_interfaces(attempt.address),
    }
}

/// The ARNs of an attempt's task and, except on Fargate, of its host. Both carry the environment's id, so there are none
/// once the environment is deleted.
fn arns(
    context: &Context,
    environments: &Environments,
    (environment, attempt, host): (&Name, AttemptId, HostId),
) -> (Option<String>, Option<String>) {
    let Some(environment) = environments.get(environment) else { return (None, None) };
    let instance = (!environment.is_fargate()).then(|| arn::container_instance(context, environment, host));
    (Some(arn::task(context, environment, attempt)), instance)
}
