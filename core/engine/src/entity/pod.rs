//! What an EKS job runs: a pod (spec section 14). The pod is kept as the JSON that Kubernetes would get, overrides applied
//! and parameters substituted, beside what is run of it: a task whose first containers are the pod's init containers.

use super::{Container, EnvironmentVariable, ResourceKind, ResourceRequirement, Task, TaskContainer, parse_milli};
use longshore_protocol::{Condition, ContainerDependency, TaskEnd};
use longshore_types::{Document, Resources};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The name of a container that has none (`EKS-1`).
pub(crate) const DEFAULT_CONTAINER: &str = "Default";

/// What a container asks for that says nothing: the smallest amounts that can be asked for (`EKS-2`).
const LEAST: Resources = Resources { vcpu_milli: 250, memory_mib: 4, gpus: 0 };

const HOST_NETWORK: &str = "hostNetwork";

/// A pod.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pod {
    /// `podProperties`.
    pub properties: Document,
    /// Its init containers, then its containers, as they are run.
    pub task: Task,
    /// How many of the task's containers are init containers.
    #[serde(default)]
    pub init_containers: usize,
}

impl Pod {
    /// The pod that `podProperties` describe. Init containers run one after the other, each to success, before the
    /// others start; the job succeeds when all the others exit with 0 (`EKS-1`).
    pub(crate) fn new(properties: Document) -> Self {
        let context = properties.0.get("securityContext").cloned().unwrap_or_default();
        let listed = |member: &str| properties.0.get(member).and_then(Value::as_array).into_iter().flatten();
        let mut containers: Vec<TaskContainer> = Vec::new();
        for entry in listed("initContainers") {
            let after = containers.last().map(succeeded).into_iter().collect();
            containers.push(TaskContainer { essential: Some(false), ..container(entry, &context, after) });
        }
        let init_containers = containers.len();
        let after: Vec<ContainerDependency> = containers.last().map(succeeded).into_iter().collect();
        containers.extend(listed("containers").map(|entry| container(entry, &context, after.clone())));
        let task = Task { containers, document: shared(&properties), end: TaskEnd::AllEssential };
        Self { properties, task, init_containers }
    }

    /// What the pod asks of a host: its containers together, or one init container if that asks for more.
    pub fn demand(&self) -> Resources {
        let (init, others) = self.task.containers.split_at(self.init_containers.min(self.task.containers.len()));
        let demand = |part: &TaskContainer| part.container.demand();
        let together = others.iter().map(demand).fold(Resources::default(), Resources::plus);
        init.iter().map(demand).fold(together, Resources::most)
    }
}

/// What holds for all of its containers: whether they are on the host's network (`EKS-3`).
fn shared(properties: &Document) -> Document {
    let member = properties.0.get(HOST_NETWORK).filter(|value| value.is_boolean());
    Document(member.map(|value| (HOST_NETWORK.to_owned(), value.clone())).into_iter().collect())
}

/// To wait until this container has succeeded.
fn succeeded(before: &TaskContainer) -> ContainerDependency {
    ContainerDependency { container: before.name.clone(), condition: Condition::Success }
}

fn container(entry: &Value, pod_context: &Value, depends_on: Vec<ContainerDependency>) -> TaskContainer {
    let texts = |member: &str| -> Vec<String> {
        let items = entry[member].as_array().into_iter().flatten();
        items.filter_map(Value::as_str).map(ToOwned::to_owned).collect()
    };
    let container = Container {
        image: entry["image"].as_str().unwrap_or_default().to_owned(),
        entrypoint: texts("command"),
        command: texts("args"),
        environment: entry["env"].as_array().into_iter().flatten().map(variable).collect(),
        resource_requirements: requirements(&entry["resources"]),
        user: user(&entry["securityContext"], pod_context),
        ..Container::default()
    };
    TaskContainer {
        name: entry["name"].as_str().unwrap_or(DEFAULT_CONTAINER).to_owned(),
        essential: None,
        depends_on,
        start_timeout_s: None,
        stop_timeout_s: None,
        container,
    }
}

fn variable(entry: &Value) -> EnvironmentVariable {
    let name = entry["name"].as_str().unwrap_or_default().to_owned();
    EnvironmentVariable { name, value: entry["value"].as_str().map(ToOwned::to_owned) }
}

/// `uid` or `uid:gid`.
fn user(context: &Value, pod_context: &Value) -> Option<String> {
    let number = |member: &str| context[member].as_u64().or_else(|| pod_context[member].as_u64());
    let user = number("runAsUser")?;
    Some(number("runAsGroup").map_or_else(|| user.to_string(), |group| format!("{user}:{group}")))
}

/// What it asks of the host: requests, or limits where there is no request (`EKS-2`).
fn requirements(resources: &Value) -> Vec<ResourceRequirement> {
    let asked = |kind: &str| resources["requests"][kind].as_str().or_else(|| resources["limits"][kind].as_str());
    let vcpu_milli = asked("cpu").and_then(cpu_milli).unwrap_or(LEAST.vcpu_milli);
    let memory_mib = asked("memory").and_then(memory_mib).unwrap_or(LEAST.memory_mib);
    let gpus: u64 = asked("nvidia.com/gpu").and_then(|text| text.parse().ok()).unwrap_or(LEAST.gpus);
    let vcpus = format!("{}.{:03}", vcpu_milli / 1_000, vcpu_milli % 1_000);
    [(ResourceKind::Vcpu, vcpus), (ResourceKind::Memory, memory_mib.to_string()), (ResourceKind::Gpu, gpus.to_string())]
        .into_iter()
        .map(|(kind, value)| ResourceRequirement { kind, value })
        .collect()
}

/// A quantity of cpu, `500m` or `0.5`, in thousandths.
pub(crate) fn cpu_milli(text: &str) -> Option<u64> {
    match text.strip_suffix('m') {
        Some(milli) => milli.parse().ok(),
        None => parse_milli(text),
    }
}

/// A quantity of memory, `64Mi`, in MiB.
pub(crate) fn memory_mib(text: &str) -> Option<u64> {
    text.strip_suffix("Mi").and_then(|number| number.parse().ok())
}

#[cfg(test)]
mod tests;
