//! What is counted, and that a restart counts the same.

use super::Census;
use crate::testing::World;
use crate::wait::{Answer, Question};
use longshore_types::Resources;

fn census(world: &World) -> Census {
    match world.engine.answer(world.now, &Question::Census) {
        Answer::Census(census) => *census,
        other => panic!("not a census: {other:?}"),
    }
}

#[test]
fn jobs_children_and_places_are_counted_one_by_one() {
    let mut world = World::new(2);
    let array = world.submit(|job| job.array_size = Some(10));
    world.submit(|_| {});
    let counted = census(&world);
    assert_eq!(counted.runnable, [("q".parse().unwrap(), 9)], "two of eleven have their places");
    assert_eq!((counted.jobs, counted.attempts, counted.ahead, counted.waiting), (2, 2, 0, 2));
    assert_eq!((counted.hosts_connected, counted.hosts_away), (1, 0));
    assert_eq!(counted.capacity, Resources { vcpu_milli: 2_000, memory_mib: 1_000_000, gpus: 0 });
    assert_eq!(counted.used.vcpu_milli, 2_000);
    world.exit(longshore_types::JobRef::Child(array, 0), 0);
    assert_eq!(census(&world).runnable, [("q".parse().unwrap(), 8)]);
}

#[test]
fn host_that_is_away_offers_nothing_but_is_in_use() {
    let mut world = World::new(2);
    world.submit(|_| {});
    world.engine.host_disconnected(world.now, crate::testing::HOST);
    let counted = census(&world);
    assert_eq!((counted.hosts_connected, counted.hosts_away), (0, 1));
    assert_eq!((counted.capacity.vcpu_milli, counted.used.vcpu_milli), (0, 1_000));
}

#[test]
fn restart_counts_the_same() {
    let mut world = World::new(1);
    world.submit(|job| job.array_size = Some(5));
    world.submit(|_| {});
    let before = census(&world);
    world.restart();
    world.hello();
    assert_eq!(census(&world), before);
}
