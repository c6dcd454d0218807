//! Ourselves, through the API: one array job, a record and an output file for every child.

use super::{Round, image, load};
use crate::bench::load::Connection;
use crate::bench::server::Server;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::time::Duration;

/// The pause between two looks whether a job has ended.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// From the acceptance of the job to the end of its last child, by the server's own record.
pub(super) fn run(round: &Round<'_>) -> Result<f64> {
    load(&round.directory, round.image)?;
    run_with(round, &[], image::NAME)
}

/// The same, with flags for the server, and an image that it can get.
pub(super) fn run_with(round: &Round<'_>, flags: &[&str], image: &str) -> Result<f64> {
    let server = Server::start_with(&round.directory, round.at_once, flags)?;
    let mut connection = Connection::open(server.authority())?;
    let mut jobs = Jobs(&mut connection);
    // The first container finds out what the host's runtime can do; that is not what is measured.
    jobs.run(image, None)?;
    let job = jobs.run(image, Some(round.containers))?;
    Ok((time(&job, "stoppedAt")? - time(&job, "createdAt")?) / 1e3)
}

/// A time of a job in milliseconds.
pub(super) fn time(job: &Value, member: &str) -> Result<f64> {
    job[member].as_f64().with_context(|| format!("the job has no {member}"))
}

/// Jobs in containers on one server.
pub(super) struct Jobs<'a>(pub(super) &'a mut Connection);

impl Jobs<'_> {
    /// Runs the image's own command to its end, in an array of so many children; the job as it has ended.
    pub(super) fn run(&mut self, image: &str, children: Option<u32>) -> Result<Value> {
        let needs = json!([{ "type": "VCPU", "value": "1" }, { "type": "MEMORY", "value": "64" }]);
        let container = json!({ "image": image, "resourceRequirements": needs });
        let definition = json!({ "jobDefinitionName": "bench", "type": "container", "containerProperties": container });
        let definition = self.0.call("RegisterJobDefinition", &definition)?["jobDefinitionArn"].clone();
        let mut job = json!({ "jobName": "bench", "jobQueue": "default", "jobDefinition": definition });
        if let Some(children) = children {
            job["arrayProperties"] = json!({ "size": children });
        }
        let id = self.0.call("SubmitJob", &job)?["jobId"].clone();
        loop {
            let job = self.0.call("DescribeJobs", &json!({ "jobs": [id] }))?["jobs"][0].clone();
            match job["status"].as_str() {
                Some("SUCCEEDED") => return Ok(job),
                Some("FAILED") | None => bail!("the job failed: {job}"),
                Some(_) => std::thread::sleep(LOOK_AGAIN),
            }
        }
    }
}
