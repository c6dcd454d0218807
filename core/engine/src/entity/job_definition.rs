//! Job definitions (spec section 17).

use super::{ConsumableNeed, Tags, Work};
use longshore_types::{Document, Name, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A revision of a job definition: `name:revision`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DefinitionId {
    /// The definition's name.
    pub name: Name,
    /// The revision, from 1 (`JD-1`).
    pub revision: u32,
}

impl fmt::Display for DefinitionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.name, self.revision)
    }
}

/// `type` of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DefinitionKind {
    /// One host runs the job.
    Container,
    /// A multi-node parallel job.
    Multinode,
}

/// What a matching `evaluateOnExit` entry decides (`RTY-4`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RetryAction {
    /// Try again while attempts are left.
    Retry,
    /// Fail now.
    Exit,
}

/// One entry of `evaluateOnExit`; patterns follow `RTY-7`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvaluateOnExit {
    /// Pattern for the status reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_status_reason: Option<String>,
    /// Pattern for the container's reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_reason: Option<String>,
    /// Pattern for the decimal exit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_exit_code: Option<String>,
    /// The decision.
    pub action: RetryAction,
    /// The action as it was written, echoed (`WIRE-9`).
    pub action_text: String,
}

/// How often and when a failed attempt is tried again (`RTY-1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryStrategy {
    /// Most attempts, 1 to 10.
    pub attempts: u32,
    /// Evaluated in order; the first match decides.
    #[serde(default)]
    pub evaluate_on_exit: Vec<EvaluateOnExit>,
}

/// A revision of a job definition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobDefinition {
    /// Name and revision.
    pub id: DefinitionId,
    /// ACTIVE rather than INACTIVE (`JD-3`).
    pub active: bool,
    /// `type`.
    pub kind: DefinitionKind,
    /// Default parameters (`RES-3`).
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// `schedulingPriority`.
    #[serde(default)]
    pub scheduling_priority: Option<i64>,
    /// What its jobs run: `containerProperties`, `ecsProperties`.
    #[serde(default)]
    pub work: Option<Work>,
    /// `retryStrategy`.
    #[serde(default)]
    pub retry: Option<RetryStrategy>,
    /// `timeout.attemptDurationSeconds`.
    #[serde(default)]
    pub timeout_s: Option<u64>,
    /// `propagateTags`, if given.
    #[serde(default)]
    pub propagate_tags: Option<bool>,
    /// `platformCapabilities`, as given.
    #[serde(default)]
    pub platform_capabilities: Vec<String>,
    /// What jobs need of consumable resources (`CR-2`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consumables: Vec<ConsumableNeed>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// When it was deregistered.
    #[serde(default)]
    pub deregistered_at: Option<Timestamp>,
    /// Other members, echoed: `nodeProperties`, `ecsProperties`, `eksProperties`, `consumableResourceProperties`.
    #[serde(default)]
    pub document: Document,
}
