//! Who is active, and how shares stand.

use super::{Share, Shares, Standing};
use crate::entity::{FairShare, ShareWeight, Usage, WEIGHT_ONE};
use longshore_types::{Name, Timestamp};
use std::sync::Arc;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

fn queue() -> Name {
    "q".parse().unwrap()
}

/// Use counts over 100 seconds; `heavy` weighs twice as much.
fn policy() -> FairShare {
    let heavy = ShareWeight { identifier: "heavy".into(), weight: Some(2 * WEIGHT_ONE) };
    FairShare { decay_s: Some(100), reservation: None, distribution: Some(vec![heavy]) }
}

fn weighted(share: &Share, now: i64) -> u128 {
    share.standing(at(now)).weighted()
}

#[test]
fn fss_2_share_is_active_while_it_has_jobs_and_for_a_window_after() {
    let (mut shares, queue) = (Shares::default(), queue());
    let active = |shares: &Shares, now| shares.active(&queue, at(now), &policy());
    shares.enter(&queue, "a", at(0), &policy());
    shares.enter(&queue, "a", at(0), &policy());
    assert!(!shares.leave(&queue, "a", at(1_000)));
    assert_eq!(active(&shares, 900_000), 1);
    assert!(shares.leave(&queue, "a", at(900_000)));
    assert_eq!((active(&shares, 999_999), active(&shares, 1_000_000)), (1, 0));
}

#[test]
fn fss_2_shares_that_are_active_no_longer_are_forgotten() {
    let (mut shares, queue) = (Shares::default(), queue());
    shares.enter(&queue, "a", at(0), &policy());
    shares.leave(&queue, "a", at(0));
    shares.enter(&queue, "b", at(50_000), &policy());
    assert_eq!(shares.forget_inactive(&queue, at(99_999), &policy()), Vec::<Arc<str>>::new());
    assert_eq!(shares.forget_inactive(&queue, at(100_000), &policy()), ["a".into()]);
    assert!(shares.row(&queue, "a").is_none() && shares.row(&queue, "b").is_some());
}

#[test]
fn fss_1_use_counts_as_often_as_the_weight_says() {
    let (mut shares, queue) = (Shares::default(), queue());
    for share in ["heavy", "light"] {
        shares.enter(&queue, share, at(0), &policy());
        shares.start(&queue, share, at(0), 1_000);
    }
    let [heavy, light] = ["heavy", "light"].map(|share| weighted(shares.get(&queue, share).unwrap(), 60_000));
    assert_eq!(heavy, 2 * light);
    let start = 1_000 * Usage::new(100_000, at(0)).of_a_period();
    assert!(light > start * u128::from(WEIGHT_ONE), "what runs and what has run");
}

#[test]
fn fss_3_moment_of_use_counts_in_the_longest_window() {
    let (mut shares, queue) = (Shares::default(), queue());
    let policy = FairShare { decay_s: Some(604_800), ..FairShare::default() };
    shares.enter(&queue, "a", at(0), &policy);
    shares.start(&queue, "a", at(0), 250);
    shares.end(&queue, "a", at(1), 250);
    assert!(weighted(shares.get(&queue, "a").unwrap(), 1) > 0);
}

#[test]
fn fss_1_policy_that_changes_weighs_anew() {
    let (mut shares, queue) = (Shares::default(), queue());
    shares.enter(&queue, "light", at(0), &policy());
    shares.start(&queue, "light", at(0), 1_000);
    let before = weighted(shares.get(&queue, "light").unwrap(), 0);
    let entry = ShareWeight { identifier: "li*".into(), weight: Some(WEIGHT_ONE / 4) };
    shares.adopt(&queue, &FairShare { distribution: Some(vec![entry]), ..policy() });
    assert_eq!(weighted(shares.get(&queue, "light").unwrap(), 0), before / 4);
}

#[test]
fn share_takes_turns_until_it_has_used_more_than_the_next() {
    let standing = |weight, vcpus: u128| Standing { weight, used: vcpus * 1_000, at_start: 1 };
    assert_eq!(standing(8, 0).turns_before(standing(1, 8), 1_000), 1);
    assert_eq!(standing(1, 0).turns_before(standing(8, 1), 1_000), 8);
    assert_eq!(standing(1, 3).turns_before(standing(8, 1), 2_000), 2);
    assert_eq!(standing(1, 9).turns_before(standing(8, 1), 1_000), 1, "it is its turn all the same");
    assert_eq!(standing(1, 0).turns_before(standing(1, 1), 0), u32::MAX);
}
