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
    pub(crate) array_properties: Option<ArrayProperties>,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) depends_on: Vec<DependsOn>,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Container {
    pub(crate) image: Option<String>,
    pub(crate) command: Vec<String>,
    pub(crate) exit_code: Option<i64>,
    pub(crate) reason: Option<String>,
    pub(crate) log_stream_name: Option<String>,
    pub(crate) resource_requirements: Vec<ResourceRequirement>,
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
        let container = self.container.as_ref().and_then(|container| container.reason.as_deref());
        container.or(self.status_reason.as_deref()).filter(|reason| !reason.is_empty())
    }

    pub(crate) fn exit_code(&self) -> Option<i64> {
        self.container.as_ref().and_then(|container| container.exit_code)
    }

    /// The log of the given attempt, from 1; of the last one without.
    pub(crate) fn log_stream(&self, attempt: Option<usize>) -> Option<&str> {
        let container = match attempt {
            Some(number) => self.attempts.get(number.checked_sub(1)?)?.container.as_ref(),
            None => self.container.as_ref(),
        };
        container.and_then(|container| container.log_stream_name.as_deref())
    }
}
