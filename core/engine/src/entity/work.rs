//! What a job runs, by the kind of its definition: one container, a task of several (spec section 13), a pod, or one of
//! them on each of its nodes (spec section 9).

use super::{Container, Nodes, Pod};
use longshore_protocol::{ContainerDependency, TaskEnd};
use longshore_types::{Document, Resources};
use serde::{Deserialize, Serialize};

/// What a definition describes and an attempt runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// One container: `containerProperties`.
    Container(Container),
    /// Containers that run together: `ecsProperties`.
    Task(Task),
    /// A pod: `eksProperties`.
    Pod(Pod),
    /// A container or task per node: `nodeProperties`.
    Nodes(Nodes),
}

/// Containers that run together on one host: `ecsProperties.taskProperties[0]` (`MC-1`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Its containers in the order given, at least one of them essential.
    pub containers: Vec<TaskContainer>,
    /// Every other member of the task (`volumes`, `executionRoleArn`, …), echoed (`MC-6`).
    #[serde(default, skip_serializing_if = "Document::is_empty")]
    pub document: Document,
    /// When the task ends.
    #[serde(default)]
    pub end: TaskEnd,
}

/// One container of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskContainer {
    /// Its name, the only one of its kind in the task.
    pub name: String,
    /// Whether the task ends when it does; `None` means that it does (`MC-3`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub essential: Option<bool>,
    /// What it waits for before it starts (`MC-2`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<ContainerDependency>,
    /// Seconds after its start within which it must be what COMPLETE and SUCCESS dependencies wait for (`MC-4`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_timeout_s: Option<u64>,
    /// Seconds between SIGTERM and SIGKILL (`MC-4`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_timeout_s: Option<u64>,
    /// What runs.
    pub container: Container,
}

impl Work {
    /// What an attempt asks of a host: the sum over its containers (`MC-5`); of all hosts together, the sum over the nodes.
    pub fn demand(&self) -> Resources {
        match self {
            Self::Nodes(nodes) => return nodes.demand(),
            Self::Pod(pod) => return pod.demand(),
            Self::Container(_) | Self::Task(_) => {}
        }
        self.containers().into_iter().fold(Resources::default(), |sum, container| sum.plus(container.demand()))
    }

    /// Whether it runs on EKS: a pod, or pods on nodes.
    pub fn is_pod(&self) -> bool {
        match self {
            Self::Container(_) | Self::Task(_) => false,
            Self::Pod(_) => true,
            Self::Nodes(nodes) => nodes.groups.iter().any(|group| group.work.is_pod()),
        }
    }

    /// When an attempt ends.
    pub const fn end(&self) -> TaskEnd {
        match self {
            Self::Container(_) | Self::Nodes(_) => TaskEnd::AnyEssential,
            Self::Task(task) | Self::Pod(Pod { task, .. }) => task.end,
        }
    }

    /// The containers in the order given; of nodes those of every range.
    pub fn containers(&self) -> Vec<&Container> {
        match self {
            Self::Container(container) => vec![container],
            Self::Task(task) | Self::Pod(Pod { task, .. }) => {
                task.containers.iter().map(|part| &part.container).collect()
            }
            Self::Nodes(nodes) => nodes.groups.iter().flat_map(|group| group.work.containers()).collect(),
        }
    }
}

impl TaskContainer {
    /// Whether the task ends when it does (`MC-3`).
    pub fn is_essential(&self) -> bool {
        self.essential.unwrap_or(true)
    }
}
