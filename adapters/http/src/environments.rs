//! Operations on compute environments, and how an environment is written.

mod create_compute_environment;
mod delete_compute_environment;
mod describe_compute_environments;
mod update_compute_environment;

pub(crate) use create_compute_environment::create_compute_environment;
pub(crate) use delete_compute_environment::delete_compute_environment;
pub(crate) use describe_compute_environments::describe_compute_environments;
pub(crate) use update_compute_environment::update_compute_environment;

/// What ARNs of compute environments say after the account.
const KIND: &str = "compute-environment";

/// Members of `computeResources` that the engine decides on.
const SIZES: &[&str] = &["type", "minvCpus", "maxvCpus", "desiredvCpus"];

#[cfg(test)]
mod tests;
