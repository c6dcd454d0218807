//! A job's task of several containers as clients see it: what was registered and overridden, with the lists that AWS
//! fills in, and what the latest attempt's containers show (`MC-9`, `DSC-4`).

use super::attempts::Trace;
use crate::failure::Failure;
use longshore_api_batch::types::{
    AttemptEcsTaskDetails, AttemptTaskContainerDetails, EcsProperties, EcsPropertiesDetail, EcsTaskDetails,
    TaskContainerDetails,
};
use longshore_engine::entity::{FinishedAttempt, Run, Task, TaskContainer};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// Lists of a container that are there even if nobody gave them.
const LISTS: [&str; 3] = ["mountPoints", "secrets", "ulimits"];

/// The task as `ecsProperties`.
pub(crate) fn properties(task: &Task) -> Result<EcsProperties, Failure> {
    read(json!({ "taskProperties": [document(task)] }))
}

/// The task of a job, with what its latest attempt shows.
pub(super) fn detail(task: &Task, run: &Run, trace: Trace) -> Result<EcsPropertiesDetail, Failure> {
    let shown: EcsTaskDetails = read(document(task))?;
    let containers = shown.containers.unwrap_or_default().into_iter().enumerate();
    let containers = containers.map(|(index, container)| with_traces(container, run, index));
    let shown = EcsTaskDetails {
        container_instance_arn: trace.container_instance_arn,
        task_arn: trace.task_arn,
        containers: Some(containers.collect()),
        ..shown
    };
    Ok(EcsPropertiesDetail { task_properties: Some(vec![shown]) })
}

/// What the container of this index shows in the attempt that is under way, else in the last one.
fn with_traces(container: TaskContainerDetails, run: &Run, index: usize) -> TaskContainerDetails {
    let container = TaskContainerDetails { network_interfaces: Some(Vec::new()), ..container };
    if let Some(current) = &run.current {
        let started = current.containers.get(index).filter(|container| container.started_at.is_some());
        return TaskContainerDetails { log_stream_name: started.map(|one| one.log_stream.clone()), ..container };
    }
    let Some(last) = run.attempts.last().and_then(|last| last.containers.get(index)) else { return container };
    TaskContainerDetails {
        exit_code: last.exit_code.map(i64::from),
        reason: last.reason.clone(),
        log_stream_name: last.log_stream.clone(),
        ..container
    }
}

/// An attempt that is over, as `taskProperties` of `attempts`; none for an attempt of one container.
pub(super) fn finished(attempt: &FinishedAttempt, trace: &Trace) -> Option<Vec<AttemptEcsTaskDetails>> {
    let containers = attempt.containers.iter().map(|container| AttemptTaskContainerDetails {
        name: Some(container.name.clone()),
        exit_code: container.exit_code.map(i64::from),
        reason: container.reason.clone(),
        log_stream_name: container.log_stream.clone(),
        network_interfaces: Some(Vec::new()),
    });
    let details = AttemptEcsTaskDetails {
        container_instance_arn: trace.container_instance_arn.clone(),
        task_arn: trace.task_arn.clone(),
        containers: Some(containers.collect()),
    };
    (!attempt.containers.is_empty()).then(|| vec![details])
}

/// The members of the task, by their names in the API.
fn document(task: &Task) -> Value {
    let mut members = task.document.0.clone();
    members.entry("volumes").or_insert_with(|| json!([]));
    members.insert("containers".into(), task.containers.iter().map(container).collect());
    Value::Object(members)
}

fn container(part: &TaskContainer) -> Value {
    let container = &part.container;
    let mut members = container.document.0.clone();
    for list in LISTS {
        members.entry(list).or_insert_with(|| json!([]));
    }
    fill(&mut members, "linuxParameters", &["devices", "tmpfs"]);
    fill(&mut members, "logConfiguration", &["secretOptions"]);
    let variables = container.environment.iter();
    let requirements = container.resource_requirements.iter();
    let dependencies = part.depends_on.iter();
    let given = [
        ("name", json!(part.name)),
        ("image", json!(container.image)),
        ("command", json!(container.command)),
        ("environment", variables.map(|entry| json!({ "name": entry.name, "value": entry.value })).collect()),
        (
            "resourceRequirements",
            requirements.map(|entry| json!({ "type": entry.kind.as_str(), "value": entry.value })).collect(),
        ),
        (
            "dependsOn",
            dependencies
                .map(|entry| json!({ "containerName": entry.container, "condition": entry.condition.as_str() }))
                .collect(),
        ),
        ("user", json!(container.user)),
        ("essential", json!(part.essential)),
        ("startTimeout", json!(part.start_timeout_s)),
        ("stopTimeout", json!(part.stop_timeout_s)),
    ];
    let given = given.into_iter().filter(|(_, value)| !value.is_null());
    members.extend(given.map(|(member, value)| (member.to_owned(), value)));
    Value::Object(members)
}

/// Puts empty lists into a structure that was given without them.
fn fill(members: &mut Map<String, Value>, structure: &str, lists: &[&str]) {
    let Some(Value::Object(structure)) = members.get_mut(structure) else { return };
    for list in lists {
        structure.entry(*list).or_insert_with(|| json!([]));
    }
}

fn read<T: DeserializeOwned>(document: Value) -> Result<T, Failure> {
    serde_json::from_value(document).map_err(|error| Failure::internal("read the stored task properties", error))
}
