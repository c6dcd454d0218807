//! What can never be placed says so, every job of it, as long as it is true (`SCH-10`, `ST-8`).

use super::vcpus;
use crate::Config;
use crate::testing::{World, environment};
use longshore_types::JobStatus;

fn enlarge(world: &mut World, max_vcpus: i64) {
    world.engine.put_environment(environment("ce", max_vcpus));
    world.step();
}

#[test]
fn sch_10_children_of_an_array_and_their_parent_carry_the_diagnosis_until_it_is_no_longer_true() {
    let mut world = World::new(2);
    enlarge(&mut world, 0);
    let array = world.submit(|job| job.array_size = Some(3));
    let texts = |world: &World| [world.reason(array), world.reason((array, 0)), world.reason((array, 2))];
    assert!(texts(&world).iter().all(|text| text.starts_with("MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - ")));
    enlarge(&mut world, 1);
    assert_eq!(texts(&world), [const { String::new() }; 3]);
    assert_eq!((world.status((array, 0)), world.status((array, 2))), (JobStatus::Starting, JobStatus::Runnable));
}

#[test]
fn sch_10_array_whose_children_have_all_started_carries_no_diagnosis_and_a_restart_brings_none() {
    let mut world = World::new(2);
    let array = world.submit(|job| job.array_size = Some(2));
    let statuses = |world: &World| [world.status((array, 0)), world.status((array, 1))];
    assert_eq!(statuses(&world), [JobStatus::Starting; 2]);
    enlarge(&mut world, 0);
    assert_eq!(world.reason(array), "");
    let rows = world.rows.clone();
    world.restart();
    assert!(world.rows == rows, "a restart changes nothing");
}

#[test]
fn sch_10_jobs_behind_a_blocked_head_carry_it_too() {
    let mut world = World::with_config(2, Config { strict_fifo: true, ..Config::default() });
    world.submit(|_| {});
    let head = world.submit(|job| job.container_overrides = vcpus("2"));
    let oversized: Vec<_> = (0..3).map(|_| world.submit(|job| job.container_overrides = vcpus("3"))).collect();
    assert_eq!(world.reason(head), "");
    assert!(oversized.iter().all(|job| world.reason(*job).starts_with("MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - ")));
}

#[test]
fn sch_10_labels_of_many_jobs_are_written_in_bounded_steps_and_taken_back_after_a_restart() {
    let mut world = World::with_config(2, Config { placements_per_step: 2, ..Config::default() });
    world.engine.put_environment(environment("ce", 0));
    let jobs: Vec<_> = (0..7).map(|_| world.submit(|_| {})).collect();
    let array = world.submit(|job| job.array_size = Some(2));
    assert!(jobs.iter().all(|job| !world.reason(*job).is_empty()));
    world.restart();
    assert!(jobs.iter().all(|job| !world.reason(*job).is_empty()) && !world.reason((array, 1)).is_empty());
    enlarge(&mut world, 1);
    assert!(jobs.iter().all(|job| world.reason(*job).is_empty()));
    assert_eq!(world.reason((array, 1)), "");
    assert_eq!(world.run_all().len(), 9);
}
