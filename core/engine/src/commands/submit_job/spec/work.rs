//! What runs, of what the definition says and the submission overrides (`RES-2`, `RES-3`): container by container.

use crate::command::{ContainerOverrides, PodOverrides, SubmitJob, TaskOverrides};
use crate::entity::{Container, Pod, ResourceRequirement, Task, TaskContainer, Work};
use crate::error::Error;
use crate::resolve;
use crate::validate::{self, Platform};
use longshore_types::Limits;
use std::collections::BTreeMap;

/// What the resolution of every container of a job keeps to.
pub(super) struct Resolution<'a> {
    pub(super) parameters: &'a BTreeMap<String, String>,
    pub(super) platform: Platform,
    pub(super) limits: &'a Limits,
}

impl Resolution<'_> {
    pub(super) fn work(&self, work: &Work, command: &SubmitJob) -> Result<Work, Error> {
        match work {
            Work::Container(container) => {
                self.container(container, command.container_overrides.as_ref()).map(Work::Container)
            }
            Work::Task(task) => self.task(task, command.task_overrides.as_ref()).map(Work::Task),
            Work::Nodes(nodes) => self.nodes(nodes, command.node_overrides.as_ref()).map(Work::Nodes),
            Work::Pod(pod) => self.pod(pod, command.pod_overrides.as_ref()).map(Work::Pod),
        }
    }

    /// The overridden pod is checked as a definition's is (`EKS-9`).
    pub(super) fn pod(&self, pod: &Pod, overrides: Option<&PodOverrides>) -> Result<Pod, Error> {
        let overrides = overrides.cloned().unwrap_or_default();
        self.check_length(overrides.json_chars)?;
        let members = pod.properties.0.clone();
        validate::pod(resolve::pod(members, &overrides.properties, self.parameters)?)
    }

    /// Overrides reach the containers that they name (`MC-8`).
    pub(super) fn task(&self, task: &Task, overrides: Option<&TaskOverrides>) -> Result<Task, Error> {
        let named = overrides.map_or(Ok(&[][..]), |overrides| self.named(task, overrides))?;
        let part = |part: &TaskContainer| {
            let own = named.iter().find(|(name, _)| *name == part.name).map(|(_, overrides)| overrides);
            let container = self.container(&part.container, own)?;
            Ok(TaskContainer { container, ..part.clone() })
        };
        let containers = task.containers.iter().map(part).collect::<Result<_, Error>>()?;
        Ok(Task { containers, ..task.clone() })
    }

    /// AWS's texts for what is wrong with the task or its names are not known.
    fn named<'a>(
        &self,
        task: &Task,
        overrides: &'a TaskOverrides,
    ) -> Result<&'a [(String, ContainerOverrides)], Error> {
        self.check_length(overrides.json_chars)?;
        let named = match overrides.tasks.as_slice() {
            [] => &[][..],
            [only] => only,
            _ => return Err(Error::invalid("ecsPropertiesOverride can have at most 1 taskProperties.")),
        };
        for (index, (name, _)) in named.iter().enumerate() {
            let defined = task.containers.iter().any(|part| part.name == *name);
            if !defined {
                return Err(Error::invalid(format!("containerName {name} must reference a defined container.")));
            }
            if named[..index].iter().any(|(earlier, _)| earlier == name) {
                return Err(Error::invalid(format!("ecsPropertiesOverride names container {name} more than once.")));
            }
        }
        Ok(named)
    }

    pub(super) fn container(
        &self,
        container: &Container,
        overrides: Option<&ContainerOverrides>,
    ) -> Result<Container, Error> {
        let mut container = match overrides {
            None => container.clone(),
            Some(overrides) => {
                let requirements = self.check(overrides)?;
                resolve::apply_overrides(container, overrides, &requirements)
            }
        };
        container.command = resolve::substitute(&container.command, self.parameters)?;
        Ok(container)
    }

    fn check(&self, overrides: &ContainerOverrides) -> Result<Vec<ResourceRequirement>, Error> {
        self.check_length(overrides.json_chars)?;
        if overrides.command.iter().flatten().any(String::is_empty) {
            return Err(Error::invalid("Container Overrides command must not contain an empty string."));
        }
        validate::environment(&overrides.environment)?;
        validate::resource_requirements(&overrides.resource_requirements, self.platform)
    }

    fn check_length(&self, json_chars: usize) -> Result<(), Error> {
        let limit = self.limits.override_chars;
        if json_chars <= limit {
            return Ok(());
        }
        Err(Error::invalid(format!("Container Overrides length must be at most {limit}")))
    }
}
