//! Until when shares stay in their order is known beforehand.

use super::{of, weights, world};
use crate::entity::FairShare;
use crate::schedule::order;
use crate::schedule::tests::vcpus;
use longshore_types::Timestamp;
use proptest::prelude::*;

const SHARES: [&str; 3] = ["a", "b", "c"];
const VCPUS: u64 = 12;

/// Of a share: its weight, jobs that run, and how long one ran that has ended.
type Plan = (u64, u64, u64);

fn plans() -> impl Strategy<Value = Vec<Plan>> {
    prop::collection::vec((1_000u64..50_000, 0u64..4, 0u64..400_000), SHARES.len())
}

proptest! {
    #[test]
    fn fss_5_order_of_shares_stays_until_the_moment_that_is_told(
        plans in plans(),
        decay_s in 10u64..1_000,
        back_ms in prop::option::of(0i64..200_000),
        looks in prop::collection::vec(0u64..1_000, 8),
    ) {
        let entries: Vec<(&str, u64)> = SHARES.iter().zip(&plans).map(|(share, (weight, ..))| (*share, *weight)).collect();
        let mut world = world(VCPUS, FairShare { decay_s: Some(decay_s), ..weights(&entries) });
        for (share, (_, running, past)) in SHARES.iter().zip(&plans) {
            let ended = world.submit(of(share, 0));
            for _ in 0..*running {
                world.submit(of(share, 0));
            }
            world.pass(*past);
            world.exit(ended, 0);
        }
        // Nothing is left idle that could be kept for somebody.
        let rest = VCPUS - plans.iter().map(|(_, running, _)| running).sum::<u64>();
        for (share, count) in [("d", rest)].into_iter().chain(SHARES.map(|share| (share, VCPUS))) {
            world.submit(|job| {
                of(share, 0)(job);
                job.container_overrides = vcpus(&count.to_string());
            });
        }
        let queue = "q".parse().unwrap();
        let line = |at: Timestamp| order::line(&world.engine, at, &queue).iter().map(|(_, place, _)| *place).collect::<Vec<_>>();
        // A clock that has gone back, or not.
        let now = Timestamp::from_millis(world.now.as_millis().saturating_sub(back_ms.unwrap_or(0)).max(0));
        let (found, until) = (line(now), order::look_again(&world.engine, now, &queue));
        let first = order::first_until(&world.engine, now, &queue).unwrap();
        prop_assert_eq!((found[0], first.1.max(now.plus_ms(1))), (first.0, until));
        let left = until.since_ms(now);
        for look in looks.iter().map(|look| left * look / 1_000).chain([left - 1]) {
            prop_assert_eq!(&found, &line(now.plus_ms(look)), "{} ms of {}", look, left);
        }
        let period_ms = (decay_s * 1_000).div_ceil(32);
        if until > world.now && until.as_millis().cast_unsigned() % period_ms != 0 {
            prop_assert!(found != line(until.plus_ms(1)), "it could have been told later");
        }
    }
}
