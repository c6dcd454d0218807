//! Every kind of bad edge is found, and the good ones are not.

use super::check_crate;
use crate::tidy::tree::Crate;

fn crate_of(name: &str, directory: &str, dependencies: &[&str]) -> Crate {
    let dependencies = dependencies.iter().map(|name| (*name).to_owned()).collect();
    Crate { name: name.into(), directory: directory.into(), dependencies }
}

fn check(name: &str, directory: &str, dependencies: &[&str], expected: &[&str]) {
    let all = [
        crate_of("longshore-types", "core/types", &[]),
        crate_of("longshore-engine", "core/engine", &[]),
        crate_of("longshore-store", "adapters/store", &[]),
        crate_of("longshore-link", "adapters/link", &[]),
    ];
    let findings = check_crate(&all, &crate_of(name, directory, dependencies));
    let messages: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(messages.len(), expected.len(), "{messages:?}");
    for (message, part) in messages.iter().zip(expected) {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn edge_to_a_lower_ring_is_fine() {
    check("longshore-store", "adapters/store", &["longshore-engine", "rusqlite"], &[]);
}

#[test]
fn edge_to_a_higher_ring_is_found() {
    check("longshore-engine", "core/engine", &["longshore-store"], &["must not depend on longshore-store"]);
}

#[test]
fn unlisted_sideways_edge_is_found_and_listed_one_is_not() {
    check("longshore-link", "adapters/link", &["longshore-store"], &["is not listed"]);
    check("longshore-engine", "core/engine", &["longshore-types"], &[]);
}

#[test]
fn impure_crate_in_the_core_is_found() {
    check("longshore-engine", "core/engine", &["tokio", "serde"], &["tokio brings"]);
}

#[test]
fn example_or_wire_contract_that_knows_us_is_found() {
    check("shortest-path", "examples/shortest-path", &["longshore-types"], &["user's program"]);
    check("longshore-api-batch", "api/batch", &["longshore-types"], &["wire contract"]);
}

#[test]
fn crate_in_no_ring_or_with_another_name_is_found() {
    check("x", "lib/x", &[], &["in no ring"]);
    check("longshore-db", "adapters/store", &[], &["its folder says longshore-store"]);
}
