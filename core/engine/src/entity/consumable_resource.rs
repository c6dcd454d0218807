//! Consumable resources: what jobs need that no host has, such as licences (spec section 21).

use super::Tags;
use longshore_types::{Name, Timestamp};
use serde::{Deserialize, Serialize};

/// What becomes of a quantity when the attempt that held it ends (`CR-2`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ConsumableKind {
    /// It is free again.
    #[default]
    Replenishable,
    /// It is gone.
    NonReplenishable,
}

impl ConsumableKind {
    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Replenishable => "REPLENISHABLE",
            Self::NonReplenishable => "NON_REPLENISHABLE",
        }
    }
}

/// A consumable resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConsumableResource {
    /// Its name, unique.
    pub name: Name,
    /// Tells it from others that had the same name before it: what they lent is never given back to it (`CR-4`).
    pub creation: u64,
    /// `resourceType`.
    pub kind: ConsumableKind,
    /// How much there is to be, what is in use included. Less than what is in use after it was lowered (`CR-3`).
    pub total: u64,
    /// What attempts hold now.
    pub in_use: u64,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
    /// When it was created.
    pub created_at: Timestamp,
}

impl ConsumableResource {
    /// `availableQuantity`: what jobs can be given now.
    pub const fn available(&self) -> u64 {
        self.total.saturating_sub(self.in_use)
    }

    /// `totalQuantity`: after it was lowered below what is in use, it follows as jobs finish (`CR-3`).
    pub const fn shown_total(&self) -> u64 {
        if self.total > self.in_use { self.total } else { self.in_use }
    }
}

/// What a job needs of a consumable resource, whether that exists or not (`CR-4`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ConsumableNeed {
    /// The resource, by name.
    pub resource: Name,
    /// How much of it.
    pub quantity: u64,
}

/// What an attempt holds of a consumable resource until it ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsumableHold {
    /// The resource, by name.
    pub resource: Name,
    /// Which one of that name.
    pub creation: u64,
    /// How much of it.
    pub quantity: u64,
}

/// An update that was made with a client token, remembered so that it is made once (`IDEM-2`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsumableUpdate {
    /// The resource.
    pub resource: Name,
    /// `clientToken`.
    pub token: String,
    /// What was to be done.
    pub operation: QuantityOperation,
    /// With how much.
    pub quantity: u64,
    /// When it was made.
    pub at: Timestamp,
}

/// `operation` of UpdateConsumableResource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum QuantityOperation {
    /// Have that much.
    Set,
    /// Have that much more.
    Add,
    /// Have that much less.
    Remove,
}
