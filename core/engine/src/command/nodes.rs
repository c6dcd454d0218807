//! `nodeOverrides` of SubmitJob (`MNP-9`).

use super::{ContainerOverrides, PodOverrides, TaskOverrides};

/// `nodeOverrides`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeOverrides {
    /// `numNodes`.
    pub num_nodes: Option<i64>,
    /// `nodePropertyOverrides`.
    pub properties: Vec<NodePropertyOverride>,
}

/// One entry of `nodePropertyOverrides`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodePropertyOverride {
    /// `targetNodes`, as written.
    pub target_nodes: String,
    /// `containerOverrides`.
    pub container: Option<ContainerOverrides>,
    /// `ecsPropertiesOverride`.
    pub task: Option<TaskOverrides>,
    /// `instanceTypes`.
    pub instance_types: Vec<String>,
    /// `eksPropertiesOverride`.
    pub pod: Option<PodOverrides>,
}
