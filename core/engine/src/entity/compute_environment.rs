//! Compute environments (spec section 18).

use super::Tags;
use longshore_types::{Document, Name, Timestamp};
use serde::{Deserialize, Serialize};

/// Whether a queue or environment takes new work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ResourceState {
    /// Takes new work.
    #[default]
    Enabled,
    /// Takes no new work; what it has goes on (`ST-5`, `SCH-4`).
    Disabled,
}

impl ResourceState {
    /// The state as the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "ENABLED",
            Self::Disabled => "DISABLED",
        }
    }
}

/// Where a queue or environment is in its own lifecycle (`CE-9`, `JQ-7`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ResourceStatus {
    /// Being created.
    Creating,
    /// Being changed.
    Updating,
    /// Being deleted.
    Deleting,
    /// Usable.
    #[default]
    Valid,
    /// Not usable; the status reason says why.
    Invalid,
}

impl ResourceStatus {
    /// Whether it changes by itself before long (`CE-19`).
    pub const fn is_transitional(self) -> bool {
        matches!(self, Self::Creating | Self::Updating | Self::Deleting)
    }

    /// The status as the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "CREATING",
            Self::Updating => "UPDATING",
            Self::Deleting => "DELETING",
            Self::Valid => "VALID",
            Self::Invalid => "INVALID",
        }
    }
}

/// A compute environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComputeEnvironment {
    /// Its name, unique.
    pub name: Name,
    /// Its UUID, part of the ECS cluster's name (`DSC-6`).
    pub uuid: String,
    /// MANAGED rather than UNMANAGED.
    pub managed: bool,
    /// Whether new attempts are placed in it.
    pub state: ResourceState,
    /// Its own lifecycle.
    pub status: ResourceStatus,
    /// Why it has this status.
    pub status_reason: String,
    /// `unmanagedvCpus`.
    #[serde(default)]
    pub unmanaged_vcpus: Option<i64>,
    /// `serviceRole`, as given.
    #[serde(default)]
    pub service_role: Option<String>,
    /// `computeResources` of a managed environment.
    #[serde(default)]
    pub compute: Option<ComputeResources>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
    /// When it was created.
    pub created_at: Timestamp,
    /// Other members of the request, echoed: `eksConfiguration`, `context`, `ecsSettings`, `updatePolicy`.
    #[serde(default)]
    pub document: Document,
    /// When the transition that it is in is over, as far as the clock decides it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles_at: Option<Timestamp>,
    /// Set while its infrastructure is being replaced, or deleted, under attempts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement: Option<Replacement>,
}

/// What becomes of the attempts that an environment had when its infrastructure was changed (`CE-17`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacement {
    /// Attempts placed up to then are on the old infrastructure.
    pub since: Timestamp,
    /// When they are stopped; `None` once they have been asked to.
    #[serde(default)]
    pub stop_at: Option<Timestamp>,
}

/// `computeResources` of a managed environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComputeResources {
    /// `EC2`, `SPOT`, `FARGATE`, `FARGATE_SPOT` or `ECS_MANAGED_INSTANCES`.
    pub kind: String,
    /// `minvCpus`; absent for Fargate.
    #[serde(default)]
    pub min_vcpus: Option<i64>,
    /// `maxvCpus`: caps what the environment's attempts use at once.
    pub max_vcpus: i64,
    /// `desiredvCpus`; absent for Fargate.
    #[serde(default)]
    pub desired_vcpus: Option<i64>,
    /// Every other member of `computeResources`, echoed.
    #[serde(default)]
    pub document: Document,
}

impl ComputeResources {
    /// Whether attempts here are Fargate tasks.
    pub fn is_fargate(&self) -> bool {
        self.kind.starts_with("FARGATE")
    }
}

impl ComputeEnvironment {
    /// Whether this environment runs Fargate tasks rather than EC2 ones (`JQ-2`, `SUB-5`).
    pub fn is_fargate(&self) -> bool {
        self.compute.as_ref().is_some_and(ComputeResources::is_fargate)
    }

    /// Whether this environment is an EKS cluster rather than an ECS one (`CE-8`, `SUB-5`).
    pub fn is_eks(&self) -> bool {
        self.document.0.contains_key("eksConfiguration")
    }

    /// Whether multi-node jobs may be placed in it: managed EC2 instances, not Spot ones (`MNP-4`).
    pub fn takes_multinode(&self) -> bool {
        self.managed && self.compute.as_ref().is_some_and(|compute| compute.kind == "EC2")
    }

    /// The most milli-vCPU its attempts may use at once; `None` when only the hosts limit it.
    pub fn max_vcpu_milli(&self) -> Option<u64> {
        let compute = self.compute.as_ref()?;
        Some(u64::try_from(compute.max_vcpus).unwrap_or(0).saturating_mul(1_000))
    }

    /// Whether new attempts may be placed in it (`SCH-3`). One that is being created or updated takes them: its hosts are
    /// there before it is.
    pub fn accepts_work(&self) -> bool {
        let usable = !matches!(self.status, ResourceStatus::Deleting | ResourceStatus::Invalid);
        self.state == ResourceState::Enabled && usable
    }

    /// When it has something to do by itself.
    pub(crate) fn deadline(&self) -> Option<Timestamp> {
        self.moments().min()
    }

    /// The same, of what is still to come.
    pub(crate) fn deadline_after(&self, now: Timestamp) -> Option<Timestamp> {
        self.moments().filter(|at| *at > now).min()
    }

    fn moments(&self) -> impl Iterator<Item = Timestamp> + use<> {
        self.settles_at.into_iter().chain(self.replacement.and_then(|replacement| replacement.stop_at))
    }
}
