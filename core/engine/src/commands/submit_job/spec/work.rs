//! What runs, of what the definition says and the submission overrides (`RES-2`, `RES-3`): container by container.

use crate::command::{ContainerOverrides, SubmitJob};
use crate::entity::{Container, ResourceRequirement, Task, TaskContainer, Work};
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
            Work::Task(task) => self.task(task).map(Work::Task),
        }
    }

    fn task(&self, task: &Task) -> Result<Task, Error> {
        let part = |part: &TaskContainer| {
            let container = self.container(&part.container, None)?;
            Ok(TaskContainer { container, ..part.clone() })
        };
        let containers = task.containers.iter().map(part).collect::<Result<_, Error>>()?;
        Ok(Task { containers, document: task.document.clone() })
    }

    fn container(&self, container: &Container, overrides: Option<&ContainerOverrides>) -> Result<Container, Error> {
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
        let limit = self.limits.override_chars;
        if overrides.json_chars > limit {
            return Err(Error::invalid(format!("Container Overrides length must be at most {limit}")));
        }
        if overrides.command.iter().flatten().any(String::is_empty) {
            return Err(Error::invalid("Container Overrides command must not contain an empty string."));
        }
        validate::environment(&overrides.environment)?;
        validate::resource_requirements(&overrides.resource_requirements, self.platform)
    }
}
