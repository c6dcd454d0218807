//! Operations on job queues, and how a queue is written.

mod create_job_queue;
mod delete_job_queue;
mod describe_job_queues;
mod get_job_queue_snapshot;
mod update_job_queue;

pub(crate) use create_job_queue::create_job_queue;
pub(crate) use delete_job_queue::delete_job_queue;
pub(crate) use describe_job_queues::describe_job_queues;
pub(crate) use get_job_queue_snapshot::get_job_queue_snapshot;
pub(crate) use update_job_queue::update_job_queue;

use crate::arn;
use longshore_api_batch::types::{ComputeEnvironmentOrder, ServiceEnvironmentOrder};
use longshore_engine::command::EnvironmentOrderInput;

/// What ARNs of job queues say after the account.
const KIND: &str = "job-queue";

/// `computeEnvironmentOrder`, with names out of ARNs.
fn order(entries: Vec<ComputeEnvironmentOrder>) -> Vec<EnvironmentOrderInput> {
    let entry = |entry: ComputeEnvironmentOrder| EnvironmentOrderInput {
        order: entry.order.unwrap_or_default(),
        environment: arn::name_of("compute-environment", &entry.compute_environment.unwrap_or_default()).to_owned(),
    };
    entries.into_iter().map(entry).collect()
}

/// `serviceEnvironmentOrder`, with names out of ARNs.
fn service_order(entries: Vec<ServiceEnvironmentOrder>) -> Vec<EnvironmentOrderInput> {
    let entry = |entry: ServiceEnvironmentOrder| EnvironmentOrderInput {
        order: entry.order.unwrap_or_default(),
        environment: arn::name_of("service-environment", &entry.service_environment.unwrap_or_default()).to_owned(),
    };
    entries.into_iter().map(entry).collect()
}

#[cfg(test)]
mod tests;
