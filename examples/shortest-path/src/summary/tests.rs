//! The figures of a network that can be checked by hand, and their independence of order.

use super::*;
use crate::network::five_node;
use crate::search::{Algorithm, Plan, run};

fn records() -> (Subject, Vec<Record>) {
    let network = five_node();
    let plan = Plan { algorithm: Algorithm::Dijkstra, threads: 1, distances: false };
    let found = run(&network, 0..5, plan);
    (Subject::of(&network), found.outcomes.into_iter().map(|outcome| outcome.record).collect())
}

#[test]
fn five_nodes_summarised_give_the_figures_found_by_hand() {
    let (subject, records) = records();
    let summary = Summary::new(&subject, &records);
    assert_eq!(summary.reachable_pairs, 20);
    assert_eq!(summary.mean_distance, Some(57.0 / 20.0));
    assert_eq!(summary.max_distance, Some(Farthest { distance: 6.0, from: "A".into(), to: "B".into() }));
    let order: Vec<&str> = summary.most_central.iter().map(|central| central.node.as_str()).collect();
    assert_eq!(order, ["E", "D", "B", "A", "C"], "sums of distances 6, 8, 10, 16, 17");
    assert_eq!(summary.most_central[0].closeness, 4.0 / 6.0);
}

#[test]
fn records_in_another_order_give_the_same_bytes() {
    let (subject, mut records) = records();
    let summary = Summary::new(&subject, &records);
    records.reverse();
    let reversed = Summary::new(&subject, &records);
    assert_eq!((reversed.to_json(), reversed.to_text()), (summary.to_json(), summary.to_text()));
}

#[test]
fn one_changed_distance_changes_the_checksum() {
    let (subject, mut records) = records();
    let before = Summary::new(&subject, &records).checksum;
    let mut changed = Record::new(records[2].origin);
    changed.add(0, 5);
    records[2] = changed;
    assert_ne!(Summary::new(&subject, &records).checksum, before);
}

#[test]
fn nothing_reachable_is_summarised_without_means() {
    let (subject, _) = records();
    let alone: Vec<Record> = (0..5).map(Record::new).collect();
    let summary = Summary::new(&subject, &alone);
    assert_eq!((summary.reachable_pairs, summary.mean_distance, summary.max_distance.clone()), (0, None, None));
    assert_eq!(summary.most_central, []);
    assert!(summary.to_text().contains("mean distance    -\n"));
}
