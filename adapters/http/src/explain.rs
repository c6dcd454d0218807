//! `POST /longshore/v1/explain`: why jobs wait, for `longshore explain` and other programs. Not an operation of AWS Batch,
//! but authenticated like one. `{"jobs": [ID, …]}` is answered with one entry for each, in order.

use crate::arn;
use crate::body::Body;
use crate::context::Context;
use crate::failure::Failure;
use crate::reply::{self, Media};
use crate::services::BatchService;
use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response, StatusCode};
use longshore_engine::{Answer, ClosedEnvironment, Obstacle, Question, Queued, Short, ShortOnHost, Wait};
use longshore_types::{JobRef, JobStatus};
use serde_json::{Value, json};

/// Where it is.
pub(crate) const PATH: &str = "/longshore/v1/explain";

/// Most jobs in one request, as in DescribeJobs.
const JOBS_MAX: usize = 100;

/// Answers one request.
pub(crate) async fn answer(
    service: &BatchService,
    context: &Context,
    (parts, body): (&Parts, &Bytes),
) -> Result<Response<Body>, Failure> {
    if parts.method != Method::POST {
        return Err(Failure::UnknownOperation { request: format!("{} {PATH}", parts.method) });
    }
    let ids = ids_of(body)?;
    let known: Vec<Option<JobRef>> = ids.iter().map(|text| arn::job_ref(text)).collect();
    let jobs = known.iter().flatten().copied().collect();
    let Some(Answer::Waits(waits)) = service.commander.ask(Question::Explain(jobs)).await else {
        return Err(Failure::Stopping);
    };
    let mut waits = waits.into_iter();
    let wait_of = |known: &Option<JobRef>| known.and_then(|_| waits.next().flatten());
    let waits: Vec<Option<Wait>> = known.iter().map(wait_of).collect();
    let entries: Vec<Value> = ids.iter().zip(&waits).map(|(id, wait)| entry(id, wait.as_ref())).collect();
    let bytes = json!({ "jobs": entries }).to_string().into_bytes();
    Ok(reply::respond(context, StatusCode::OK, Media::Json, bytes))
}

fn ids_of(body: &Bytes) -> Result<Vec<String>, Failure> {
    let malformed = |detail: String| Failure::Malformed { detail };
    let request: Value = serde_json::from_slice(body).map_err(|error| malformed(error.to_string()))?;
    let ids = request["jobs"].as_array().ok_or_else(|| malformed("jobs is not a list".to_owned()))?;
    if ids.len() > JOBS_MAX {
        return Err(Failure::client(format!("Maximum number of jobs supported is {JOBS_MAX}")));
    }
    let text =
        |id: &Value| id.as_str().map(ToOwned::to_owned).ok_or_else(|| malformed("a job is not a string".to_owned()));
    ids.iter().map(text).collect()
}

/// `wait` and `sentence` are absent for what does not wait, or is not known.
fn entry(id: &str, wait: Option<&Wait>) -> Value {
    match wait {
        Some(wait) => json!({ "jobId": id, "sentence": wait.to_string(), "wait": wait_json(wait) }),
        None => json!({ "jobId": id }),
    }
}

fn wait_json(wait: &Wait) -> Value {
    match wait {
        Wait::Dependencies { on, more } => {
            let on: Vec<String> = on.iter().map(JobRef::to_string).collect();
            json!({ "kind": "dependencies", "on": on, "more": more })
        }
        Wait::Children { counts } => {
            let count = |status: JobStatus| (status.to_string(), Value::from(counts[status as usize]));
            let summary: serde_json::Map<String, Value> = JobStatus::ALL.into_iter().map(count).collect();
            json!({ "kind": "children", "statusSummary": summary })
        }
        Wait::Place(queued) => place_json(queued),
    }
}

fn place_json(queued: &Queued) -> Value {
    let (obstacle, short, held) = match &queued.obstacle {
        Obstacle::NoEnvironment { .. } => ("noEnvironment", None, None),
        Obstacle::NoHost => ("noHost", None, None),
        Obstacle::Oversized(short) => ("oversized", Some(short), None),
        Obstacle::Short(short) => ("short", Some(short), None),
        Obstacle::HeldUp(held) => ("heldUp", None, Some(held)),
        Obstacle::Kept => ("kept", None, None),
        Obstacle::Turn => ("turn", None, None),
    };
    let queues: Vec<&str> = queued.queues_ahead.iter().map(|name| name.as_str()).collect();
    let mut json = json!({
        "kind": "place",
        "queue": queued.queue.as_str(),
        "obstacle": obstacle,
        "ahead": { "jobs": queued.ahead.jobs, "more": queued.ahead.more },
        "queuesAhead": queues,
        "attempt": queued.attempt.0,
        "attempts": queued.attempt.1,
    });
    if let Obstacle::NoEnvironment { closed } = &queued.obstacle {
        let of = |closed: &ClosedEnvironment| json!({ "name": closed.name.as_str(), "because": closed.because });
        json["computeEnvironments"] = closed.iter().map(of).collect();
    }
    if let Some(blocked) = &queued.blocked {
        json["blocked"] = Value::from(blocked.to_string());
    }
    if let Some(short) = short {
        json["short"] = short_json(short);
    }
    if let Some(held) = held {
        json["heldUpBy"] = json!({ "job": held.by.to_string(), "reservedHosts": held.reserved });
    }
    json
}

fn short_json(short: &Short) -> Value {
    let host = |short: &ShortOnHost| {
        let missing = short.missing;
        json!({
            "host": short.host.to_string(), "name": short.name,
            "vcpuMilli": missing.vcpu_milli, "memoryMib": missing.memory_mib, "gpus": missing.gpus,
        })
    };
    let consumables =
        short.consumables.iter().map(|(name, quantity)| json!({ "name": name.as_str(), "quantity": quantity }));
    json!({
        "computeEnvironment": short.environment.as_str(),
        "maxvCpusMilli": short.cap_missing,
        "hosts": short.hosts.iter().map(host).collect::<Vec<Value>>(),
        "consumableResources": consumables.collect::<Vec<Value>>(),
    })
}

#[cfg(test)]
mod tests;
