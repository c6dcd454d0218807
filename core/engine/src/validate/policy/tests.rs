//! Fair-share policies.

use super::{fair_share, share_identifier};
use crate::command::FairShareInput;
use crate::validate::check_refused;

fn distribution(entries: &[(&str, Option<i64>)]) -> FairShareInput {
    let entries = entries.iter().map(|(identifier, weight)| ((*identifier).to_owned(), *weight)).collect();
    FairShareInput { distribution: Some(entries), ..FairShareInput::default() }
}

#[test]
fn fss_1_fss_6_weights_are_found_for_shares_and_prefixes_and_one_for_the_rest() {
    let policy = fair_share(&distribution(&[("a", Some(1_250)), ("team-*", Some(20_000)), ("b", None)])).unwrap();
    let weights = ["a", "aa", "b", "team-", "team-x", "tea"].map(|share| policy.weight_of(share));
    assert_eq!(weights, [1_250, 10_000, 10_000, 20_000, 20_000, 10_000]);
}

#[test]
fn fss_1_shares_meant_twice_are_refused() {
    for (one, other) in [("a", "a"), ("a*", "ab"), ("ab", "a*"), ("a*", "ab*"), ("ab*", "a*"), ("a*", "a"), ("*", "x")]
    {
        let text = format!("Share identifier {other} matches another share identifier {one}");
        check_refused(fair_share(&distribution(&[(one, None), (other, None)])), &text);
    }
    assert!(fair_share(&distribution(&[("a", None), ("ab", None), ("b*", None)])).is_ok());
}

#[test]
fn fss_1_identifiers_weights_and_sizes_out_of_range_are_refused() {
    for identifier in ["a b", "a**", "*a", "é", &"x".repeat(256)] {
        let text = "ShareIdentifier name should match a valid pattern.";
        check_refused(fair_share(&distribution(&[(identifier, None)])), text);
    }
    for weight in [-1, 0, 10_000_000] {
        let text = "Weight factor should be between 0.0001 and 999.9999.";
        check_refused(fair_share(&distribution(&[("a", Some(weight))])), text);
    }
    let names: Vec<String> = (0..501).map(|number| format!("s{number}-")).collect();
    let entries: Vec<(&str, Option<i64>)> = names.iter().map(|name| (name.as_str(), None)).collect();
    check_refused(fair_share(&distribution(&entries)), "ShareDistribution size cannot be greater than 500.");
    assert!(fair_share(&distribution(&entries[..500])).is_ok());
}

#[test]
fn fss_3_fss_4_decay_and_reservation_out_of_range_are_refused() {
    for decay_s in [-1, 604_801] {
        let input = FairShareInput { decay_s: Some(decay_s), ..FairShareInput::default() };
        check_refused(fair_share(&input), "shareDecaySeconds should be between 0 and 604800.");
    }
    for reservation in [-1, 100] {
        let input = FairShareInput { reservation: Some(reservation), ..FairShareInput::default() };
        check_refused(fair_share(&input), "computeReservation should be between 0 and 99.");
    }
    let zero = fair_share(&FairShareInput { decay_s: Some(0), ..FairShareInput::default() }).unwrap();
    assert_eq!(zero.window_ms(), 600_000, "A5");
}

#[test]
fn sub_6_share_of_a_submission_has_no_wildcard() {
    assert!(share_identifier(Some("a-_9")).is_ok() && share_identifier(None).is_ok());
    for share in ["", "a*", "a b"] {
        check_refused(share_identifier(Some(share)), "ShareIdentifier name should match a valid pattern.");
    }
}
