//! What `cancel` and `terminate` have in common: one operation for each job, after a look at which ids exist. AWS
//! Batch accepts both for unknown and finished jobs without a word; people want to know.

use serde_json::json;

use super::Exit;
use crate::client::Client;
use crate::output;

pub(super) struct Stop<'a> {
    pub(super) operation: &'a str,
    pub(super) ids: &'a [String],
    pub(super) reason: &'a str,
    pub(super) json: bool,
}

pub(super) fn run(client: &Client, stop: &Stop<'_>) -> anyhow::Result<Exit> {
    let known = client.describe_jobs(stop.ids)?;
    let mut exit = Exit::Success;
    let mut asked = Vec::new();
    for id in stop.ids {
        match known.iter().find(|job| job.job_id == *id) {
            None => {
                output::warn(format!("no job has the id {id}"));
                exit = Exit::Failure;
            }
            Some(job) if job.is_terminal() => output::say(format!("{id} has already ended: {}", job.status)),
            Some(job) => {
                client.batch(stop.operation, &json!({ "jobId": id, "reason": stop.reason }))?;
                output::say(format!("{} asked for {id} ({})", stop.operation, job.job_name));
                asked.push(id);
            }
        }
    }
    if stop.json {
        output::json(&json!({ "operation": stop.operation, "jobIds": asked }));
    }
    Ok(exit)
}
