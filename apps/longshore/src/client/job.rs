//! Jobs as the command line sees them: the parts of DescribeJobs and ListJobs that it shows or acts on. A tolerant
//! reader: what a server leaves out is absent here, what it adds is ignored.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Every status, in the order of a job's life.
pub(crate) const STATUSES: [&str; 7] =
    ["SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED"];

/// One job of a DescribeJobs or ListJobs answer. Times are milliseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Job {
    pub(crate) job_id: String,
    pub(crate) job_name: String,
    pub(crate) job_arn: Option<String>,
    pub(crate) job_queue: String,
    pub(crate) job_definition: String,
    pub(crate) status: String,
    pub(crate) status_reason: Option<String>,
    pub(crate) created_at: Option<i64>,
    pub(crate) started_at: Option<i64>,
    pub(crate) stopped_at: Option<i64>,
    pub(crate) container: Option<Container>,
    pub(crate) ecs_properties: Tasks,
    pub(crate) array_properties: Option<ArrayProperties>,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) depends_on: Vec<DependsOn>,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Container {
    pub(crate) name: Option<String>,
    pub(crate) essential: Option<bool>,
    pub(crate) image: Option<String>,
    pub(crate) command: Vec<String>,
    pub(crate) exit_code: Option<i64>,
    pub(crate) reason: Option<String>,
    pub(crate) log_stream_name: Option<String>,
    pub(crate) resource_requirements: Vec<ResourceRequirement>,
}

/// Of a job of several containers, which has no `container`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Tasks {
    pub(crate) task_properties: Vec<Task>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Task {
    pub(crate) containers: Vec<Container>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct ResourceRequirement {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) value: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ArrayProperties {
    pub(crate) size: Option<u64>,
    pub(crate) index: Option<u64>,
    pub(crate) status_summary: BTreeMap<String, u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Attempt {
    pub(crate) container: Option<Container>,
    pub(crate) task_properties: Vec<Task>,
    pub(crate) started_at: Option<i64>,
    pub(crate) stopped_at: Option<i64>,
    pub(crate) status_reason: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct DependsOn {
    pub(crate) job_id: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
}

impl Job {
    /// Whether it will never change again.
    pub(crate) fn is_terminal(&self) -> bool {
        matches!(self.status.as_str(), "SUCCEEDED" | "FAILED")
    }

    pub(crate) fn has_succeeded(&self) -> bool {
        self.status == "SUCCEEDED"
    }

    /// The number of children, if it is the parent of an array.
    pub(crate) fn array_size(&self) -> Option<u64> {
        self.array_properties.as_ref().and_then(|array| array.size)
    }

    /// The number of children in `status`.
    pub(crate) fn children(&self, status: &str) -> u64 {
        self.array_properties.as_ref().and_then(|array| array.status_summary.get(status)).copied().unwrap_or(0)
    }

    /// The index of a child of an array.
    pub(crate) fn array_index(&self) -> Option<u64> {
        self.array_properties.as_ref().and_then(|array| array.index)
    }

    /// Why it is as it is: the container's own reason where there is one, which says more.
    pub(crate) fn reason(&self) -> Option<&str> {
        let container = self.deciding().and_then(|container| container.reason.as_deref());
        container.or(self.status_reason.as_deref()).filter(|reason| !reason.is_empty())
    }

    pub(crate) fn exit_code(&self) -> Option<i64> {
        self.deciding().and_then(|container| container.exit_code)
    }

    /// Its containers, of the given attempt, from 1, or of the last one: one, or those of its task.
    pub(crate) fn containers(&self, attempt: Option<usize>) -> Vec<&Container> {
        match attempt.map(|number| number.checked_sub(1).and_then(|index| self.attempts.get(index))) {
            Some(Some(attempt)) => attempt.containers(),
            Some(None) => Vec::new(),
            None => flat(self.container.as_ref(), &self.ecs_properties.task_properties),
        }
    }

    /// The container by which the job is judged: an essential one, the first that failed before the others.
    fn deciding(&self) -> Option<&Container> {
        let mut essential = self.containers(None);
        essential.retain(|container| container.essential != Some(false));
        let failed = essential.iter().find(|container| container.exit_code.is_some_and(|code| code != 0));
        let unstarted = essential.iter().find(|container| container.reason.is_some());
        failed.or(unstarted).or(essential.first()).copied()
    }

    /// The log streams of the given attempt, from 1; of the last one without. Each of several containers is named.
    pub(crate) fn log_streams(&self, attempt: Option<usize>) -> Vec<(Option<&str>, &str)> {
        let containers = self.containers(attempt);
        let several = containers.len() > 1;
        let named = containers.into_iter().filter_map(|container| {
            let name = container.name.as_deref().filter(|_| several);
            Some((name, container.log_stream_name.as_deref()?))
        });
        named.collect()
    }

    /// The log of the last attempt, of several containers that of the deciding one.
    pub(crate) fn log_stream(&self) -> Option<&str> {
        self.deciding().and_then(|container| container.log_stream_name.as_deref())
    }
}

impl Attempt {
    /// Its containers: one, or those of its task.
    pub(crate) fn containers(&self) -> Vec<&Container> {
        flat(self.container.as_ref(), &self.task_properties)
    }
}

fn flat<'a>(container: Option<&'a Container>, tasks: &'a [Task]) -> Vec<&'a Container> {
    container.into_iter().chain(tasks.iter().flat_map(|task| &task.containers)).collect()
}
