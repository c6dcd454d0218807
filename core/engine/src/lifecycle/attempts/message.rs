//! What an agent is told to run: an attempt of a job, its containers, their environments. Decides nothing: the message
//! of an attempt is the same however often it is made.

mod staging;

use super::{HOST_IMAGE, endpoints};
use crate::engine::Engine;
use crate::entity::{Container, CurrentAttempt, Job, Pod, Task, Work};
use crate::lifecycle::nodes;
use crate::schedule::PATIENCE;
use longshore_protocol::{Runtime, Seat, StartAttempt, StartContainer};
use longshore_types::JobRef;

/// What to tell the agent; also used to tell it again after a reconnection.
pub(in crate::lifecycle) fn start_message(engine: &Engine, reference: JobRef) -> Option<StartAttempt> {
    let job = engine.jobs.get(&reference.job())?;
    let run = engine.run(reference)?;
    let current = run.current.as_ref()?;
    let epoch = u32::try_from(run.attempts.len() + 1).unwrap_or(u32::MAX);
    let mut reserved = reserved_variables(job, reference, current, epoch);
    reserved.extend(nodes::environment_of(engine, job, reference, current));
    let work = job.work_of(reference);
    let mut containers = match work {
        Work::Container(container) => vec![only_container(engine, container, current, reserved)],
        Work::Task(task) | Work::Pod(Pod { task, .. }) => task_containers(engine, task, current, &reserved),
        Work::Nodes(_) => Vec::new(),
    };
    let staging = staging::of(&job.tags);
    containers.iter_mut().for_each(|container| container.staging.clone_from(&staging));
    containers.iter_mut().for_each(|container| endpoints::tell(&engine.config, reference, container));
    Some(StartAttempt {
        attempt: current.id,
        job: reference,
        epoch,
        demand: job.demand_of(reference),
        timeout_ms: job.spec.timeout_s.filter(|_| is_timed(job, reference)).map(milliseconds),
        address: current.address,
        containers,
        end: work.end(),
        seat: current.seat.map(|of| Seat { of, patience_ms: engine.config.ahead_ms.saturating_mul(PATIENCE) }),
    })
}

/// Of a multi-node job the main node's end is everybody's, so it alone is timed (`TMO-3`).
fn is_timed(job: &Job, reference: JobRef) -> bool {
    match (reference, job.spec.nodes()) {
        (JobRef::Node(_, index), Some(nodes)) => index == nodes.main,
        _ => true,
    }
}

fn only_container(
    engine: &Engine,
    container: &Container,
    current: &CurrentAttempt,
    reserved: Vec<(String, String)>,
) -> StartContainer {
    let runtime = if container.image == HOST_IMAGE { Runtime::Process } else { Runtime::Oci };
    let (entrypoint, command) = match runtime {
        // A process has no image whose entry point the command could be given to.
        Runtime::Process => (Vec::new(), [container.entrypoint.as_slice(), &container.command].concat()),
        Runtime::Oci => (container.entrypoint.clone(), container.command.clone()),
    };
    StartContainer {
        entrypoint,
        command,
        environment: environment_of(engine, container, reserved),
        demand: container.demand(),
        user: container.user.clone(),
        settings: container.document.clone(),
        ..StartContainer::only(current.id, runtime, container.image.clone())
    }
}

fn task_containers(
    engine: &Engine,
    task: &Task,
    current: &CurrentAttempt,
    reserved: &[(String, String)],
) -> Vec<StartContainer> {
    let parts = task.containers.iter().zip(&current.containers);
    let start = parts.map(|(part, running)| {
        let mut settings = part.container.document.clone();
        settings.0.extend(task.document.0.clone());
        StartContainer {
            name: part.name.clone(),
            output: running.output,
            essential: part.is_essential(),
            depends_on: part.depends_on.clone(),
            start_timeout_ms: part.start_timeout_s.map(milliseconds),
            stop_grace_ms: part.stop_timeout_s.map(milliseconds),
            settings,
            ..only_container(engine, &part.container, current, reserved.to_vec())
        }
    });
    start.collect()
}

const fn milliseconds(seconds: u64) -> u64 {
    seconds.saturating_mul(1_000)
}

/// The container's environment (`ENV-1`, `ENV-2`, `ENV-3`): the operator's, then the job's, then what is reserved.
fn environment_of(engine: &Engine, container: &Container, reserved: Vec<(String, String)>) -> Vec<(String, String)> {
    let (operators, own) = (&engine.config.job_environment, &container.environment);
    let mut variables = Vec::with_capacity(operators.len() + 1 + own.len() + reserved.len());
    variables.extend_from_slice(operators);
    variables.push(("AWS_EXECUTION_ENV".into(), "AWS_ECS_EC2".into()));
    variables.extend(own.iter().map(|entry| (entry.name.clone(), entry.value.clone().unwrap_or_default())));
    variables.extend(reserved);
    variables
}

/// What is the same for every container of an attempt, and what no job can set (`ENV-1`, `ARR-6`).
fn reserved_variables(job: &Job, reference: JobRef, current: &CurrentAttempt, epoch: u32) -> Vec<(String, String)> {
    let mut variables = vec![
        ("AWS_BATCH_JOB_ID".to_owned(), reference.to_string()),
        ("AWS_BATCH_JOB_ATTEMPT".to_owned(), epoch.to_string()),
        ("AWS_BATCH_JQ_NAME".to_owned(), job.queue.to_string()),
        ("AWS_BATCH_CE_NAME".to_owned(), current.environment.to_string()),
    ];
    if let (JobRef::Child(_, index), Some(array)) = (reference, &job.array) {
        variables.push(("AWS_BATCH_JOB_ARRAY_INDEX".into(), index.to_string()));
        variables.push(("AWS_BATCH_JOB_ARRAY_SIZE".into(), array.size.to_string()));
    }
    variables
}
