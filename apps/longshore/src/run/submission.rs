//! Turning a workload into requests: first what jobs stand on, then each job with the ids of those before it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::client::{Client, Error};
use crate::workload::{Job, Workload, fill_job_ids};

/// Creates compute environments, queues and job definitions, in that order.
pub(super) fn prepare(client: &Client, workload: &Workload) -> Result<(), Error> {
    let groups = [
        ("CreateComputeEnvironment", &workload.compute_environments),
        ("CreateJobQueue", &workload.job_queues),
        ("RegisterJobDefinition", &workload.job_definitions),
    ];
    for (operation, requests) in groups {
        for request in requests {
            client.batch(operation, request)?;
        }
    }
    Ok(())
}

/// The jobs that the server has taken, in the order of submission.
#[derive(Debug, Default)]
pub(super) struct Submitted {
    names: Vec<String>,
    ids: BTreeMap<String, String>,
}

impl Submitted {
    /// Submits one more job; all that it needs must have been submitted before.
    pub(super) fn submit(&mut self, client: &Client, job: &Job) -> Result<(), Error> {
        let id = client.submit_job(&self.request(job))?;
        self.names.push(job.name.clone());
        self.ids.insert(job.name.clone(), id);
        Ok(())
    }

    /// The job's request with ids in place of names.
    fn request(&self, job: &Job) -> Value {
        let mut request = job.request.clone();
        fill_job_ids(&mut request, &self.ids);
        let mut depends_on = match request.get_mut("dependsOn").map(Value::take) {
            Some(Value::Array(given)) => given,
            _ => Vec::new(),
        };
        for dependency in &job.depends_on {
            let mut entry = json!({ "jobId": self.ids.get(&dependency.job) });
            if let Some(kind) = &dependency.kind {
                entry["type"] = json!(kind);
            }
            depends_on.push(entry);
        }
        if !depends_on.is_empty() {
            request["dependsOn"] = Value::Array(depends_on);
        }
        request
    }

    pub(super) fn ids(&self) -> Vec<String> {
        self.names.iter().filter_map(|name| self.ids.get(name).cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::Dependency;

    #[test]
    fn job_that_names_others_gets_their_ids() {
        let ids = [("paths".to_owned(), "6a9f".to_owned())].into();
        let submitted = Submitted { names: vec!["paths".to_owned()], ids };
        let job = Job {
            name: "sum".to_owned(),
            request: json!({
                "dependsOn": [{ "jobId": "77b0" }],
                "containerOverrides": { "environment": [{ "name": "OF", "value": "${jobs.paths.id}:1" }] },
            }),
            depends_on: vec![Dependency { job: "paths".to_owned(), kind: Some("N_TO_N".to_owned()) }],
        };
        let expected = json!({
            "dependsOn": [{ "jobId": "77b0" }, { "jobId": "6a9f", "type": "N_TO_N" }],
            "containerOverrides": { "environment": [{ "name": "OF", "value": "6a9f:1" }] },
        });
        assert_eq!(submitted.request(&job), expected);
    }
}
