//! The Batch operations that the command line uses.

use serde_json::{Value, json};

use super::job::{Job, STATUSES};
use super::{Body, Client, Error, Request};

/// DescribeJobs takes no more ids at once.
const DESCRIBE_MAX: usize = 100;

/// Whose jobs to list.
#[derive(Clone, Copy, Debug)]
pub(crate) enum JobsOf<'a> {
    Queue(&'a str),
    Array(&'a str),
}

impl Client {
    /// Calls a Batch operation, all of which the command line needs are `POST /v1/<name in lower case>`.
    pub(crate) fn batch(&self, operation: &str, request: &Value) -> Result<Value, Error> {
        let body = request.to_string();
        self.call_json(&Request {
            operation,
            service: "batch",
            method: "POST",
            path: &format!("/v1/{}", operation.to_ascii_lowercase()),
            query: "",
            headers: &[("content-type", "application/json")],
            body: Body::Bytes(body.as_bytes()),
        })
    }

    /// Why jobs wait: the answer of a Longshore server, which AWS Batch has nothing like.
    pub(crate) fn explain(&self, ids: &[String]) -> Result<Vec<Value>, Error> {
        let mut jobs = Vec::with_capacity(ids.len());
        for some in ids.chunks(DESCRIBE_MAX) {
            let body = json!({ "jobs": some }).to_string();
            let mut answer = self.call_json(&Request {
                operation: "explain",
                service: "longshore",
                method: "POST",
                path: "/longshore/v1/explain",
                query: "",
                headers: &[("content-type", "application/json")],
                body: Body::Bytes(body.as_bytes()),
            })?;
            match answer.get_mut("jobs").map(Value::take) {
                Some(Value::Array(found)) => jobs.extend(found),
                _ => return Err(self.not_understood("explain", 200, &answer.to_string())),
            }
        }
        Ok(jobs)
    }

    /// Submits a job and gives its id.
    pub(crate) fn submit_job(&self, request: &Value) -> Result<String, Error> {
        let answer = self.batch("SubmitJob", request)?;
        match answer.get("jobId").and_then(Value::as_str) {
            Some(id) => Ok(id.to_owned()),
            None => Err(self.not_understood("SubmitJob", 200, &answer.to_string())),
        }
    }

    /// The jobs with these ids as the server tells them; unknown ones are missing.
    pub(crate) fn describe_jobs_raw(&self, ids: &[String]) -> Result<Vec<Value>, Error> {
        let mut jobs = Vec::with_capacity(ids.len());
        for some in ids.chunks(DESCRIBE_MAX) {
            let mut answer = self.batch("DescribeJobs", &json!({ "jobs": some }))?;
            match answer.get_mut("jobs").map(Value::take) {
                Some(Value::Array(found)) => jobs.extend(found),
                _ => return Err(self.not_understood("DescribeJobs", 200, &answer.to_string())),
            }
        }
        Ok(jobs)
    }

    /// The jobs with these ids; unknown ones are missing.
    pub(crate) fn describe_jobs(&self, ids: &[String]) -> Result<Vec<Job>, Error> {
        let jobs = self.describe_jobs_raw(ids)?;
        jobs.into_iter().map(|job| self.job("DescribeJobs", job)).collect()
    }

    /// Every job of a queue or array in one of `statuses`, page by page.
    pub(crate) fn list_jobs_raw(&self, of: JobsOf<'_>, statuses: &[&str]) -> Result<Vec<Value>, Error> {
        let mut jobs = Vec::new();
        for status in STATUSES.iter().filter(|status| statuses.contains(status)) {
            let mut request = match of {
                JobsOf::Queue(queue) => json!({ "jobQueue": queue, "jobStatus": status }),
                JobsOf::Array(id) => json!({ "arrayJobId": id, "jobStatus": status }),
            };
            loop {
                let mut answer = self.batch("ListJobs", &request)?;
                match answer.get_mut("jobSummaryList").map(Value::take) {
                    Some(Value::Array(found)) => jobs.extend(found),
                    _ => return Err(self.not_understood("ListJobs", 200, &answer.to_string())),
                }
                match answer.get("nextToken").and_then(Value::as_str).filter(|token| !token.is_empty()) {
                    Some(token) => request["nextToken"] = json!(token),
                    None => break,
                }
            }
        }
        Ok(jobs)
    }

    /// Every job of a queue or array in one of `statuses`.
    pub(crate) fn list_jobs(&self, of: JobsOf<'_>, statuses: &[&str]) -> Result<Vec<Job>, Error> {
        let jobs = self.list_jobs_raw(of, statuses)?;
        jobs.into_iter().map(|job| self.job("ListJobs", job)).collect()
    }

    /// Reads one job of an answer.
    pub(crate) fn job(&self, operation: &str, job: Value) -> Result<Job, Error> {
        let text = job.to_string();
        serde_json::from_value(job).map_err(|_| self.not_understood(operation, 200, &text))
    }
}
