//! `desiredvCpus` goes up with demand, comes down after a while, and is written only when it changes (`CE-12`).

use crate::Config;
use crate::command::{Command, ComputeResourcesInput, UpdateComputeEnvironment};
use crate::testing::World;
use longshore_types::Document;
use serde_json::json;

const PERIOD: u64 = 1_000;
const WHILE: u64 = 60_000;

fn world(vcpus: u64) -> World {
    let config = Config { scaling_period_ms: PERIOD, scale_down_after_ms: WHILE, ..Config::default() };
    let mut world = World::with_config(vcpus, config);
    update(&mut world, |compute| compute.max_vcpus = Some(6));
    world
}

fn update(world: &mut World, change: impl FnOnce(&mut ComputeResourcesInput)) {
    let mut compute = ComputeResourcesInput::default();
    change(&mut compute);
    let update =
        UpdateComputeEnvironment { name: "ce".into(), compute: Some(compute), ..UpdateComputeEnvironment::default() };
    world.try_apply(Command::UpdateComputeEnvironment(Box::new(update))).unwrap();
}

fn shown(world: &World) -> i64 {
    world.rows.environments[&"ce".parse().unwrap()].compute.as_ref().unwrap().desired_vcpus.unwrap()
}

#[test]
fn ce_12_running_and_waiting_raise_it_up_to_the_maximum() {
    let mut world = world(2);
    for _ in 0..3 {
        world.submit(|_| {});
    }
    assert_eq!(shown(&world), 0);
    world.pass(PERIOD);
    assert_eq!(shown(&world), 3);
    world.submit(|job| job.array_size = Some(50));
    world.pass(PERIOD);
    assert_eq!(shown(&world), 6);
}

#[test]
fn ce_12_it_falls_to_the_minimum_only_after_a_while_of_less() {
    let mut world = world(8);
    update(&mut world, |compute| compute.min_vcpus = Some(1));
    let jobs: Vec<_> = (0..4).map(|_| world.submit(|_| {})).collect();
    world.pass(PERIOD);
    assert_eq!(shown(&world), 4);
    for job in jobs {
        world.exit(job, 0);
    }
    world.pass(WHILE);
    assert_eq!(shown(&world), 4);
    world.pass(PERIOD);
    assert_eq!(shown(&world), 1);
    assert_eq!(world.engine.next_deadline(), None);
}

#[test]
fn ce_12_it_never_rises_over_a_maximum_that_was_lowered_while_it_was_about_to_fall() {
    let mut world = world(8);
    let jobs: Vec<_> = (0..5).map(|_| world.submit(|_| {})).collect();
    world.pass(PERIOD);
    world.exit(jobs[0], 0);
    world.pass(PERIOD);
    for job in &jobs[1..] {
        world.exit(*job, 0);
    }
    update(&mut world, |compute| compute.max_vcpus = Some(2));
    assert_eq!(shown(&world), 2);
    world.pass(WHILE);
    assert_eq!(shown(&world), 2);
    world.pass(3 * WHILE);
    assert_eq!(shown(&world), 0);
}

#[test]
fn ce_12_demand_that_comes_back_within_the_while_keeps_it() {
    let mut world = world(8);
    let job = world.submit(|_| {});
    world.pass(PERIOD);
    world.exit(job, 0);
    world.pass(WHILE / 2);
    let before = world.rows.clone();
    world.submit(|_| {});
    world.pass(WHILE);
    assert_eq!((shown(&world), &world.rows.environments), (1, &before.environments));
}

#[test]
fn ce_12_scaling_policy_says_how_long_the_while_is() {
    let mut world = world(8);
    let policy = json!({ "scalingPolicy": { "minScaleDownDelayMinutes": 20 } });
    update(&mut world, |compute| compute.document = Document(policy.as_object().unwrap().clone()));
    update(&mut world, |compute| compute.desired_vcpus = Some(5));
    world.pass(20 * 60_000);
    assert_eq!(shown(&world), 5);
    world.pass(PERIOD);
    assert_eq!(shown(&world), 0);
}

#[test]
fn ce_12_disabled_environment_wants_only_what_runs() {
    let mut world = world(1);
    world.submit(|_| {});
    world.submit(|_| {});
    let state = Some("DISABLED".into());
    let update = UpdateComputeEnvironment { name: "ce".into(), state, ..UpdateComputeEnvironment::default() };
    world.try_apply(Command::UpdateComputeEnvironment(Box::new(update))).unwrap();
    world.pass(PERIOD);
    assert_eq!(shown(&world), 1);
}

#[test]
fn ce_12_restart_changes_nothing_of_it() {
    let mut world = world(8);
    let job = world.submit(|_| {});
    world.pass(PERIOD);
    world.exit(job, 0);
    let before = world.rows.clone();
    world.restart();
    assert_eq!(world.rows.environments, before.environments);
    world.pass(PERIOD + WHILE);
    assert_eq!(shown(&world), 0);
}
