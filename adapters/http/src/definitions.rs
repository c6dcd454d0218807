//! Operations on job definitions, and how a definition is written.

mod deregister_job_definition;
mod describe_job_definitions;
mod register_job_definition;

pub(crate) use deregister_job_definition::deregister_job_definition;
pub(crate) use describe_job_definitions::describe_job_definitions;
pub(crate) use register_job_definition::register_job_definition;

#[cfg(test)]
mod tests;
