//! The log streams of attempts: one of each container, from its start on (`LOG-1`, `LOG-2`, `LOG-3`).

use crate::engine::Engine;
use crate::entity::{Container, CurrentAttempt, CurrentContainer, Job, LogStream, Pod, Work};
use crate::ids::IdGenerator;
use longshore_protocol::StartContainer;
use longshore_types::{AttemptId, JobRef, Timestamp};

/// The log group of jobs that name none (A18).
const DEFAULT_GROUP: &str = "/aws/batch/job";

/// The log stream of an attempt that is one container, or its containers, each with a name of its own for its output
/// and a log stream.
pub(super) fn of_attempt(
    job: &Job,
    reference: JobRef,
    attempt: AttemptId,
    ids: &mut IdGenerator,
) -> (Option<String>, Vec<CurrentContainer>) {
    let stream = |container, name: &str| format!("{}/{name}/{attempt}", prefix(job, container));
    match job.work_of(reference) {
        Work::Nodes(_) => (None, Vec::new()),
        Work::Container(container) => (Some(stream(container, StartContainer::ONLY)), Vec::new()),
        Work::Task(task) | Work::Pod(Pod { task, .. }) => {
            let containers = task.containers.iter().map(|part| CurrentContainer {
                name: part.name.clone(),
                output: AttemptId::from_random(ids.next_u128()),
                log_stream: stream(&part.container, &part.name),
                started_at: None,
            });
            (None, containers.collect())
        }
    }
}

/// The first part of a log stream's name.
fn prefix(job: &Job, container: &Container) -> String {
    let configured = container.log_stream_prefix.clone();
    configured.unwrap_or_else(|| job.definition.name.as_str().chars().take(200).collect())
}

/// What is known of one container's output.
pub(super) struct Output {
    /// The container's place in the work.
    pub(super) container: usize,
    pub(super) output: AttemptId,
    pub(super) stream: String,
    pub(super) started_at: Timestamp,
    pub(super) ended_at: Option<Timestamp>,
}

/// Writes down a log stream as it is now.
pub(super) fn put(engine: &mut Engine, job: JobRef, output: Output) {
    let Output { container, output, stream: name, started_at: created_at, ended_at } = output;
    let work = engine.jobs.get(&job.job()).map(|found| found.work_of(job));
    let group = work.and_then(|work| work.containers().get(container)?.log_group.clone());
    let group = group.unwrap_or_else(|| DEFAULT_GROUP.into());
    engine.put_log_stream(LogStream { group, name, attempt: output, job, created_at, ended_at });
}

/// An attempt is over at `at`, and with it the streams of its containers that ran. `ends` has when each of several did.
pub(super) fn close(
    engine: &mut Engine,
    job: JobRef,
    current: &CurrentAttempt,
    (started_at, at): (Option<Timestamp>, Timestamp),
    ends: &[Option<(Timestamp, Timestamp)>],
) {
    let only = current.log_stream.clone().zip(started_at);
    let only = only.map(|(stream, started_at)| (0, current.id, stream, (started_at, at)));
    let several = current.containers.iter().enumerate().filter_map(|(index, container)| {
        let reported = ends.get(index).copied().flatten();
        let ran = reported.or_else(|| container.started_at.map(|started_at| (started_at, at)))?;
        Some((index, container.output, container.log_stream.clone(), ran))
    });
    for (container, output, stream, (started_at, ended_at)) in only.into_iter().chain(several) {
        put(engine, job, Output { container, output, stream, started_at, ended_at: Some(ended_at) });
    }
}

/// Outputs of containers that no stream tells of: they may have run without anybody hearing of it.
pub(super) fn unheard(
    current: &CurrentAttempt,
    ends: &[Option<(Timestamp, Timestamp)>],
) -> impl Iterator<Item = AttemptId> {
    let told = current.containers.iter().zip(ends);
    let silent = told.filter(|(container, end)| container.started_at.is_none() && end.is_none());
    silent.map(|(container, _)| container.output)
}
