//! Generated networks are what they promise to be.

use super::*;
use crate::network::{Weight, parse};
use crate::search::{Algorithm, Plan, run};

#[test]
fn same_seed_gives_the_same_roads_and_another_seed_others() {
    assert_eq!(generate(500, 1), generate(500, 1));
    assert_ne!(generate(500, 1), generate(500, 2));
    let network = parse(&to_tntp(500, &generate(500, 1)), "roads", Weight::FreeFlowTime).unwrap();
    assert_eq!(network.fingerprint(), 0x525f_2f76_ac1d_2cc1, "the generator has changed, and with it every example");
}

#[test]
fn every_node_is_reached_from_every_other_at_any_size() {
    for nodes in [2, 3, 10, 101, 700] {
        let network = parse(&to_tntp(nodes, &generate(nodes, 5)), "roads", Weight::FreeFlowTime).unwrap();
        assert_eq!(network.nodes, nodes);
        let found = run(&network, 0..nodes, Plan { algorithm: Algorithm::Auto, threads: 1, distances: false });
        assert!(found.outcomes.iter().all(|outcome| outcome.record.reachable == nodes - 1));
    }
}

#[test]
fn both_formats_hold_the_same_times() {
    let roads = generate(300, 2);
    let tntp = parse(&to_tntp(300, &roads), "roads", Weight::FreeFlowTime).unwrap();
    let dimacs = parse(&to_dimacs(300, &roads), "roads", Weight::FreeFlowTime).unwrap();
    assert_eq!(tntp.decimals, 3);
    assert_eq!(tntp.links, dimacs.links);
}
