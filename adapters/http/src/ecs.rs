//! What containers ask ECS's agent for: credentials of the job's role (`CRD-1`, `CRD-2`) and what they are (the task metadata
//! endpoint, version 4). Not authenticated: the path names the attempt's container, whose id nobody guesses, and answers end with it.
//!
//! `credentials/JOB/OUTPUT`, `v4/JOB/OUTPUT`, `v4/JOB/OUTPUT/task`, where OUTPUT names the container.

use crate::arn;
use crate::auth::date;
use crate::body::Body;
use crate::context::Context;
use crate::failure::Failure;
use crate::jobs;
use crate::reply::{self, Media};
use crate::services::Services;
use http::request::Parts;
use http::{Response, StatusCode};
use longshore_engine::entity::{Container, CurrentAttempt, Pod, Work};
use longshore_store::JobView;
use longshore_types::{AttemptId, Document, Timestamp};
use serde_json::{Value, json};

/// Where all of it is.
pub(crate) const PREFIX: &str = "/longshore/ecs/";

/// ECS counts 1,024 for a vCPU, we 1,000.
const CPU_PER_VCPU: u64 = 1_024;
const MILLI: u64 = 1_000;

/// Answers one request.
pub(crate) async fn answer(services: &Services, context: &Context, parts: &Parts) -> Result<Response<Body>, Failure> {
    let asked = parts.uri.path().strip_prefix(PREFIX).unwrap_or_default();
    let segments: Vec<&str> = asked.trim_end_matches('/').split('/').collect();
    let found = match segments[..] {
        ["credentials", job, output] => place(services, job, output).await?.map(|place| place.credentials(services)),
        ["v4", job, output] => place(services, job, output).await?.map(|place| Some(place.container(context))),
        ["v4", job, output, "task" | "taskWithTags"] => {
            place(services, job, output).await?.map(|place| Some(place.task(context)))
        }
        _ => None,
    };
    let (status, document) = match found.flatten() {
        Some(document) => (StatusCode::OK, document),
        None => (StatusCode::NOT_FOUND, json!({ "code": "NotFound", "message": "no running container is there" })),
    };
    Ok(reply::respond(context, status, Media::Json, document.to_string().into_bytes()))
}

/// A container of an attempt that is starting or running.
struct Place {
    view: JobView,
    current: CurrentAttempt,
    environment: Option<longshore_engine::entity::ComputeEnvironment>,
    output: AttemptId,
}

async fn place(services: &Services, job: &str, output: &str) -> Result<Option<Place>, Failure> {
    let (Some(job), Ok(output)) = (arn::job_ref(job), output.parse::<AttemptId>()) else { return Ok(None) };
    let find = move |reader: &longshore_store::Reader| {
        let Some(view) = reader.jobs(&[job])?.pop().flatten() else { return Ok(None) };
        let Some(current) = view.run().current.as_deref().cloned() else { return Ok(None) };
        let mut environments = jobs::environments_of(reader, std::slice::from_ref(&view))?;
        let environment = environments.remove(&current.environment);
        let is_there = current.id == output || current.containers.iter().any(|one| one.output == output);
        Ok(is_there.then_some(Place { view, current, environment, output }))
    };
    services.batch.read(find).await
}

impl Place {
    /// The keys of the job's role; none if it has no role.
    fn credentials(&self, services: &Services) -> Option<Value> {
        let role = self.role()?;
        let key = services.auth.session_key(self.output);
        Some(json!({
            "RoleArn": role,
            "AccessKeyId": key.id,
            "SecretAccessKey": key.secret,
            "Token": key.token,
            "Expiration": iso(key.expires_s),
        }))
    }

    fn role(&self) -> Option<String> {
        let text = |document: &Document, member: &str| document.0.get(member)?.as_str().map(str::to_owned);
        match self.work() {
            Work::Container(container) => text(&container.document, "jobRoleArn"),
            Work::Task(task) => text(&task.document, "taskRoleArn"),
            Work::Pod(_) | Work::Nodes(_) => None,
        }
    }

    fn work(&self) -> &Work {
        self.view.job.work_of(self.view.reference())
    }

    fn container(&self, context: &Context) -> Value {
        let all = self.containers(context);
        all.into_iter().find(|one| one["DockerId"] == self.output.to_string()).unwrap_or_default()
    }

    fn containers(&self, context: &Context) -> Vec<Value> {
        let run = self.view.run();
        let stream = self.current.log_stream.as_deref();
        match self.work() {
            Work::Container(container) => {
                vec![self.describe(context, container, ("default", self.current.id, stream, run.started_at))]
            }
            Work::Task(task) | Work::Pod(Pod { task, .. }) => {
                let pairs = task.containers.iter().zip(&self.current.containers);
                let describe = pairs.map(|(part, one)| {
                    let about = (one.name.as_str(), one.output, Some(one.log_stream.as_str()), one.started_at);
                    self.describe(context, &part.container, about)
                });
                describe.collect()
            }
            Work::Nodes(_) => Vec::new(),
        }
    }

    fn describe(
        &self,
        context: &Context,
        container: &Container,
        (name, output, stream, started): (&str, AttemptId, Option<&str>, Option<Timestamp>),
    ) -> Value {
        let demand = container.demand();
        let status = if started.is_some() { "RUNNING" } else { "CREATED" };
        let definition = &self.view.job.definition;
        let mut shown = json!({
            "DockerId": output.to_string(),
            "Name": name,
            "DockerName": name,
            "Image": container.image,
            "Labels": {
                "com.amazonaws.ecs.container-name": name,
                "com.amazonaws.ecs.task-definition-family": definition.name.as_str(),
                "com.amazonaws.ecs.task-definition-version": definition.revision.to_string(),
            },
            "DesiredStatus": "RUNNING",
            "KnownStatus": status,
            "Limits": { "CPU": demand.vcpu_milli * CPU_PER_VCPU / MILLI, "Memory": demand.memory_mib },
            "CreatedAt": iso(self.current.placed_at.as_millis() / 1_000),
            "Type": "NORMAL",
            "LogDriver": "awslogs",
            "LogOptions": {
                "awslogs-group": container.log_group.as_deref().unwrap_or("/aws/batch/job"),
                "awslogs-region": context.region,
                "awslogs-stream": stream,
            },
        });
        if let Some(started) = started {
            shown["StartedAt"] = json!(iso(started.as_millis() / 1_000));
        }
        shown
    }

    fn task(&self, context: &Context) -> Value {
        let definition = &self.view.job.definition;
        let mut task = json!({
            "Family": definition.name.as_str(),
            "Revision": definition.revision.to_string(),
            "DesiredStatus": "RUNNING",
            "KnownStatus": "RUNNING",
            "LaunchType": "EC2",
            "Containers": self.containers(context),
        });
        if let Some(environment) = &self.environment {
            let arn = arn::task(context, environment, self.current.id);
            task["Cluster"] = json!(arn.split('/').nth(1));
            task["TaskARN"] = json!(arn);
        }
        task
    }
}

/// `2026-01-31T12:00:00Z`.
fn iso(seconds: i64) -> String {
    let basic = date::format(seconds);
    let part = |from: usize, to: usize| basic.get(from..to).unwrap_or_default();
    format!("{}-{}-{}T{}:{}:{}Z", part(0, 4), part(4, 6), part(6, 8), part(9, 11), part(11, 13), part(13, 15))
}
