//! In the long run shares get what their weights say, whatever their jobs are like, and every run of it is the same, a
//! restart in between or not.

use super::{array, weights, world};
use crate::testing::World;
use longshore_types::{JobId, JobRef, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeMap;

const SHARES: [&str; 3] = ["a", "b", "c"];
/// Attempts that end in one run.
const ENDS: usize = 2_000;

/// A share: its weight in ten-thousandths and how long its jobs run.
type Plan = (u64, u64);

/// All the time of the processors, by share, in milliseconds, without what was before things were as they will stay.
fn times(vcpus: u64, plans: &[Plan], restart_after: Option<usize>) -> Vec<u64> {
    let entries: Vec<(&str, u64)> = SHARES.iter().zip(plans).map(|(share, (weight, _))| (*share, *weight)).collect();
    let mut world = world(vcpus, weights(&entries));
    let arrays: Vec<JobId> = entries.iter().map(|(share, _)| array(&mut world, share, 10_000)).collect();
    let mut ends: BTreeMap<JobRef, Timestamp> = BTreeMap::new();
    let mut times = vec![0; plans.len()];
    for end in 0..ENDS {
        let plan_of = |job: &JobRef| arrays.iter().position(|array| *array == job.job()).unwrap();
        for job in world.running.keys() {
            // A little apart, so that they do not end in waves.
            let runs = plans[plan_of(job)].1 * (90 + u64::from(job.index().unwrap_or(0)) * 7 % 20) / 100;
            ends.entry(*job).or_insert_with(|| world.now.plus_ms(runs));
        }
        let (&job, &at) = ends.iter().min_by_key(|(job, at)| (**at, **job)).unwrap();
        if end > ENDS / 3 {
            let passed = at.since_ms(world.now);
            world.running.keys().for_each(|job| times[plan_of(job)] += passed);
        }
        ends.remove(&job);
        exit_at(&mut world, job, at);
        if restart_after == Some(end) {
            world.restart();
        }
    }
    times
}

fn exit_at(world: &mut World, job: JobRef, at: Timestamp) {
    world.now = world.now.max(Timestamp::from_millis(at.as_millis() - 10));
    world.exit(job, 0);
}

/// Jobs are short beside what a share may use in a window: none gets more than its part by more than part of a job.
fn plans() -> impl Strategy<Value = Vec<Plan>> {
    let weight = prop::sample::select(vec![5_000, 10_000, 20_000]);
    prop::collection::vec((weight, 5_000u64..20_000), 2..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]
    #[test]
    fn fss_1_long_run_split_is_as_the_weights_say_and_a_restart_changes_nothing(
        vcpus in 4u64..12,
        plans in plans(),
        restart in 0usize..ENDS,
    ) {
        let times = times(vcpus, &plans, None);
        let weighted: Vec<u64> = times.iter().zip(&plans).map(|(time, (weight, _))| time * weight / 10_000).collect();
        let mean = weighted.iter().sum::<u64>() / weighted.len() as u64;
        for share in &weighted {
            prop_assert!(share.abs_diff(mean) * 100 <= mean * 12, "{times:?} {weighted:?}");
        }
        prop_assert_eq!(super::long_run::times(vcpus, &plans, Some(restart)), times);
    }
}
