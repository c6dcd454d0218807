//! Operations on service environments, and how one is written.

mod create_service_environment;
mod delete_service_environment;
mod describe_service_environments;
mod update_service_environment;

pub(crate) use create_service_environment::create_service_environment;
pub(crate) use delete_service_environment::delete_service_environment;
pub(crate) use describe_service_environments::describe_service_environments;
pub(crate) use update_service_environment::update_service_environment;

use longshore_api_batch::types::CapacityLimit;
use longshore_engine::entity;

/// What ARNs of service environments say after the account.
const KIND: &str = "service-environment";

/// `capacityLimits` of a request.
fn limits(limits: Vec<CapacityLimit>) -> Vec<entity::CapacityLimit> {
    let limit = |limit: CapacityLimit| entity::CapacityLimit {
        max_capacity: limit.max_capacity.unwrap_or_default(),
        capacity_unit: limit.capacity_unit.unwrap_or_default(),
    };
    limits.into_iter().map(limit).collect()
}

#[cfg(test)]
mod tests;
