//! `longshore describe`: everything that matters about some jobs, for people or as the server's JSON.

use serde_json::json;

use super::Exit;
use super::connection::Connection;
use crate::client::job::{Attempt, Container, Job, STATUSES};
use crate::output::{self, time};

/// Show everything about jobs
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  longshore describe 6a9f…
  longshore describe 6a9f…:3
  longshore describe --json 6a9f… | jq '.jobs[0].container.environment'")]
pub(crate) struct Args {
    /// Ids of jobs, or of children of arrays (ID:INDEX)
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,

    /// Print the answer of DescribeJobs as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let client = args.connection.client()?;
    let found = client.describe_jobs_raw(&args.ids)?;
    let jobs = found.iter().map(|job| client.job("DescribeJobs", job.clone())).collect::<Result<Vec<_>, _>>()?;
    if args.json {
        output::json(&json!({ "jobs": found }));
    } else if !jobs.is_empty() {
        output::data(jobs.iter().map(summary).collect::<Vec<_>>().join("\n\n"));
    }
    let mut exit = Exit::Success;
    for id in args.ids.iter().filter(|id| jobs.iter().all(|job| job.job_id != **id)) {
        output::warn(format!("no job has the id {id}"));
        exit = Exit::Failure;
    }
    Ok(exit)
}

/// `label  value`, one a line; what a job does not have is left out.
fn summary(job: &Job) -> String {
    let mut lines = vec![format!("{} {}", output::bold(&job.job_name), job.job_id)];
    let mut add = |label: &str, value: Option<String>| lines.extend(value.map(|value| format!("  {label:<11}{value}")));
    add("status", Some(output::status(&job.status)));
    add("reason", job.status_reason.clone().filter(|reason| !reason.is_empty()));
    add("queue", Some(short(&job.job_queue).to_owned()));
    add("definition", Some(short(&job.job_definition).to_owned()));
    let container = job.container.as_ref();
    add("image", container.and_then(|container| container.image.clone()));
    add("command", container.filter(|c| !c.command.is_empty()).map(|c| quoted(&c.command)));
    add("needs", container.and_then(needs));
    for container in job.ecs_properties.task_properties.iter().flat_map(|task| &task.containers) {
        add("container", Some(task_container(container)));
    }
    add("array", array(job));
    add("waits for", Some(dependencies(job)).filter(|ids| !ids.is_empty()));
    add("created", job.created_at.map(time::instant));
    add("started", job.started_at.map(time::instant));
    add("stopped", job.stopped_at.map(time::instant));
    if let (Some(start), Some(stop)) = (job.started_at, job.stopped_at) {
        add("ran", Some(time::span(stop - start)));
    }
    add("exit code", job.exit_code().map(|code| code.to_string()));
    add("log", container.and_then(|container| container.log_stream_name.clone()));
    let tags: Vec<String> = job.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    add("tags", Some(tags.join(" ")).filter(|tags| !tags.is_empty()));
    lines.extend(job.attempts.iter().enumerate().map(|(index, attempt)| attempt_line(index + 1, attempt)));
    lines.join("\n")
}

fn needs(container: &Container) -> Option<String> {
    let needs = container.resource_requirements.iter().map(|need| format!("{} {}", need.kind, need.value));
    Some(needs.collect::<Vec<_>>().join(", ")).filter(|needs| !needs.is_empty())
}

/// One of several containers, in a line.
fn task_container(container: &Container) -> String {
    let mut parts = Vec::new();
    parts.extend(container.image.as_ref().map(|image| format!("image {image}")));
    parts.extend(Some(&container.command).filter(|c| !c.is_empty()).map(|c| format!("command {}", quoted(c))));
    parts.extend(needs(container).map(|needs| format!("needs {needs}")));
    parts.extend((container.essential == Some(false)).then(|| "not essential".to_owned()));
    parts.extend(outcome(container));
    format!("{}: {}", container.name.as_deref().unwrap_or_default(), parts.join(", "))
}

/// What a container has left so far.
fn outcome(container: &Container) -> Vec<String> {
    let mut parts = Vec::new();
    parts.extend(container.exit_code.map(|code| format!("exit code {code}")));
    parts.extend(container.reason.clone().filter(|reason| !reason.is_empty()));
    parts.extend(container.log_stream_name.as_ref().map(|stream| format!("log {stream}")));
    parts
}

fn array(job: &Job) -> Option<String> {
    if let Some(index) = job.array_index() {
        return Some(format!("child {index}"));
    }
    let size = job.array_size()?;
    let counts = STATUSES.iter().map(|status| (status, job.children(status))).filter(|(_, count)| *count > 0);
    let counts: Vec<String> = counts.map(|(status, count)| format!("{count} {status}")).collect();
    let colon = if counts.is_empty() { "" } else { ": " };
    Some(format!("{size} children{colon}{}", counts.join(", ")))
}

fn dependencies(job: &Job) -> String {
    let each = job.depends_on.iter().map(|dependency| match (&dependency.job_id, &dependency.kind) {
        (Some(id), Some(kind)) => format!("{id} ({kind})"),
        (Some(id), None) => id.clone(),
        (None, kind) => kind.clone().unwrap_or_default(),
    });
    each.collect::<Vec<_>>().join(", ")
}

fn attempt_line(number: usize, attempt: &Attempt) -> String {
    let container = attempt.container.as_ref();
    let mut parts = Vec::new();
    parts.extend(attempt.started_at.map(|at| format!("started {}", time::instant(at))));
    if let (Some(start), Some(stop)) = (attempt.started_at, attempt.stopped_at) {
        parts.push(format!("ran {}", time::span(stop - start)));
    }
    parts.extend(container.and_then(|c| c.exit_code).map(|code| format!("exit code {code}")));
    let own = container.and_then(|c| c.reason.clone());
    parts.extend(own.or_else(|| attempt.status_reason.clone()).filter(|reason| !reason.is_empty()));
    parts.extend(container.and_then(|c| c.log_stream_name.as_ref()).map(|stream| format!("log {stream}")));
    let mut lines = vec![format!("  attempt {number}: {}", parts.join(", "))];
    lines.extend(attempt.task_properties.iter().flat_map(|task| &task.containers).map(|container| {
        format!("    {}: {}", container.name.as_deref().unwrap_or_default(), outcome(container).join(", "))
    }));
    lines.join("\n")
}

/// The name, and revision, at the end of an ARN.
fn short(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// A command as a shell would take it.
fn quoted(command: &[String]) -> String {
    let plain =
        |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c));
    let word = |word: &String| if plain(word) { word.clone() } else { format!("'{}'", word.replace('\'', r"'\''")) };
    command.iter().map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
