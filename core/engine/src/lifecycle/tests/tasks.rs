//! Jobs of several containers (spec section 13): what an attempt is told to run, what it leaves, what overrides reach.

use crate::command::{ContainerOverrides, NodeOverrides, SubmitJob, TaskOverrides};
use crate::entity::{EnvironmentVariable, FinishedContainer};
use crate::testing::{World, attempts};
use longshore_protocol::{AttemptEnd, Condition, ContainerDependency, ContainerEnd, EndCause, StartAttempt};
use longshore_types::{AttemptId, JobId, JobStatus, Resources};
use std::collections::BTreeSet;

fn task(job: &mut SubmitJob) {
    job.job_definition.name = "t".into();
}

fn submit(world: &mut World, change: impl FnOnce(&mut SubmitJob)) -> JobId {
    world.submit(|job| {
        task(job);
        change(job);
    })
}

fn start_of(world: &World) -> &StartAttempt {
    world.running.values().next().unwrap()
}

fn outputs(start: &StartAttempt) -> Vec<AttemptId> {
    start.containers.iter().map(|one| one.output).collect()
}

fn override_of(name: &str, overrides: ContainerOverrides) -> Option<TaskOverrides> {
    Some(TaskOverrides { tasks: vec![vec![(name.into(), overrides)]], json_chars: 0 })
}

fn command(words: &[&str]) -> ContainerOverrides {
    let command = Some(words.iter().map(|word| (*word).to_owned()).collect());
    ContainerOverrides { command, ..ContainerOverrides::default() }
}

fn refused(change: impl FnOnce(&mut SubmitJob), text: &str) {
    let mut world = World::new(2);
    let before = world.rows.clone();
    assert_eq!(world.try_submit(change).unwrap_err().to_string(), text);
    assert_eq!(world.rows, before);
}

#[test]
fn mc_5_attempt_asks_for_the_sum_and_tells_each_container() {
    let mut world = World::new(2);
    submit(&mut world, |_| {});
    let start = start_of(&world);
    assert_eq!(start.demand, Resources { vcpu_milli: 2_000, memory_mib: 128, gpus: 0 });
    let [init, main] = start.containers.as_slice() else { panic!("two containers: {start:?}") };
    assert_eq!((init.name.as_str(), init.essential, init.demand.vcpu_milli), ("init", false, 1_000));
    assert_eq!((main.name.as_str(), main.essential), ("main", true));
    let after_init = ContainerDependency { container: "init".into(), condition: Condition::Success };
    assert_eq!(main.depends_on, [after_init]);
    assert!(init.output != main.output && init.output != start.attempt && main.output != start.attempt);
    let job_id = |name: &str| name == "AWS_BATCH_JOB_ID";
    assert!(start.containers.iter().all(|one| one.environment.iter().any(|(name, _)| job_id(name))));
}

#[test]
fn mc_5_task_larger_than_the_host_waits() {
    let mut world = World::new(1);
    let job = submit(&mut world, |_| {});
    assert_eq!((world.status(job), world.running.len()), (JobStatus::Runnable, 0));
}

#[test]
fn log_2_each_container_has_a_stream_from_its_start_to_its_end() {
    let mut world = World::new(2);
    let job = submit(&mut world, |_| {});
    let start = start_of(&world).clone();
    world.start_container(job, 0);
    let (first, second) = (start.containers[0].output, start.containers[1].output);
    let stream = &world.rows.log_streams[&first];
    assert_eq!((stream.name.clone(), stream.ended_at), (format!("t/init/{}", start.attempt), None));
    assert_eq!((world.status(job), world.rows.log_streams.contains_key(&second)), (JobStatus::Starting, false));
    world.start_container(job, 1);
    world.start(job);
    assert_eq!(world.status(job), JobStatus::Running);
    world.exit(job, 0);
    for output in [first, second] {
        assert_eq!(world.rows.log_streams[&output].ended_at, Some(world.now));
    }
    assert!(!world.rows.log_streams.contains_key(&start.attempt), "the attempt itself has none");
}

#[test]
fn dsc_4_attempt_keeps_what_each_container_left() {
    let mut world = World::new(2);
    let job = submit(&mut world, |_| {});
    let attempt = start_of(&world).attempt;
    world.exit_task(job, 3, &[Some(0), Some(3)]);
    let left = |name: &str, exit_code| FinishedContainer {
        name: name.into(),
        exit_code: Some(exit_code),
        reason: None,
        log_stream: Some(format!("t/{name}/{attempt}")),
    };
    let run = world.run(job);
    assert_eq!(run.status, JobStatus::Failed);
    let finished = &run.attempts[0];
    assert_eq!((finished.exit_code, &finished.log_stream), (Some(3), &None));
    assert_eq!(finished.containers, [left("init", 0), left("main", 3)]);
}

#[test]
fn table_4_1_container_that_could_not_start_fails_the_task_with_its_reason() {
    let mut world = World::new(2);
    let job = submit(&mut world, |_| {});
    world.start_container(job, 0);
    let outputs = outputs(start_of(&world));
    let reason = Some("CannotStartContainerError: x".to_owned());
    let ran = Some((world.now, world.now));
    let containers = vec![
        ContainerEnd { output: outputs[0], ran, exit_code: Some(1), reason: None },
        ContainerEnd { output: outputs[1], ran: None, exit_code: None, reason: reason.clone() },
    ];
    world.end(job, AttemptEnd { cause: EndCause::StartFailed, exit_code: None, reason: reason.clone(), containers });
    let run = world.run(job);
    assert_eq!((run.status, run.status_reason.as_deref()), (JobStatus::Failed, Some("Task failed to start")));
    let [init, main] = run.attempts[0].containers.as_slice() else { panic!("two containers") };
    assert_eq!((init.exit_code, init.log_stream.is_some()), (Some(1), true));
    assert_eq!((&main.reason, &main.log_stream, run.started_at), (&reason, &None, None));
}

#[test]
fn rty_6_retry_looks_at_the_container_that_decided() {
    let mut world = World::new(2);
    let job = submit(&mut world, |job| job.retry = attempts(2));
    let first = outputs(start_of(&world));
    world.exit_task(job, 7, &[Some(0), Some(7)]);
    assert_eq!(world.status(job), JobStatus::Starting);
    let second = start_of(&world);
    assert_eq!(second.epoch, 2);
    assert!(outputs(second).iter().all(|output| !first.contains(output)), "no output has two attempts");
}

#[test]
fn lost_attempt_closes_the_streams_of_the_containers_that_had_started() {
    let mut world = World::new(2);
    let job = submit(&mut world, |_| {});
    let output = outputs(start_of(&world))[0];
    world.start_container(job, 0);
    world.running.clear();
    world.incarnation += 1;
    world.hello();
    assert_eq!(world.rows.log_streams[&output].ended_at, Some(world.now));
    let attempt = &world.run(job).attempts[0];
    let [init, main] = attempt.containers.as_slice() else { panic!("two containers") };
    assert_eq!((init.log_stream.is_some(), init.exit_code, &main.log_stream), (true, None, &None));
}

#[test]
fn mc_8_overrides_reach_the_container_that_they_name() {
    let mut world = World::new(4);
    let overrides = ContainerOverrides {
        environment: vec![EnvironmentVariable { name: "A".into(), value: Some("1".into()) }],
        resource_requirements: vec![("VCPU".into(), "3".into())],
        ..command(&["echo", "Ref::x"])
    };
    submit(&mut world, |job| {
        job.task_overrides = override_of("main", overrides);
        job.parameters.insert("x".into(), "y".into());
    });
    let start = start_of(&world);
    let [init, main] = start.containers.as_slice() else { panic!("two containers") };
    assert_eq!((init.command.join(" "), main.command.join(" ")), ("true".into(), "echo y".into()));
    let variable = ("A".to_owned(), "1".to_owned());
    assert_eq!((init.environment.contains(&variable), main.environment.contains(&variable)), (false, true));
    assert_eq!((main.demand.vcpu_milli, start.demand.vcpu_milli), (3_000, 4_000));
}

#[test]
fn mc_8_overrides_that_reach_nothing_are_refused() {
    let with = |overrides: Option<TaskOverrides>| {
        move |job: &mut SubmitJob| {
            task(job);
            job.task_overrides = overrides;
        }
    };
    let text = "containerName other must reference a defined container.";
    refused(with(override_of("other", command(&["x"]))), text);
    let twice = vec![("main".to_owned(), command(&["x"])), ("main".to_owned(), command(&["y"]))];
    let overrides = TaskOverrides { tasks: vec![twice], json_chars: 0 };
    refused(with(Some(overrides)), "ecsPropertiesOverride names container main more than once.");
    let text = "Unable to substitute value. No parameter found for reference x";
    refused(with(override_of("init", command(&["Ref::x"]))), text);
    let overrides = TaskOverrides { tasks: vec![vec![], vec![]], json_chars: 0 };
    refused(with(Some(overrides)), "ecsPropertiesOverride can have at most 1 taskProperties.");
}

#[test]
fn sub_11_overrides_of_another_kind_are_refused() {
    let container = |job: &mut SubmitJob| {
        task(job);
        job.container_overrides = Some(command(&["x"]));
    };
    refused(container, "Container overrides should not be set for ecsProperties jobs.");
    let text = "ecsPropertiesOverride should not be set for containerProperties jobs.";
    refused(|job| job.task_overrides = override_of("main", command(&["x"])), text);
    let nodes = |job: &mut SubmitJob| {
        task(job);
        job.node_overrides = Some(NodeOverrides::default());
    };
    refused(nodes, "Node overrides should only be set for multinode jobs.");
}

#[test]
fn children_of_an_array_are_tasks_each_with_its_own_outputs() {
    let mut world = World::new(4);
    let job = submit(&mut world, |job| job.array_size = Some(2));
    let all: BTreeSet<AttemptId> = world.running.values().flat_map(outputs).collect();
    assert_eq!(all.len(), 4);
    world.run_all();
    assert_eq!(world.status(job), JobStatus::Succeeded);
}

#[test]
fn restart_keeps_what_runs_and_what_has_started() {
    let mut world = World::new(2);
    let job = submit(&mut world, |_| {});
    world.start_container(job, 0);
    let before = (world.rows.clone(), world.running.clone());
    world.restart();
    world.running.clear();
    world.hello();
    assert_eq!((world.rows, world.running), before);
}

#[test]
fn output_of_a_container_whose_start_nobody_heard_of_goes_with_its_job() {
    let mut world = World::new(3);
    let id = submit(&mut world, |_| {});
    let outputs = outputs(start_of(&world));
    world.start_container(id, 0);
    world.running.clear();
    world.incarnation += 1;
    world.hello();
    let run = world.run(id);
    assert_eq!(run.unheard, outputs[1..], "the first one has a stream");
    assert!(outputs[1..].iter().all(|output| run.outputs().any(|named| named == *output)));
}
