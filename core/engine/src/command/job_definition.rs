//! RegisterJobDefinition and the inputs that SubmitJob shares with it.

use super::ConsumableInput;
use crate::entity::{EnvironmentVariable, Tags};
use longshore_types::Document;
use std::collections::BTreeMap;

/// `retryStrategy` as written (`RTY-4`, `RTY-8`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RetryStrategyInput {
    /// `attempts`.
    pub attempts: Option<i64>,
    /// `evaluateOnExit`.
    pub evaluate_on_exit: Vec<EvaluateOnExitInput>,
}

/// One entry of `evaluateOnExit` as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EvaluateOnExitInput {
    /// `onStatusReason`.
    pub on_status_reason: Option<String>,
    /// `onReason`.
    pub on_reason: Option<String>,
    /// `onExitCode`.
    pub on_exit_code: Option<String>,
    /// `action`, in any case (`WIRE-9`).
    pub action: String,
}

/// `containerProperties` as written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContainerInput {
    /// `image`.
    pub image: Option<String>,
    /// `command`.
    pub command: Vec<String>,
    /// `environment`; names may be missing and are checked (`SUB-13`).
    pub environment: Vec<(Option<String>, EnvironmentVariable)>,
    /// `resourceRequirements` as (type, value).
    pub resource_requirements: Vec<(String, String)>,
    /// The deprecated `vcpus`.
    pub vcpus: Option<i64>,
    /// The deprecated `memory`.
    pub memory: Option<i64>,
    /// `instanceType`.
    pub instance_type: Option<String>,
    /// `user`.
    pub user: Option<String>,
    /// Every other member, echoed.
    pub document: Document,
}

/// RegisterJobDefinition.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegisterJobDefinition {
    /// `jobDefinitionName`.
    pub name: String,
    /// `type`: `container` or `multinode`.
    pub kind: String,
    /// `parameters`.
    pub parameters: BTreeMap<String, String>,
    /// `schedulingPriority`.
    pub scheduling_priority: Option<i64>,
    /// `containerProperties`.
    pub container: Option<ContainerInput>,
    /// `retryStrategy`.
    pub retry: Option<RetryStrategyInput>,
    /// `propagateTags`.
    pub propagate_tags: Option<bool>,
    /// `timeout`, whose member may be missing.
    pub timeout_s: Option<Option<i64>>,
    /// `consumableResourceProperties`, also in `document`.
    pub consumables: Vec<ConsumableInput>,
    /// `tags`.
    pub tags: Tags,
    /// `platformCapabilities`.
    pub platform_capabilities: Vec<String>,
    /// `nodeProperties`, `ecsProperties`, `eksProperties`, `consumableResourceProperties`, echoed.
    pub document: Document,
    /// Size of the request body in bytes (`JD-2`).
    pub body_bytes: usize,
}
