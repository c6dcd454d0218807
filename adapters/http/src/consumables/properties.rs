//! `consumableResourceProperties` of definitions and jobs (`CR-2`).

use super::{KIND, quantity};
use crate::arn;
use crate::context::Context;
use longshore_api_batch::types::{ConsumableResourceProperties, ConsumableResourceRequirement};
use longshore_engine::command::ConsumableInput;
use longshore_engine::entity::ConsumableNeed;

/// What a request lists, with names out of ARNs.
pub(crate) fn consumable_inputs(properties: Option<&ConsumableResourceProperties>) -> Vec<ConsumableInput> {
    let list = properties.and_then(|properties| properties.consumable_resource_list.as_deref()).unwrap_or_default();
    let input = |entry: &ConsumableResourceRequirement| ConsumableInput {
        resource: arn::name_of(KIND, entry.consumable_resource.as_deref().unwrap_or_default()).to_owned(),
        quantity: entry.quantity,
    };
    list.iter().map(input).collect()
}

/// What a job needs, with full ARNs (`ID-4`); absent when it needs nothing.
pub(crate) fn consumable_properties(
    context: &Context,
    needs: &[ConsumableNeed],
) -> Option<ConsumableResourceProperties> {
    let entry = |need: &ConsumableNeed| ConsumableResourceRequirement {
        consumable_resource: Some(arn::consumable(context, need.resource.as_str())),
        quantity: quantity(need.quantity),
    };
    let list = Some(needs.iter().map(entry).collect());
    (!needs.is_empty()).then_some(ConsumableResourceProperties { consumable_resource_list: list })
}
