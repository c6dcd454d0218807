//! Operations on service jobs (`SVC-3`, `SVC-5`).

mod describe_service_job;
mod list_service_jobs;
mod submit_service_job;
mod terminate_service_job;
mod terminate_service_jobs;
mod update_service_job;

pub(crate) use describe_service_job::describe_service_job;
pub(crate) use list_service_jobs::list_service_jobs;
pub(crate) use submit_service_job::submit_service_job;
pub(crate) use terminate_service_job::terminate_service_job;
pub(crate) use terminate_service_jobs::terminate_service_jobs;
pub(crate) use update_service_job::update_service_job;

use crate::arn;
use longshore_types::JobId;

/// The job in `text`, which is an id or an ARN; `None` when it can be neither.
fn job_id(text: &str) -> Option<JobId> {
    arn::name_of("service-job", text).parse().ok()
}

#[cfg(test)]
mod tests;
