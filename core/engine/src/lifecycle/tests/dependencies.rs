//! The four dependency models (spec section 7).

use crate::testing::{World, after, n_to_n, sequential};
use longshore_types::{JobRef, JobStatus};

const FAILED: &str = "Dependent Job failed";

#[test]
fn dep_1_job_waits_until_all_its_dependencies_have_succeeded() {
    let mut world = World::new(4);
    let (a, b) = (world.submit(|_| {}), world.submit(|_| {}));
    let c = world.submit(|job| job.depends_on = vec![after(a), after(b)]);
    world.exit(a, 0);
    assert_eq!(world.status(c), JobStatus::Pending);
    world.exit(b, 0);
    assert_eq!(world.status(c), JobStatus::Starting);
}

#[test]
fn dep_2_failure_cascades_at_once_however_long_the_chain() {
    let mut world = World::new(2);
    let (first, other) = (world.submit(|_| {}), world.submit(|_| {}));
    let mut chain = vec![world.submit(|job| job.depends_on = vec![after(first), after(other)])];
    for _ in 0..5_000 {
        let last = *chain.last().unwrap();
        chain.push(world.submit(|job| job.depends_on = vec![after(last)]));
    }
    world.exit(first, 1);
    assert!(chain.iter().all(|job| world.status(*job) == JobStatus::Failed && world.reason(*job) == FAILED));
    assert_eq!(world.status(other), JobStatus::Starting);
}

#[test]
fn dep_3_ended_dependencies_are_decided_at_submission() {
    let mut world = World::new(2);
    let (good, bad) = (world.submit(|_| {}), world.submit(|_| {}));
    world.exit(good, 0);
    world.exit(bad, 1);
    let (a, b) =
        (world.submit(|job| job.depends_on = vec![after(good)]), world.submit(|job| job.depends_on = vec![after(bad)]));
    assert_eq!(world.status(a), JobStatus::Starting);
    assert_eq!((world.status(b), world.reason(b)), (JobStatus::Failed, FAILED.into()));
}

#[test]
fn dep_5_array_parent_and_single_child_can_be_waited_for() {
    let mut world = World::new(2);
    let array = world.submit(|job| job.array_size = Some(2));
    let on_all = world.submit(|job| job.depends_on = vec![after(array)]);
    let on_child = world.submit(|job| job.depends_on = vec![after((array, 1))]);
    world.exit((array, 1), 0);
    assert_eq!((world.status(on_child), world.status(on_all)), (JobStatus::Starting, JobStatus::Pending));
    world.run_all();
    assert_eq!(world.status(on_all), JobStatus::Succeeded);
}

#[test]
fn dep_6_sequential_children_run_one_after_the_other() {
    let mut world = World::new(4);
    let array = world.submit(|job| {
        job.array_size = Some(3);
        job.depends_on = vec![sequential()];
    });
    assert_eq!(world.counts(array), [0, 2, 0, 1, 0, 0, 0]);
    assert_eq!(world.run_all(), [0, 1, 2].map(|index| JobRef::Child(array, index)));
    assert_eq!(world.status(array), JobStatus::Succeeded);
}

#[test]
fn dep_6_failed_child_takes_down_all_that_follow_however_many() {
    let mut world = World::new(4);
    let array = world.submit(|job| {
        job.array_size = Some(20_000);
        job.depends_on = vec![sequential()];
    });
    world.exit((array, 0), 0);
    world.exit((array, 1), 1);
    assert_eq!(world.counts(array), [0, 0, 0, 0, 0, 1, 19_999]);
    assert_eq!(world.reason((array, 19_999)), FAILED);
    assert_eq!((world.status(array), world.reason(array)), (JobStatus::Failed, "Array Child Job failed".into()));
}

#[test]
fn dep_7_n_to_n_children_follow_their_counterparts() {
    let mut world = World::new(8);
    let a = world.submit(|job| job.array_size = Some(3));
    let b = world.submit(|job| {
        job.array_size = Some(3);
        job.depends_on = vec![n_to_n(a)];
    });
    world.exit((a, 1), 0);
    assert_eq!(world.status((b, 1)), JobStatus::Starting);
    assert_eq!(world.status((b, 0)), JobStatus::Pending);
    world.exit((a, 0), 1);
    assert_eq!((world.status((b, 0)), world.reason((b, 0))), (JobStatus::Failed, FAILED.into()));
    world.run_all();
    assert_eq!(world.counts(b), [0, 0, 0, 0, 0, 2, 1]);
    assert_eq!(world.status(b), JobStatus::Failed);
}

#[test]
fn dep_7_n_to_n_on_an_ended_array_is_decided_child_by_child() {
    let mut world = World::new(8);
    let a = world.submit(|job| job.array_size = Some(2));
    world.exit((a, 0), 0);
    world.exit((a, 1), 1);
    assert!(world.engine.job(a).is_none(), "ended jobs leave memory");
    let b = world.submit(|job| {
        job.array_size = Some(2);
        job.depends_on = vec![n_to_n(a)];
    });
    assert_eq!((world.status((b, 0)), world.status((b, 1))), (JobStatus::Starting, JobStatus::Failed));
}

#[test]
fn dep_7_followed_array_stays_in_memory_until_its_follower_has_ended() {
    let mut world = World::new(1);
    let a = world.submit(|job| job.array_size = Some(2));
    let b = world.submit(|job| {
        job.array_size = Some(2);
        job.depends_on = vec![n_to_n(a)];
    });
    world.exit((a, 0), 0);
    world.exit((a, 1), 0);
    assert_eq!(world.status(a), JobStatus::Succeeded);
    assert!(world.engine.job(a).is_some());
    world.run_all();
    assert_eq!(world.status(b), JobStatus::Succeeded);
    assert!(world.engine.job(a).is_none() && world.engine.job(b).is_none());
}

#[test]
fn dep_8_sequential_with_a_job_id_is_an_ordinary_dependency() {
    let mut world = World::new(2);
    let first = world.submit(|_| {});
    let second = world.submit(|job| {
        let mut dependency = after(first);
        dependency.kind = Some("SEQUENTIAL".into());
        job.depends_on = vec![dependency];
    });
    assert_eq!(world.status(second), JobStatus::Pending);
    world.run_all();
    assert_eq!(world.status(second), JobStatus::Succeeded);
}

#[test]
fn arr_5_children_are_not_spawned_before_the_arrays_dependencies_are_met() {
    let mut world = World::new(2);
    let first = world.submit(|_| {});
    let array = world.submit(|job| {
        job.array_size = Some(2);
        job.depends_on = vec![after(first)];
    });
    assert_eq!(world.counts(array), [0; 7]);
    world.exit(first, 0);
    let spawned_at = world.rows.jobs[&array].array.as_ref().unwrap().spawned_at;
    assert_eq!((world.counts(array)[JobStatus::Starting as usize], spawned_at), (2, Some(world.now)));
}

#[test]
fn dep_2_array_with_a_failed_dependency_fails_whole_and_takes_its_followers_down() {
    let mut world = World::new(2);
    let first = world.submit(|_| {});
    let a = world.submit(|job| {
        job.array_size = Some(2);
        job.depends_on = vec![after(first)];
    });
    let b = world.submit(|job| {
        job.array_size = Some(2);
        job.depends_on = vec![n_to_n(a)];
    });
    world.exit(first, 1);
    assert_eq!((world.status(a), world.reason(a)), (JobStatus::Failed, FAILED.into()));
    assert_eq!((world.status((a, 1)), world.reason((a, 1))), (JobStatus::Failed, FAILED.into()));
    assert_eq!((world.status(b), world.status((b, 1))), (JobStatus::Failed, JobStatus::Failed));
}

#[test]
fn dep_3_target_that_ends_and_leaves_memory_first_stays_decided() {
    let mut world = World::new(2);
    let a = world.submit(|job| job.array_size = Some(2));
    world.exit((a, 1), 0);
    let b = world.submit(|_| {});
    let c = world.submit(|job| job.depends_on = vec![after((a, 1)), after(b)]);
    world.exit((a, 0), 0);
    assert!(world.engine.job(a).is_none());
    world.exit(b, 0);
    assert_eq!(world.status(c), JobStatus::Starting);
}
