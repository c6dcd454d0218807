//! Commands on consumable resources, and what jobs need of them.

use crate::entity::Tags;

/// CreateConsumableResource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreateConsumableResource {
    /// `consumableResourceName`.
    pub name: String,
    /// `totalQuantity`.
    pub total: Option<i64>,
    /// `resourceType`.
    pub kind: Option<String>,
    /// `tags`.
    pub tags: Tags,
}

/// UpdateConsumableResource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpdateConsumableResource {
    /// `consumableResource`, by name.
    pub name: String,
    /// `operation`.
    pub operation: Option<String>,
    /// `quantity`.
    pub quantity: Option<i64>,
    /// `clientToken`.
    pub client_token: Option<String>,
}

/// One entry of `consumableResourceProperties.consumableResourceList`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsumableInput {
    /// `consumableResource`, by name.
    pub resource: String,
    /// `quantity`.
    pub quantity: Option<i64>,
}
