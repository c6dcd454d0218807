//! [`Gpu`]: one of them, and whose it is.

use crate::Edits;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Who made it, and so by which variables programs are told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Vendor {
    /// NVIDIA's.
    Nvidia,
    /// AMD's.
    Amd,
}

impl Vendor {
    /// Whose devices of a kind of CDI's are; none if they are no GPUs that this crate knows.
    pub(crate) fn of_kind(kind: &str) -> Option<Self> {
        match kind {
            "nvidia.com/gpu" => Some(Self::Nvidia),
            "amd.com/gpu" => Some(Self::Amd),
            _ => None,
        }
    }
}

/// A GPU of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gpu {
    /// Whose it is.
    pub vendor: Vendor,
    /// What the vendor's programs call it: its UUID, or its number.
    pub name: String,
    /// What operators find it by: `nvidia.com/gpu=0` of CDI, or its device node.
    pub known_as: String,
    /// Whether CDI describes it; an engine can be asked for it then.
    pub by_cdi: bool,
    /// What a container needs in order to use it.
    pub edits: Edits,
}

impl Gpu {
    /// Whether programs can be told of it by its name.
    pub(crate) fn has_usable_name(&self) -> bool {
        is_number(&self.name) || is_uuid(&self.name)
    }
}

impl fmt::Display for Gpu {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.known_as)
    }
}

pub(crate) fn is_number(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// As drivers write it, of a whole GPU or of a part that the driver has made of one.
pub(crate) fn is_uuid(name: &str) -> bool {
    name.starts_with("GPU-") || name.starts_with("MIG-")
}
