//! The job operations: submitting, reading and ending jobs. One file per operation; what they share is how a job, its
//! container and its attempts are written.

mod attempts;
pub(crate) mod bulk;
mod cancel_job;
mod cancel_jobs;
mod container;
mod describe_jobs;
mod detail;
#[cfg(test)]
pub(crate) mod fixture;
mod list_jobs;
mod nodes;
mod pod;
mod read;
mod selection;
mod submit_job;
mod task;
mod terminate_job;
mod terminate_jobs;
mod waits;

pub(crate) use cancel_job::cancel_job;
pub(crate) use cancel_jobs::cancel_jobs;
pub(crate) use container::properties;
pub(crate) use describe_jobs::describe_jobs;
pub(crate) use detail::{detail, retry, timeout};
pub(crate) use list_jobs::list_jobs;
pub(crate) use pod::properties as pod_properties;
pub(crate) use read::{Environments, environments_of};
pub(crate) use selection::pattern;
pub(crate) use submit_job::{retry_input, submit_job};
pub(crate) use task::properties as task_properties;
pub(crate) use terminate_job::terminate_job;
pub(crate) use terminate_jobs::terminate_jobs;
