//! What a request must keep to, in AWS's own words (spec section 26). Pure functions of the request and the limits: none
//! looks at the engine's state, and none changes anything.

mod compute;
mod consumable;
mod container;
mod definition;
mod ec2;
mod ecs;
mod eks;
mod environment;
mod fargate;
mod linux;
mod log_configuration;
mod multinode;
mod name;
mod policy;
mod queue;
mod resources;
mod retry;
mod scalar;
mod service;
mod tags;
mod volumes;

pub(crate) use compute::{
    created_environment, is_service_linked, replaces_infrastructure, update_policy, updated_resources,
};
pub(crate) use consumable::{
    consumable_kind, consumable_needs, merged_needs, negative_total, quantity_update, total_quantity,
};
pub(crate) use container::container;
pub(crate) use definition::{Platform, definition_kind, platform};
pub(crate) use ecs::ecs_properties;
pub(crate) use eks::{eks_definition, pod};
pub(crate) use environment::environment;
pub(crate) use multinode::{covered, instance_types, node_count, node_properties, node_range, same_instance_type};
pub(crate) use name::{Named, name};
pub(crate) use policy::{both_kinds, fair_share, policy_kind, share_identifier};
pub(crate) use queue::{environment_order, priority, queue_type, state, time_limit_actions};
pub(crate) use resources::resource_requirements;
pub(crate) use retry::retry_strategy;
pub(crate) use scalar::{scheduling_priority, timeout};
pub(crate) use service::{SERVICE_TYPE, capacity_limits, quota_share, service_job, service_type};
pub(crate) use tags::{tag_count, tag_key, tags};

use crate::error::Error;
use container::container_document;

/// Refuses with `text` unless `holds`.
fn require(holds: bool, text: impl Into<String>) -> Result<(), Error> {
    if holds { Ok(()) } else { Err(Error::invalid(text)) }
}

/// Whether a check refuses, and in which words: the boundary that every rule's tests go through.
#[cfg(test)]
pub(crate) fn check_refused<T: std::fmt::Debug>(result: Result<T, Error>, text: &str) {
    assert_eq!(result.map(|_| ()).map_err(|error| error.to_string()), Err(text.to_owned()));
}
