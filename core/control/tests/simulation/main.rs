//! The whole of the core, simulated: the production `Control` and `Agent` with a store, a link and processes that the test
//! plays, under faults: the server is killed with a commit half written, the link is cut with messages on their way, the
//! agent is killed with its processes. Then everything heals, and every job that was acknowledged has to end.
//!
//! A seed decides everything; the same seed gives the same story. A failure names its seed.

mod plane;
mod processes;
mod random;
mod world;

use random::Random;
use world::{Counts, World};

/// Seeds per run of the test.
const SEEDS: u64 = 400;
/// Steps of the phase with faults.
const STEPS: usize = 250;

fn story(seed: u64) -> (String, Counts) {
    let mut random = Random::new(seed);
    let mut world = World::new(seed);
    for _ in 0..STEPS {
        world.step(&mut random);
        world.audit();
    }
    world.heal();
    world.audit();
    (world.fingerprint(), world.counts)
}

#[test]
fn every_seed_keeps_the_invariants_and_every_acknowledged_job_ends() {
    let mut total = Counts::default();
    for seed in 0..SEEDS {
        let run = std::panic::catch_unwind(|| story(seed));
        let (_, counts) = run.unwrap_or_else(|_| panic!("seed {seed} failed: see above"));
        total.add(counts);
    }
    assert!(total.server_kills > SEEDS && total.link_cuts > SEEDS && total.agent_kills > SEEDS, "{total:?}");
    assert!(total.jobs > 10 * SEEDS && total.processes > 10 * SEEDS, "{total:?}");
}

#[test]
fn same_seed_tells_the_same_story() {
    for seed in 0..20 {
        assert_eq!(story(seed), story(seed), "seed {seed}");
    }
}
