//! What a job asks for and a host offers, in integers (`CPU-1`, `CPU-2`).

use serde::{Deserialize, Serialize};

/// An amount of each schedulable resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Resources {
    /// Processors in thousandths of a vCPU.
    pub vcpu_milli: u64,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// Whole GPUs.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub gpus: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(value: &u64) -> bool {
    *value == 0
}

impl Resources {
    /// Whether `demand` fits into this amount, in every dimension.
    pub const fn fits(self, demand: Self) -> bool {
        self.vcpu_milli >= demand.vcpu_milli && self.memory_mib >= demand.memory_mib && self.gpus >= demand.gpus
    }

    /// This amount plus `other`.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            vcpu_milli: self.vcpu_milli.saturating_add(other.vcpu_milli),
            memory_mib: self.memory_mib.saturating_add(other.memory_mib),
            gpus: self.gpus.saturating_add(other.gpus),
        }
    }

    /// This amount less `other`, zero where `other` is larger.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self {
            vcpu_milli: self.vcpu_milli.saturating_sub(other.vcpu_milli),
            memory_mib: self.memory_mib.saturating_sub(other.memory_mib),
            gpus: self.gpus.saturating_sub(other.gpus),
        }
    }

    /// The larger of both in every dimension.
    #[must_use]
    pub fn most(self, other: Self) -> Self {
        Self {
            vcpu_milli: self.vcpu_milli.max(other.vcpu_milli),
            memory_mib: self.memory_mib.max(other.memory_mib),
            gpus: self.gpus.max(other.gpus),
        }
    }
}
