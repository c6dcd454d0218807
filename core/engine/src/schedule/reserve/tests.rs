//! What is kept for shares that are not active yet.

use super::{limit_milli, part};
use crate::entity::{ComputeEnvironment, FairShare};
use crate::testing::{World, environment};

#[test]
fn fss_4_part_shrinks_with_every_active_share() {
    assert_eq!([0, 1, 2, 3].map(|shares| part(64_000, 50, shares)), [64_000, 32_000, 16_000, 8_000]);
    assert_eq!((part(64_000, 99, 500), part(u64::MAX, 1, 1_000_000)), (372, 0));
}

/// The limit of a queue over an environment with one active share and 50 percent kept, on 8 vCPUs of hosts.
fn limit(environment: ComputeEnvironment) -> Option<u64> {
    let mut world = World::new(8);
    world.engine.put_environment(environment);
    let policy = FairShare { reservation: Some(50), ..FairShare::default() };
    let queue = "q".parse().unwrap();
    world.engine.shares.enter(&queue, "a", world.now, &policy);
    limit_milli(&world.engine, world.now, (&queue, &policy))
}

#[test]
fn fss_4_of_the_most_that_environments_may_use_or_hosts_have() {
    assert_eq!(limit(environment("ce", 6)), Some(3_000));
    assert_eq!(limit(environment("ce", 256)), Some(4_000));
}

#[test]
fn fss_4_unmanaged_environment_counts_with_what_it_says() {
    let unmanaged = |vcpus| ComputeEnvironment { compute: None, unmanaged_vcpus: vcpus, ..environment("ce", 1) };
    assert_eq!(limit(unmanaged(Some(4))), Some(2_000));
    assert_eq!(limit(unmanaged(None)), Some(8_000), "nothing is kept");
}

#[test]
fn fss_4_without_a_reservation_nothing_is_kept() {
    let world = World::new(8);
    for reservation in [None, Some(0)] {
        let policy = FairShare { reservation, ..FairShare::default() };
        assert_eq!(limit_milli(&world.engine, world.now, (&"q".parse().unwrap(), &policy)), None);
    }
}
