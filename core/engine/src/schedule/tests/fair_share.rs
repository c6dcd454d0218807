//! Whose turn it is in a queue with a fair-share policy (spec section 20.2).

mod long_run;
mod turn;

use super::vcpus;
use crate::Error;
use crate::command::{Command, ConsumableInput, FairShareInput, SubmitJob, UpdateSchedulingPolicy};
use crate::entity::{ConsumableKind, FairShare, JobQueue, ShareWeight};
use crate::testing::{World, attempts, consumable, environment, policy, policy_ref, queue};
use crate::{Config, QueueSnapshot, SharesInUse};
use longshore_types::{JobId, JobRef, JobStatus};

/// A host whose queue has this policy.
fn world_with(config: Config, count: u64, fair_share: FairShare) -> World {
    let mut world = World::with_config(count, config);
    world.engine.put_policy(policy("p", fair_share));
    world.engine.put_queue(JobQueue { scheduling_policy: Some("p".parse().unwrap()), ..queue("q", 1) });
    world.step();
    world
}

fn world(count: u64, fair_share: FairShare) -> World {
    world_with(Config::default(), count, fair_share)
}

/// Weights in ten-thousandths.
fn weights(entries: &[(&str, u64)]) -> FairShare {
    let entry = |(share, weight): &(&str, u64)| ShareWeight { identifier: (*share).into(), weight: Some(*weight) };
    FairShare { distribution: Some(entries.iter().map(entry).collect()), ..FairShare::default() }
}

fn of(share: &str, priority: i64) -> impl Fn(&mut SubmitJob) {
    move |job| {
        job.share_identifier = Some(share.into());
        job.scheduling_priority_override = Some(priority);
    }
}

/// An array of a share.
fn array(world: &mut World, share: &str, size: i64) -> JobId {
    world.submit(|job| {
        of(share, 0)(job);
        job.array_size = Some(size);
    })
}

fn running(world: &World, array: JobId) -> u32 {
    world.counts(array)[JobStatus::Starting as usize]
}

fn snapshot(world: &World) -> QueueSnapshot {
    world.engine.snapshot_of(world.now, &"q".parse().unwrap()).unwrap()
}

#[test]
fn fss_5_shares_take_turns_by_what_they_have_used_however_much_of_one_waits() {
    let mut world = world(1, FairShare::default());
    let first = array(&mut world, "a", 3);
    let second = array(&mut world, "b", 2);
    let children = [(first, 0), (second, 0), (second, 1), (first, 1), (first, 2)];
    assert_eq!(world.run_all(), children.map(|(job, index)| JobRef::Child(job, index)));
}

#[test]
fn fss_1_lower_weight_gets_more_by_as_much() {
    let mut world = world(9, weights(&[("a", 10_000), ("b", 1_250)]));
    let block = world.submit(|job| {
        of("c", 0)(job);
        job.container_overrides = vcpus("9");
    });
    let (first, second) = (array(&mut world, "a", 100), array(&mut world, "b", 100));
    world.exit(block, 0);
    assert_eq!((running(&world, first), running(&world, second)), (1, 8));
}

#[test]
fn snp_1_snapshot_names_the_active_shares_that_use_most_first() {
    let mut world = world(3, FairShare::default());
    for share in ["b", "a", "c"] {
        array(&mut world, share, 2);
    }
    let SharesInUse { active, top } = snapshot(&world).shares.unwrap();
    assert_eq!((active, top), (3, vec![("b".into(), 2_000), ("a".into(), 1_000), ("c".into(), 0)]));
}

#[test]
fn fss_5_priority_decides_inside_a_share_and_nowhere_else() {
    let mut world = world(1, FairShare::default());
    let block = world.submit(of("x", 0));
    let jobs =
        [("a", 1), ("b", 9), ("a", 5), ("a", 5), ("b", 8)].map(|(share, priority)| world.submit(of(share, priority)));
    let expected = [block, jobs[1], jobs[2], jobs[3], jobs[4], jobs[0]].map(JobRef::Job);
    assert_eq!(snapshot(&world).front.iter().map(|front| front.job).collect::<Vec<_>>(), expected[1..]);
    assert_eq!(world.run_all(), expected);
}

#[test]
fn rty_2_retry_goes_first_among_its_equals() {
    let mut world = world(1, FairShare::default());
    let retried = world.submit(|job| {
        of("a", 3)(job);
        job.retry = attempts(2);
    });
    let [urgent, equal] = [4, 3].map(|priority| world.submit(of("a", priority)));
    world.exit(retried, 1);
    assert_eq!(world.run_all(), [urgent, retried, equal].map(JobRef::Job));
}

#[test]
fn fss_3_share_that_has_used_more_waits_until_the_other_has_caught_up() {
    let mut world = world(2, FairShare::default());
    let early = array(&mut world, "a", 1_000);
    for child in 0..50 {
        world.pass(2_000);
        world.exit((early, child), 0);
    }
    let late = array(&mut world, "b", 1_000);
    let ends = |world: &World, job| world.counts(job)[JobStatus::Succeeded as usize];
    let before = ends(&world, early);
    for _ in 0..40 {
        world.pass(2_000);
        let next = *world.running.iter().min_by_key(|(_, start)| start.attempt).unwrap().0;
        world.exit(next, 0);
    }
    assert!(ends(&world, late) > 2 * (ends(&world, early) - before), "{} {}", ends(&world, late), ends(&world, early));
}

#[test]
fn fss_4_part_is_kept_for_shares_that_are_not_active_yet() {
    let mut world = world(8, FairShare { reservation: Some(50), ..FairShare::default() });
    let first = array(&mut world, "a", 100);
    assert_eq!(running(&world, first), 4);
    let second = array(&mut world, "b", 100);
    assert_eq!((running(&world, first), running(&world, second)), (4, 2));
    let third = array(&mut world, "c", 100);
    assert_eq!([first, second, third].map(|job| running(&world, job)), [4, 2, 1]);
}

#[test]
fn fss_4_job_that_would_touch_what_is_kept_starts_when_nothing_of_its_queue_runs() {
    let mut world = world(8, FairShare { reservation: Some(50), ..FairShare::default() });
    let wide = |job: &mut SubmitJob| {
        of("a", 0)(job);
        job.container_overrides = vcpus("6");
    };
    let small = world.submit(of("a", 0));
    let [first, second] = [world.submit(wide), world.submit(wide)];
    let behind = world.submit(of("a", 0));
    assert_eq!([first, behind].map(|job| world.status(job)), [JobStatus::Runnable; 2], "nobody overtakes for it");
    world.exit(small, 0);
    assert_eq!([first, second, behind].map(|job| world.status(job) == JobStatus::Starting), [true, false, false]);
    world.exit(first, 0);
    assert_eq!(world.status(second), JobStatus::Starting);
}

#[test]
fn reserved_place_is_kept_whoever_has_used_least_by_then() {
    let mut world = world(4, FairShare::default());
    let small: Vec<JobId> = (0..4).map(|_| world.submit(of("a", 0))).collect();
    let wide = world.submit(|job| {
        of("b", 0)(job);
        job.container_overrides = vcpus("4");
    });
    let newcomers: Vec<JobId> = ["c", "d", "e"].iter().map(|share| world.submit(of(share, 0))).collect();
    for job in small {
        assert_eq!(world.status(wide), JobStatus::Runnable);
        assert!(newcomers.iter().all(|job| world.status(*job) == JobStatus::Runnable));
        world.exit(job, 0);
    }
    assert_eq!(world.status(wide), JobStatus::Starting);
}

#[test]
fn share_whose_only_job_has_a_place_reserved_does_not_end_the_walk() {
    let mut world = world(4, FairShare::default());
    world.engine.put_consumable(consumable("r", ConsumableKind::Replenishable, 2));
    let needs = |quantity| vec![ConsumableInput { resource: "r".into(), quantity: Some(quantity) }];
    world.submit(|job| {
        of("a", 0)(job);
        job.consumables = needs(1);
    });
    let wide = world.submit(|job| {
        of("b", 0)(job);
        job.container_overrides = vcpus("2");
        job.consumables = needs(2);
    });
    let newcomer = world.submit(of("c", 0));
    assert_eq!([wide, newcomer].map(|job| world.status(job)), [JobStatus::Runnable, JobStatus::Starting]);
}

#[test]
fn fss_4_reserved_place_of_a_job_that_would_touch_what_is_kept_holds_nobody_up() {
    let policy = FairShare { reservation: Some(60), decay_s: Some(100), ..FairShare::default() };
    let mut world = world(4, policy);
    world.engine.put_consumable(consumable("r", ConsumableKind::Replenishable, 2));
    let job = |share: &'static str, wide: &'static str, needed: i64| {
        move |job: &mut SubmitJob| {
            of(share, 0)(job);
            job.container_overrides = vcpus(wide);
            let need = ConsumableInput { resource: "r".into(), quantity: Some(needed) };
            job.consumables = Vec::from_iter((needed > 0).then_some(need));
        }
    };
    let [past, earlier] = [world.submit(of("d", 0)), world.submit(job("b", "2", 0))];
    world.exit(past, 0);
    world.pass(90_000);
    world.exit(earlier, 0);
    world.submit(job("a", "1", 1));
    let wide = world.submit(job("b", "2", 2));
    assert!(
        !world.engine.reservations.is_empty(),
        "of three active shares it is admitted, and lacks {wide:?}'s resource"
    );
    world.pass(15_000);
    let newcomer = world.submit(of("a", 0));
    assert_eq!([wide, newcomer].map(|job| world.status(job)), [JobStatus::Runnable, JobStatus::Starting]);
}

#[test]
fn sch_1_strict_head_of_the_share_whose_turn_it_is_blocks_the_queue() {
    let mut world = world_with(Config { strict_fifo: true, ..Config::default() }, 2, FairShare::default());
    let _running = world.submit(of("a", 0));
    let wide = world.submit(|job| {
        of("b", 0)(job);
        job.container_overrides = vcpus("2");
    });
    let narrow = world.submit(of("c", 0));
    assert_eq!([wide, narrow].map(|job| world.status(job)), [JobStatus::Runnable; 2]);
}

#[test]
fn fss_2_new_share_beyond_the_limit_is_refused_until_another_has_been_inactive() {
    let mut config = Config::default();
    config.limits.share_identifiers = 2;
    let mut world = world_with(config, 4, FairShare { decay_s: Some(60), ..FairShare::default() });
    let [first, _] = ["a", "b"].map(|share| world.submit(of(share, 0)));
    let text = "Failed to create shareIdentifier c";
    assert_eq!(world.try_submit(of("c", 0)), Err(Error::invalid(text)));
    world.submit(of("a", 0));
    world.exit(first, 0);
    world.run_all();
    world.pass(59_000);
    assert_eq!(world.try_submit(of("c", 0)), Err(Error::invalid(text)));
    world.pass(2_000);
    assert!(world.try_submit(of("c", 0)).is_ok());
}

#[test]
fn policy_that_changes_decides_from_then_on() {
    let mut world = world(1, FairShare::default());
    let (first, second) = (array(&mut world, "a", 100), array(&mut world, "b", 100));
    let fair_share = FairShareInput { distribution: Some(vec![("b".into(), Some(100))]), ..FairShareInput::default() };
    let command = UpdateSchedulingPolicy { policy: policy_ref("p"), fair_share: Some(fair_share), quota_share: None };
    world.try_apply(Command::UpdateSchedulingPolicy(Box::new(command))).unwrap();
    for _ in 0..20 {
        world.pass(1_000);
        let next = *world.running.keys().next().unwrap();
        world.exit(next, 0);
    }
    let ended = |job| world.counts(job)[JobStatus::Succeeded as usize];
    assert_eq!((ended(first), ended(second)), (1, 19));
}

#[test]
fn front_of_the_queue_is_what_is_served_next() {
    let mut world = world(100, weights(&[("a", 10_000), ("b", 5_000), ("c", 2_500)]));
    world.engine.put_environment(environment("ce", 1));
    let _running = world.submit(of("x", 0));
    array(&mut world, "a", 9);
    for index in 0..12_i64 {
        world.submit(of(["a", "b", "c"][index as usize % 3], index % 2));
    }
    array(&mut world, "c", 5);
    let front: Vec<JobRef> = snapshot(&world).front.iter().map(|front| front.job).collect();
    assert_eq!(front.len(), 26);
    let told = world.rows.events.len();
    world.engine.put_environment(environment("ce", 256));
    world.step();
    let events = world.rows.events.values().skip(told).filter(|event| event.run.status == JobStatus::Starting);
    let started: Vec<JobRef> = events.flat_map(|event| event.after(0)).map(|(_, reference)| reference).collect();
    assert_eq!(started, front);
}

#[test]
fn fss_4_queue_that_waits_goes_on_when_another_share_has_come_before_the_one_that_waits() {
    let mut world = world(4, FairShare { reservation: Some(20), ..FairShare::default() });
    let two = |share: &'static str| {
        move |job: &mut SubmitJob| {
            of(share, 0)(job);
            job.container_overrides = vcpus("2");
        }
    };
    let used = world.submit(of("c", 0));
    world.pass(100_000);
    world.exit(used, 0);
    world.submit(two("b"));
    let (kept, waiting) = (world.submit(two("b")), world.submit(of("c", 0)));
    world.pass(1_000);
    assert_eq!([kept, waiting].map(|job| world.status(job)), [JobStatus::Runnable; 2]);
    // Nothing happens meanwhile, but that what runs has used more and more.
    world.pass(60_000);
    assert_eq!([kept, waiting].map(|job| world.status(job)), [JobStatus::Runnable, JobStatus::Starting]);
}

#[test]
fn fss_5_strict_queue_goes_on_when_another_share_has_come_before_the_head_that_blocks_it() {
    let config = Config { strict_fifo: true, ..Config::default() };
    let mut world = world_with(config, 3, FairShare::default());
    let two = |job: &mut SubmitJob| {
        of("b", 0)(job);
        job.container_overrides = vcpus("2");
    };
    let used = world.submit(of("c", 0));
    world.pass(100_000);
    world.exit(used, 0);
    world.submit(two);
    let (head, behind) = (world.submit(two), world.submit(of("c", 0)));
    world.pass(1_000);
    assert_eq!([head, behind].map(|job| world.status(job)), [JobStatus::Runnable; 2]);
    world.pass(60_000);
    assert_eq!([head, behind].map(|job| world.status(job)), [JobStatus::Runnable, JobStatus::Starting]);
}
