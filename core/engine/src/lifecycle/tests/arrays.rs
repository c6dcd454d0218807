//! Array jobs (spec section 8).

use crate::testing::World;
use longshore_types::{JobRef, JobStatus};

#[test]
fn arr_2_arr_3_parent_is_pending_until_every_child_has_succeeded() {
    let mut world = World::new(2);
    let array = world.submit(|job| job.array_size = Some(3));
    assert_eq!(world.status(array), JobStatus::Pending);
    assert_eq!(world.counts(array), [0, 0, 1, 2, 0, 0, 0]);
    world.exit((array, 0), 0);
    world.exit((array, 1), 0);
    assert_eq!(world.status(array), JobStatus::Pending);
    world.exit((array, 2), 0);
    assert_eq!((world.status(array), world.counts(array)), (JobStatus::Succeeded, [0, 0, 0, 0, 0, 3, 0]));
    assert_eq!(world.run(array).status_reason, None);
}

#[test]
fn arr_3_parent_fails_only_after_all_children_have_finished() {
    let mut world = World::new(1);
    let array = world.submit(|job| job.array_size = Some(3));
    world.exit((array, 0), 1);
    assert_eq!(world.status(array), JobStatus::Pending);
    world.run_all();
    assert_eq!((world.status(array), world.reason(array)), (JobStatus::Failed, "Array Child Job failed".into()));
    assert_eq!(world.counts(array), [0, 0, 0, 0, 0, 2, 1]);
}

#[test]
fn million_children_are_one_row_until_they_differ() {
    let mut world = World::new(2);
    let array = world.submit(|job| job.array_size = Some(1_000_000));
    assert_eq!(world.rows.children.len(), 2);
    assert_eq!(world.status((array, 999_999)), JobStatus::Runnable);
    assert!(world.rows.run(JobRef::Child(array, 1_000_000)).is_none(), "ARR-11");
}

#[test]
fn rty_10_children_are_retried_one_by_one_ahead_of_fresh_ones() {
    let mut world = World::new(1);
    let array = world.submit(|job| {
        job.array_size = Some(3);
        job.retry = crate::testing::attempts(2);
    });
    world.exit((array, 0), 1);
    assert_eq!(world.running.keys().collect::<Vec<_>>(), [&JobRef::Child(array, 0)]);
    assert_eq!(world.running[&JobRef::Child(array, 0)].epoch, 2);
    world.run_all();
    assert_eq!(world.status(array), JobStatus::Succeeded);
    assert_eq!(world.run((array, 0)).attempts.len(), 2);
}

#[test]
fn arr_10_parent_starts_with_its_first_child_and_stops_with_its_last() {
    let mut world = World::new(1);
    let array = world.submit(|job| job.array_size = Some(2));
    world.start((array, 0));
    let first = world.now;
    world.exit((array, 0), 0);
    world.exit((array, 1), 0);
    let run = world.run(array);
    assert_eq!((run.started_at, run.stopped_at), (Some(first), Some(world.now)));
}
