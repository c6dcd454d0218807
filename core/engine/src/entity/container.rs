//! What a job's container is: the members of `containerProperties` that decide something, and the rest, echoed.

use longshore_types::{Document, Resources};
use serde::{Deserialize, Serialize};

/// One environment variable; the API allows a missing value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentVariable {
    /// Its name.
    pub name: String,
    /// Its value, if one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// A kind of `resourceRequirements` entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ResourceKind {
    /// Whole GPUs.
    Gpu,
    /// Virtual processors.
    Vcpu,
    /// MiB of memory.
    Memory,
}

impl ResourceKind {
    /// The kind as the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gpu => "GPU",
            Self::Vcpu => "VCPU",
            Self::Memory => "MEMORY",
        }
    }
}

/// One entry of `resourceRequirements`, the value as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceRequirement {
    /// What is asked for.
    pub kind: ResourceKind,
    /// How much: a decimal number (vCPUs, MiB, GPUs).
    pub value: String,
}

/// A container as registered, or as it will run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Container {
    /// The image; `host` runs the command as a process of the host.
    pub image: String,
    /// Replaces the image's ENTRYPOINT unless empty; only pods have it (`ENV-4`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entrypoint: Vec<String>,
    /// The command; empty means the image's own (`ENV-4`).
    #[serde(default)]
    pub command: Vec<String>,
    /// Environment variables in the order given.
    #[serde(default)]
    pub environment: Vec<EnvironmentVariable>,
    /// `resourceRequirements` in the order given.
    #[serde(default)]
    pub resource_requirements: Vec<ResourceRequirement>,
    /// The deprecated `vcpus`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vcpus: Option<i64>,
    /// The deprecated `memory`, MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<i64>,
    /// `instanceType`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_type: Option<String>,
    /// The user to run as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The log group, when `logConfiguration` names one (`awslogs-group`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_group: Option<String>,
    /// The first part of the log stream's name, when `logConfiguration` names one (`awslogs-stream-prefix`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_stream_prefix: Option<String>,
    /// Every other member of `containerProperties` (and `logConfiguration` whole), echoed.
    #[serde(default, skip_serializing_if = "Document::is_empty")]
    pub document: Document,
}

impl Container {
    /// What the container asks of a host: `resourceRequirements` first, then the deprecated members.
    /// Values were validated at registration and submission; what cannot be read counts as zero.
    pub fn demand(&self) -> Resources {
        let entry = |kind| self.resource_requirements.iter().find(|entry| entry.kind == kind);
        let whole = |value: Option<i64>| value.and_then(|value| u64::try_from(value).ok()).unwrap_or(0);
        let vcpu = entry(ResourceKind::Vcpu).and_then(|entry| parse_milli(&entry.value));
        let memory = entry(ResourceKind::Memory).and_then(|entry| entry.value.parse().ok());
        let gpus = entry(ResourceKind::Gpu).and_then(|entry| entry.value.parse().ok());
        Resources {
            vcpu_milli: vcpu.unwrap_or_else(|| whole(self.vcpus).saturating_mul(1_000)),
            memory_mib: memory.unwrap_or_else(|| whole(self.memory)),
            gpus: gpus.unwrap_or(0),
        }
    }
}

/// Parses a decimal vCPU count such as `4` or `0.25` into thousandths; `None` when it is not one or is finer than that.
pub(crate) fn parse_milli(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > 3 || text.ends_with('.') {
        return None;
    }
    let thousandths: u64 = format!("{fraction:0<3}").parse().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(1_000)?.checked_add(thousandths)
}

#[cfg(test)]
mod tests;
