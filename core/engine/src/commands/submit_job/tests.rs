//! SubmitJob: refusals change nothing; accepted jobs run what was resolved (spec sections 3, 7, 8).

use crate::command::{ContainerOverrides, DependencyInput, SubmitJob};
use crate::entity::{EnvironmentVariable, ResourceState};
use crate::testing::{World, after, n_to_n, queue, sequential};
use longshore_types::{JobId, JobStatus};

/// The submission is refused with exactly this text, and nothing has changed.
fn refused(world: &mut World, change: impl FnOnce(&mut SubmitJob), text: &str) {
    let before = world.rows.clone();
    let error = world.try_submit(change).unwrap_err();
    assert_eq!(error.to_string(), text);
    assert_eq!(world.rows, before);
    assert!(!world.engine.has_changes());
}

#[test]
fn sub_1_bad_names_are_refused() {
    let mut world = World::new(1);
    for name in ["", "-x", "_x", "a b", "a.b", &"x".repeat(129)] {
        refused(&mut world, |job| job.job_name = name.into(), "Job name should match valid pattern");
    }
}

#[test]
fn sub_3_sub_4_unknown_queue_or_definition_is_refused_by_name() {
    let mut world = World::new(1);
    refused(&mut world, |job| job.job_queue = "nope".into(), "JobQueue nope not found.");
    let text = "JobDefinition name nope does not exist or is not in ACTIVE status";
    refused(&mut world, |job| job.job_definition.name = "nope".into(), text);
    let text = "JobDefinition name d:2 does not exist or is not in ACTIVE status";
    refused(&mut world, |job| job.job_definition.revision = Some(2), text);
}

#[test]
fn sub_3_disabled_queue_refuses_but_runs_what_it_has() {
    let mut world = World::new(1);
    let (first, second) = (world.submit(|_| {}), world.submit(|_| {}));
    let mut disabled = queue("q", 1);
    disabled.state = ResourceState::Disabled;
    world.engine.put_queue(disabled);
    world.step();
    refused(&mut world, |_| {}, "Job queue q is not in ENABLED state.");
    world.run_all();
    assert_eq!((world.status(first), world.status(second)), (JobStatus::Succeeded, JobStatus::Succeeded));
}

#[test]
fn sub_4_without_a_revision_the_latest_active_one_is_taken() {
    let mut world = World::new(1);
    let mut second = crate::testing::definition("d");
    second.id.revision = 2;
    world.engine.put_definition(second.clone());
    second.id.revision = 3;
    second.active = false;
    world.engine.put_definition(second);
    let job = world.submit(|_| {});
    assert_eq!(world.rows.jobs[&job].definition.revision, 2);
}

#[test]
fn sub_6_share_identifier_on_a_fifo_queue_is_refused() {
    let mut world = World::new(1);
    let text = "Job with shareIdentifier or schedulingPriority can onlybe submitted to job queue with fair share \
                scheduling policy.";
    refused(&mut world, |job| job.share_identifier = Some("a".into()), text);
    refused(&mut world, |job| job.scheduling_priority_override = Some(1), text);
}

#[test]
fn sub_7_too_many_dependencies_are_refused() {
    let mut world = World::new(1);
    world.engine.config.limits = longshore_types::Limits::aws();
    let job = world.submit(|_| {});
    let many = |count: usize| vec![after(job); count];
    refused(&mut world, |job| job.depends_on = many(21), "Job cannot have more than 20 dependencies");
    world.submit(|job| job.depends_on = many(20));
}

#[test]
fn sub_8_array_size_out_of_range_is_refused() {
    let mut world = World::new(1);
    for size in [1, -1, 1_000_001] {
        let text = format!("Array size must be between 2 and 1000000, got {size}.");
        refused(&mut world, |job| job.array_size = Some(size), &text);
    }
    let job = world.submit(|job| job.array_size = Some(0));
    assert!(world.rows.jobs[&job].array.is_none());
}

#[test]
fn sub_9_retry_and_timeout_out_of_range_are_refused() {
    let mut world = World::new(1);
    let text = "RetryAttempts must be between 1 and 10.";
    refused(&mut world, |job| job.retry = crate::testing::attempts(11), text);
    refused(&mut world, |job| job.retry = crate::testing::attempts(0), text);
    let text = "RetryAttempts must be provided with retry strategy.";
    refused(&mut world, |job| job.retry = Some(Default::default()), text);
    let text = "AttemptDurationSeconds in Timeout must be at least 60 seconds.";
    refused(&mut world, |job| job.timeout_s = Some(Some(59)), text);
}

#[test]
fn sub_10_unresolved_reference_is_refused() {
    let mut world = World::new(1);
    let command = |words: &[&str]| ContainerOverrides {
        command: Some(words.iter().map(|word| (*word).to_owned()).collect()),
        ..ContainerOverrides::default()
    };
    let text = "Unable to substitute value. No parameter found for reference x";
    refused(&mut world, |job| job.container_overrides = Some(command(&["echo", "Ref::x"])), text);
    let job = world.submit(|job| {
        job.container_overrides = Some(command(&["echo", "Ref::x"]));
        job.parameters.insert("x".into(), "y".into());
    });
    assert_eq!(world.rows.jobs[&job].spec.work.containers()[0].command, ["echo", "y"]);
}

#[test]
fn sub_13_reserved_environment_names_are_refused() {
    let mut world = World::new(1);
    let variable = EnvironmentVariable { name: "AWS_BATCH_X".into(), value: None };
    let overrides = ContainerOverrides { environment: vec![variable], ..ContainerOverrides::default() };
    assert!(world.try_submit(|job| job.container_overrides = Some(overrides)).is_err());
}

#[test]
fn dep_4_unknown_dependency_is_refused() {
    let mut world = World::new(1);
    let ghost = JobId::from_random(5);
    let text = format!("Job {ghost} that this job depends on was not found.");
    refused(&mut world, |job| job.depends_on = vec![after(ghost)], &text);
    let array = world.submit(|job| job.array_size = Some(2));
    let text = format!("Job {array}:2 that this job depends on was not found.");
    refused(&mut world, |job| job.depends_on = vec![after((array, 2))], &text);
    let bad = DependencyInput { job_id: Some("what".into()), kind: None };
    refused(&mut world, |job| job.depends_on = vec![bad], "Job what that this job depends on was not found.");
}

#[test]
fn dep_6_dep_7_array_dependencies_on_the_wrong_things_are_refused() {
    let mut world = World::new(1);
    let (single, array) = (world.submit(|_| {}), world.submit(|job| job.array_size = Some(3)));
    let text = "A SEQUENTIAL dependency without a jobId can only be set for array jobs.";
    refused(&mut world, |job| job.depends_on = vec![sequential()], text);
    let array_of_2 = |dependency| {
        move |job: &mut SubmitJob| {
            job.array_size = Some(2);
            job.depends_on = vec![dependency];
        }
    };
    let text = "N_TO_N dependency can only be set between array jobs.";
    refused(&mut world, array_of_2(n_to_n(single)), text);
    refused(&mut world, |job| job.depends_on = vec![n_to_n(array)], text);
    let text = "N_TO_N dependency requires arrays of the same size, got 2 and 3.";
    refused(&mut world, array_of_2(n_to_n(array)), text);
}

#[test]
fn env_1_attempt_gets_batch_variables_over_its_own() {
    let mut world = World::new(1);
    let variable = EnvironmentVariable { name: "A".into(), value: Some("1".into()) };
    let overrides = ContainerOverrides { environment: vec![variable], ..ContainerOverrides::default() };
    let job = world.submit(|job| {
        job.array_size = Some(2);
        job.container_overrides = Some(overrides);
    });
    let start = world.running.values().next().unwrap();
    let environment: std::collections::BTreeMap<_, _> = start.containers[0].environment.iter().cloned().collect();
    let expected = [
        ("A", "1".to_owned()),
        ("AWS_BATCH_CE_NAME", "ce".to_owned()),
        ("AWS_BATCH_JOB_ARRAY_INDEX", "0".to_owned()),
        ("AWS_BATCH_JOB_ARRAY_SIZE", "2".to_owned()),
        ("AWS_BATCH_JOB_ATTEMPT", "1".to_owned()),
        ("AWS_BATCH_JOB_ID", format!("{job}:0")),
        ("AWS_BATCH_JQ_NAME", "q".to_owned()),
        ("AWS_EXECUTION_ENV", "AWS_ECS_EC2".to_owned()),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value));
    assert_eq!(environment.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn res_2_propagate_tags_is_the_definition_s_unless_the_submission_says() {
    let mut world = World::new(1);
    let mut definition = crate::testing::definition("d");
    definition.propagate_tags = Some(true);
    world.engine.put_definition(definition);
    let (silent, saying) = (world.submit(|_| {}), world.submit(|job| job.propagate_tags = Some(false)));
    assert_eq!([silent, saying].map(|job| world.rows.jobs[&job].propagate_tags), [Some(true), Some(false)]);
}

#[test]
fn sub_2_request_larger_than_the_limit_is_refused() {
    let mut world = World::new(1);
    world.engine.config.limits = longshore_types::Limits::aws();
    refused(&mut world, |job| job.body_bytes = 30_721, "A SubmitJob request can have at most 30720 bytes.");
    world.submit(|job| job.body_bytes = 30_720);
}

#[test]
fn host_image_is_refused_where_the_operator_does_not_allow_it() {
    let mut world = World::new(1);
    world.engine.config.allow_host_runtime = false;
    let text = "Jobs with the image host are not allowed on this server. Its operator can allow them with \
                --allow-host-runtime.";
    refused(&mut world, |_| {}, text);
}
