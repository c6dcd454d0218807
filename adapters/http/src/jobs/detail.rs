//! One job or child as DescribeJobs shows it: what is always there, and what only when it applies (`DSC-2`).

use super::nodes::{node_details, node_properties};
use super::read::Environments;
use super::{attempts, container};
use crate::arn;
use crate::consumables::consumable_properties;
use crate::context::Context;
use crate::failure::Failure;
use longshore_api_batch::types::{
    ArrayPropertiesDetail, AttemptDetail, ContainerDetail, EcsPropertiesDetail, EksAttemptDetail, EksPropertiesDetail,
    EvaluateOnExit, JobDependency, JobDetail, JobTimeout, RetryStrategy,
};
use longshore_engine::entity::{Array, Dependency, DependencyKind, Work};
use longshore_store::JobView;
use longshore_types::{JobRef, JobStatus, Timestamp};
use std::collections::BTreeMap;

pub(crate) fn detail(context: &Context, environments: &Environments, view: &JobView) -> Result<JobDetail, Failure> {
    let (job, run, reference) = (&view.job, view.run(), view.reference());
    let spec = &job.spec;
    let tags = if view.child.is_some() { BTreeMap::new() } else { job.tags.clone() };
    Ok(JobDetail {
        job_arn: Some(arn::job(context, reference)),
        job_name: Some(job.name.to_string()),
        job_id: Some(reference.to_string()),
        job_queue: Some(arn::queue(context, job.queue.as_str())),
        status: Some(run.status.to_string()),
        share_identifier: job.share_identifier.as_deref().map(str::to_owned),
        scheduling_priority: job.scheduling_priority,
        attempts: Some(attempts(context, environments, view)),
        status_reason: run.status_reason.clone(),
        created_at: Some(created_at(view).as_millis()),
        retry_strategy: spec.retry.as_ref().map(retry),
        started_at: run.started_at.map(Timestamp::as_millis),
        stopped_at: run.stopped_at.map(Timestamp::as_millis),
        depends_on: Some(job.depends_on.iter().map(dependency).collect()),
        job_definition: Some(arn::definition(context, &job.definition)),
        parameters: Some(spec.parameters.clone()),
        container: container(context, environments, view)?,
        ecs_properties: task(context, environments, view)?,
        node_details: node_details(view),
        node_properties: node_properties(view)?,
        array_properties: array_properties(view),
        timeout: spec.timeout_s.map(timeout),
        tags: Some(tags),
        consumable_resource_properties: consumable_properties(context, &spec.consumables),
        propagate_tags: job.propagate_tags,
        platform_capabilities: Some(spec.platform_capabilities.clone()),
        eks_properties: pod(view)?,
        eks_attempts: Some(eks_attempts(environments, view)),
        is_cancelled: run.cancelled.then_some(true),
        is_terminated: run.terminated.then_some(true),
    })
}

/// What a job that is one container runs, and what its latest attempt shows.
fn container(
    context: &Context,
    environments: &Environments,
    view: &JobView,
) -> Result<Option<ContainerDetail>, Failure> {
    let Work::Container(container) = view.job.work_of(view.reference()) else { return Ok(None) };
    let trace = attempts::latest(context, environments, view.run());
    container::detail(&view.job.spec, container, trace).map(Some)
}

/// What a job that is a task of several containers runs, and what its latest attempt shows (`MC-9`).
fn task(
    context: &Context,
    environments: &Environments,
    view: &JobView,
) -> Result<Option<EcsPropertiesDetail>, Failure> {
    let Work::Task(task) = view.job.work_of(view.reference()) else { return Ok(None) };
    let trace = attempts::latest(context, environments, view.run());
    super::task::detail(task, view.run(), trace).map(Some)
}

/// What a job that is a pod runs, and what its latest attempt shows (`DSC-5`).
fn pod(view: &JobView) -> Result<Option<EksPropertiesDetail>, Failure> {
    let Work::Pod(pod) = view.job.work_of(view.reference()) else { return Ok(None) };
    super::pod::detail(pod, view.run()).map(Some)
}

/// The attempts that are over, unless they are pods.
fn attempts(context: &Context, environments: &Environments, view: &JobView) -> Vec<AttemptDetail> {
    match view.job.work_of(view.reference()) {
        Work::Container(_) | Work::Task(_) | Work::Nodes(_) => attempts::details(context, environments, view.run()),
        Work::Pod(_) => Vec::new(),
    }
}

/// The attempts that are over, if they are pods.
fn eks_attempts(environments: &Environments, view: &JobView) -> Vec<EksAttemptDetail> {
    let Work::Pod(pod) = view.job.work_of(view.reference()) else { return Vec::new() };
    super::pod::attempts(environments, pod, view.run())
}

/// When it came into being; for a child that is when its array spawned it (`ARR-5`).
pub(super) fn created_at(view: &JobView) -> Timestamp {
    let spawned_at = view.child.as_ref().and(view.job.array.as_ref()).and_then(|array| array.spawned_at);
    spawned_at.unwrap_or(view.job.created_at)
}

/// Children per status, all seven named (`ARR-7`).
pub(super) fn status_summary(array: &Array) -> BTreeMap<String, i64> {
    let count = |status: JobStatus| (status.as_str().to_owned(), i64::from(array.counts[status as usize]));
    JobStatus::ALL.into_iter().map(count).collect()
}

fn array_properties(view: &JobView) -> Option<ArrayPropertiesDetail> {
    if let JobRef::Child(_, index) = view.reference() {
        return Some(ArrayPropertiesDetail {
            index: Some(i64::from(index)),
            status_summary: Some(BTreeMap::new()),
            ..ArrayPropertiesDetail::default()
        });
    }
    view.job.array.as_ref().map(|array| ArrayPropertiesDetail {
        size: Some(i64::from(array.size)),
        status_summary: Some(status_summary(array)),
        status_summary_last_updated_at: array.counted_at.map(Timestamp::as_millis),
        index: None,
    })
}

fn dependency(entry: &Dependency) -> JobDependency {
    let kind = entry.kind.map(|kind| match kind {
        DependencyKind::NToN => "N_TO_N",
        DependencyKind::Sequential => "SEQUENTIAL",
    });
    JobDependency { job_id: entry.target.map(|target| target.to_string()), kind: kind.map(ToOwned::to_owned) }
}

pub(crate) fn retry(strategy: &longshore_engine::entity::RetryStrategy) -> RetryStrategy {
    let entry = |entry: &longshore_engine::entity::EvaluateOnExit| EvaluateOnExit {
        on_status_reason: entry.on_status_reason.clone(),
        on_reason: entry.on_reason.clone(),
        on_exit_code: entry.on_exit_code.clone(),
        action: Some(entry.action_text.clone()),
    };
    RetryStrategy {
        attempts: Some(i64::from(strategy.attempts)),
        evaluate_on_exit: Some(strategy.evaluate_on_exit.iter().map(entry).collect()),
    }
}

pub(crate) fn timeout(seconds: u64) -> JobTimeout {
    JobTimeout { attempt_duration_seconds: Some(i64::try_from(seconds).unwrap_or(i64::MAX)) }
}
