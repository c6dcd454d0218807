//! Queues, environments and placement (spec section 20.1).

mod blocked;
mod bounds;
mod consumables;
mod explaining;
mod fair_share;
mod lab;
mod labels;
mod limits;
mod passing;

use crate::entity::{EnvironmentOrder, ResourceState};
use crate::testing::{World, definition, environment, queue};
use longshore_types::{JobRef, JobStatus, Timestamp};

fn vcpus(count: &str) -> Option<crate::command::ContainerOverrides> {
    let requirement = ("VCPU".to_owned(), count.to_owned());
    Some(crate::command::ContainerOverrides { resource_requirements: vec![requirement], ..Default::default() })
}

fn exited(attempt: longshore_types::AttemptId, at: Timestamp) -> longshore_protocol::AttemptEvent {
    let end = longshore_protocol::AttemptEnd {
        cause: longshore_protocol::EndCause::Exited,
        exit_code: Some(0),
        reason: None,
        containers: vec![],
    };
    longshore_protocol::AttemptEvent::Ended { attempt, at, end }
}

#[test]
fn sch_1_jobs_start_in_the_order_of_submission() {
    let mut world = World::new(1);
    let jobs: Vec<JobRef> = (0..4).map(|_| JobRef::Job(world.submit(|_| {}))).collect();
    assert_eq!(world.run_all(), jobs);
}

#[test]
fn sch_1_head_that_must_wait_holds_up_those_behind_it() {
    let mut world = World::new(2);
    let first = world.submit(|_| {});
    let wide = world.submit(|job| job.container_overrides = vcpus("2"));
    let narrow = world.submit(|_| {});
    assert_eq!((world.status(wide), world.status(narrow)), (JobStatus::Runnable, JobStatus::Runnable));
    world.exit(first, 0);
    assert_eq!((world.status(wide), world.status(narrow)), (JobStatus::Starting, JobStatus::Runnable));
}

#[test]
fn sch_2_queue_of_higher_priority_is_served_first() {
    let mut world = World::new(1);
    world.engine.put_queue(queue("urgent", 10));
    let first = world.submit(|_| {});
    let normal = world.submit(|_| {});
    let urgent = world.submit(|job| job.job_queue = "urgent".into());
    assert_eq!(world.run_all(), [first, urgent, normal].map(JobRef::Job));
}

#[test]
fn sch_3_environments_overflow_in_order_and_cap_their_share() {
    let mut world = World::new(8);
    world.engine.put_environment(environment("ce", 2));
    world.engine.put_environment(environment("more", 1));
    let mut both = queue("q", 1);
    both.environments = ["more", "ce"]
        .into_iter()
        .zip([20, 10])
        .map(|(name, order)| EnvironmentOrder { order, environment: name.parse().unwrap() })
        .collect();
    world.engine.put_queue(both);
    let array = world.submit(|job| job.array_size = Some(5));
    let environment_of = |index| world.run((array, index)).current.map(|current| current.environment.to_string());
    let placed: Vec<_> = (0..4).map(environment_of).collect();
    assert_eq!(placed, [Some("ce".into()), Some("ce".into()), Some("more".into()), None]);
}

#[test]
fn sch_4_disabled_environment_gets_nothing_new_and_lets_what_runs_finish() {
    let mut world = World::new(1);
    let (running, waiting) = (world.submit(|_| {}), world.submit(|_| {}));
    let mut disabled = environment("ce", 8);
    disabled.state = ResourceState::Disabled;
    world.engine.put_environment(disabled);
    world.exit(running, 0);
    assert_eq!((world.status(running), world.status(waiting)), (JobStatus::Succeeded, JobStatus::Runnable));
    world.engine.put_environment(environment("ce", 8));
    world.step();
    assert_eq!(world.status(waiting), JobStatus::Starting);
}

#[test]
fn sch_11_oversized_job_waits_with_a_reason_and_blocks_nobody() {
    let mut world = World::new(2);
    let wide = world.submit(|job| job.container_overrides = vcpus("3"));
    let narrow = world.submit(|_| {});
    assert!(world.reason(wide).starts_with("MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - "), "{}", world.reason(wide));
    assert_eq!((world.status(wide), world.status(narrow)), (JobStatus::Runnable, JobStatus::Starting));
    world.engine.put_environment(environment("ce", 2));
    world.step();
    assert!(world.reason(wide).starts_with("MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - "));
}

#[test]
fn st_8_diagnosis_is_gone_once_the_job_moves_on() {
    let mut world = World::new(1);
    world.engine.put_environment(environment("ce", 0));
    let job = world.submit(|_| {});
    assert!(!world.reason(job).is_empty());
    world.engine.put_environment(environment("ce", 1));
    world.step();
    assert_eq!((world.status(job), world.reason(job)), (JobStatus::Starting, String::new()));
}

#[test]
fn step_is_bounded_and_everything_is_placed_in_the_next_ones() {
    let config = crate::Config { placements_per_step: 2, ..crate::Config::default() };
    let mut world = World::with_config(9, config);
    world.engine.put_definition(definition("d"));
    let array = world.submit(|job| job.array_size = Some(9));
    assert_eq!(world.counts(array)[JobStatus::Starting as usize], 9);
}

#[test]
fn without_a_host_jobs_wait_and_start_when_one_comes() {
    let mut world = World::new(1);
    world.engine.host_disconnected(world.now, crate::testing::HOST);
    let job = world.submit(|_| {});
    assert_eq!(world.status(job), JobStatus::Runnable);
    world.now = Timestamp::from_millis(5_000);
    world.hello();
    assert_eq!(world.status(job), JobStatus::Starting);
}

#[test]
fn cancelled_child_of_an_array_keeps_no_room_from_those_behind_it() {
    let mut world = World::new(3);
    let first: Vec<_> = (0..3).map(|_| world.submit(|_| {})).collect();
    let array = world.submit(|job| job.array_size = Some(3));
    let behind = world.submit(|_| {});
    world.cancel((array, 2));
    world.running.clear();
    world.incarnation += 1;
    world.hello();
    assert!(first.iter().all(|job| world.status(*job) == JobStatus::Failed));
    assert_eq!([world.status((array, 0)), world.status((array, 1))], [JobStatus::Starting; 2]);
    assert_eq!(world.status(behind), JobStatus::Starting);
}

#[test]
fn sch_11_oversized_jobs_block_nobody_either_when_they_are_looked_at_again() {
    let mut world = World::new(2);
    for _ in 0..4 {
        world.submit(|job| job.container_overrides = vcpus("3"));
    }
    world.engine.put_queue(queue("other", 1));
    world.step();
    let narrow = world.submit(|_| {});
    assert_eq!(world.status(narrow), JobStatus::Starting);
}

#[test]
fn sch_1_what_is_cancelled_at_the_head_gives_its_turn_to_those_behind() {
    for size in [None, Some(2)] {
        let mut world = World::new(3);
        let pair = |job: &mut crate::command::SubmitJob| job.job_definition.name = "t".into();
        world.submit(pair);
        let head = world.submit(|job| {
            pair(job);
            job.array_size = size;
        });
        let behind = world.submit(|_| {});
        assert_eq!(world.status(behind), JobStatus::Runnable);
        world.cancel(head);
        assert_eq!(world.status(behind), JobStatus::Starting);
    }
}
