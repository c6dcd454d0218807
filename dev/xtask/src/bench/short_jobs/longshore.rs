//! Ourselves, through the API: durable, a record and an output file for every job.

use super::PROGRAM;
use super::contender::{Contender, Round};
use crate::bench::load::{self, Connection};
use crate::bench::server::{self, Server};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Connections that submit single jobs at once.
const CONNECTIONS: u32 = 16;
/// The pause between two looks whether all single jobs have ended.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// One array job.
pub(super) struct Array;

impl Array {
    pub(super) fn build() -> Result<Self> {
        server::build()?;
        Ok(Self)
    }
}

impl Contender for Array {
    /// From the acceptance of the job to the end of its last child, by the server's own record.
    fn run(&mut self, round: &Round) -> Result<f64> {
        let server = Server::start(&round.directory, round.slots)?;
        let job = server.run_array(round.jobs, &[PROGRAM])?;
        let time = |member: &str| job[member].as_f64().with_context(|| format!("the array has no {member}"));
        Ok((time("stoppedAt")? - time("createdAt")?) / 1e3)
    }
}

/// A SubmitJob for each job, while they run.
pub(super) struct Singles;

impl Singles {
    pub(super) fn build() -> Result<Self> {
        server::build()?;
        Ok(Self)
    }
}

impl Contender for Singles {
    fn run(&mut self, round: &Round) -> Result<f64> {
        let server = Server::start(&round.directory, round.slots)?;
        let overrides = json!({ "command": [PROGRAM] });
        let body = json!({
            "jobName": "short", "jobQueue": "default", "jobDefinition": "host", "containerOverrides": overrides,
        });
        let submit = load::request(server.authority(), "SubmitJob", &body.to_string());
        let begin = Instant::now();
        load::repeat(server.authority(), &submit, round.jobs, CONNECTIONS)?;
        let mut connection = Connection::open(server.authority())?;
        for status in ["RUNNABLE", "STARTING", "RUNNING"] {
            let list = json!({ "jobQueue": "default", "jobStatus": status, "maxResults": 1 }).to_string();
            let list = load::request(server.authority(), "ListJobs", &list);
            while has_jobs(&connection.ask(&list)?)? {
                std::thread::sleep(LOOK_AGAIN);
            }
        }
        let seconds = begin.elapsed().as_secs_f64();
        none_failed(&server, &mut connection)?;
        Ok(seconds)
    }
}

fn has_jobs(answer: &[u8]) -> Result<bool> {
    let answer: Value = serde_json::from_slice(answer).context("failed to read the answer of ListJobs")?;
    Ok(answer["jobSummaryList"].as_array().is_some_and(|jobs| !jobs.is_empty()))
}

fn none_failed(server: &Server, connection: &mut Connection) -> Result<()> {
    let list = json!({ "jobQueue": "default", "jobStatus": "FAILED", "maxResults": 1 }).to_string();
    if has_jobs(&connection.ask(&load::request(server.authority(), "ListJobs", &list))?)? {
        bail!("a job failed");
    }
    Ok(())
}
