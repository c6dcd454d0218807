//! Every algorithm against a naive one, on networks of all kinds.

use super::*;
use crate::network::{Link, Naming, five_node};
use proptest::prelude::*;

/// Floyd and Warshall's algorithm, in the obvious way; paths join only at nodes that may be passed.
fn naive(network: &Network) -> Vec<Vec<Option<u64>>> {
    let nodes = network.nodes as usize;
    let mut distance = vec![vec![None; nodes]; nodes];
    for (node, row) in distance.iter_mut().enumerate() {
        row[node] = Some(0);
    }
    for link in &network.links {
        let slot = &mut distance[link.from as usize][link.to as usize];
        *slot = Some(slot.map_or(link.weight, |known: u64| known.min(link.weight)));
    }
    for middle in (0..nodes).filter(|&node| network.may_pass(node as u32)) {
        for from in 0..nodes {
            for to in 0..nodes {
                if let (Some(first), Some(second)) = (distance[from][middle], distance[middle][to]) {
                    let through = first + second;
                    distance[from][to] = Some(distance[from][to].map_or(through, |known| known.min(through)));
                }
            }
        }
    }
    distance
}

fn network(nodes: u32, first_through: u32, links: Vec<Link>) -> Network {
    let longest = links.iter().map(|link| link.weight).sum();
    Network { nodes, first_through, decimals: 0, rounded: false, naming: Naming::Numbers, links, longest }
}

fn check(network: &Network, algorithm: Algorithm, threads: usize) {
    let expected = naive(network);
    let found = run(network, 0..network.nodes, Plan { algorithm, threads, distances: true });
    assert_eq!(found.outcomes.len(), network.nodes as usize);
    for (origin, outcome) in (0..).zip(found.outcomes) {
        assert_eq!(outcome.distances, expected[origin as usize], "{algorithm:?} from {origin}");
        let mut record = Record::new(origin);
        for (node, distance) in (0..).zip(&expected[origin as usize]).filter(|(node, _)| *node != origin) {
            distance.iter().for_each(|&distance| record.add(node, distance));
        }
        assert_eq!(outcome.record, record, "{algorithm:?} from {origin}");
    }
}

fn check_all(network: &Network) {
    check(network, Algorithm::Dijkstra, 1);
    check(network, Algorithm::Sweep, 1);
    check(network, Algorithm::Auto, 2);
    check(network, Algorithm::Sweep, 3);
}

fn networks() -> impl Strategy<Value = Network> {
    let weight = prop_oneof![Just(0u64), 1..20u64, 1..1000u64, Just(3_000_000_000u64)];
    (1..40u32, 0..6u32).prop_flat_map(move |(nodes, zones)| {
        let link = (0..nodes, 0..nodes, weight.clone()).prop_map(|(from, to, weight)| Link { from, to, weight });
        proptest::collection::vec(link, 0..nodes as usize * 4)
            .prop_map(move |links| network(nodes, zones.min(nodes), links))
    })
}

proptest! {
    #[test]
    fn any_network_searched_gives_the_naive_distances(network in networks()) {
        check_all(&network);
    }
}

#[test]
fn generated_roads_searched_give_the_naive_distances() {
    let roads = crate::road::generate(150, 7);
    let links = roads.iter().map(|road| Link { from: road.from, to: road.to, weight: road.length }).collect();
    check_all(&network(150, 9, links));
}

#[test]
fn weights_beyond_32_bits_give_the_naive_distances() {
    let link = |from, to, weight| Link { from, to, weight };
    let links = vec![link(0, 1, 1 << 55), link(1, 2, (1 << 55) + 1), link(0, 2, 1 << 57), link(2, 0, 0)];
    check_all(&network(3, 0, links));
}

#[test]
fn centroid_is_start_and_end_of_paths_but_never_passed() {
    let link = |from, to| Link { from, to, weight: 1 };
    // 0 is a centroid between 1 and 2; the way around it is longer.
    let around = network(4, 1, vec![link(1, 0), link(0, 2), link(1, 3), link(3, 2), link(2, 0)]);
    check_all(&around);
    let found = run(&around, 0..4, Plan { algorithm: Algorithm::Sweep, threads: 1, distances: true });
    assert_eq!(found.outcomes[1].distances[2], Some(2));
    assert_eq!(found.outcomes[0].distances, [Some(0), None, Some(1), None]);
}

#[test]
fn batches_in_any_range_give_the_same_records_as_all_at_once() {
    let roads = crate::road::generate(100, 3);
    let links = roads.iter().map(|road| Link { from: road.from, to: road.to, weight: road.length }).collect();
    let network = network(100, 5, links);
    let plan = Plan { algorithm: Algorithm::Sweep, threads: 1, distances: false };
    let all = run(&network, 0..100, plan).outcomes;
    let parts: Vec<Outcome> =
        [0..1, 1..18, 18..34, 34..100].into_iter().flat_map(|range| run(&network, range, plan).outcomes).collect();
    assert_eq!(parts, all);
}

#[test]
fn path_asked_for_lists_the_nodes_passed_without_the_origin() {
    let network = five_node();
    let graph = Graph::new(&network);
    let mut dijkstra = Dijkstra::<u64>::new(&graph);
    dijkstra.search(1);
    assert_eq!((dijkstra.distance(0), dijkstra.path(0)), (3, vec![4, 0]));
    assert_eq!((dijkstra.distance(1), dijkstra.path(1)), (0, vec![]));
}
