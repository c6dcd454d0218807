//! What is bad and what is said of it.

use super::*;

fn counts(pairs: &[(&str, u64)]) -> Counts {
    pairs.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

fn is_bad(known: u64, counted: u64) -> bool {
    Judgement::of(&counts(&[("commit", known)]), &counts(&[("commit", counted)])).is_bad()
}

#[test]
fn work_that_became_slower_fails() {
    assert!(is_bad(1_000_000, 1_200_000));
    assert!(is_bad(1_000_000, 1_150_001));
}

#[test]
fn work_within_the_margin_or_faster_passes() {
    assert!(!is_bad(1_000_000, 1_000_000));
    assert!(!is_bad(1_000_000, 1_149_999));
    assert!(!is_bad(1_000_000, 500_000));
}

#[test]
fn one_slow_piece_among_others_fails_and_is_named() {
    let known = counts(&[("commit", 100_000_000), ("restore", 200_000_000)]);
    let judgement = Judgement::of(&known, &counts(&[("commit", 100_000_000), ("restore", 300_000_000)]));
    assert!(judgement.is_bad());
    let text = judgement.to_string();
    let slow: Vec<&str> = text.lines().filter(|line| line.ends_with("MORE")).collect();
    assert!(slow.len() == 1 && slow[0].starts_with("restore"), "{text}");
}

#[test]
fn piece_that_is_not_checked_in_or_not_counted_fails() {
    assert!(Judgement::of(&counts(&[]), &counts(&[("commit", 1)])).is_bad());
    assert!(Judgement::of(&counts(&[("commit", 1)]), &counts(&[])).is_bad());
}

#[test]
fn gain_is_told_so_that_it_can_be_kept() {
    let judgement = Judgement::of(&counts(&[("commit", 100)]), &counts(&[("commit", 50)]));
    assert!(judgement.to_string().ends_with("less: --accept keeps it"));
}

#[test]
fn count_is_read_from_what_callgrind_says() {
    let said = "==12== Events    : Ir\n==12== Collected : 8612345\n==12== \n==12== I   refs:      8,612,345\n";
    assert_eq!(collected(said), Some(8_612_345));
    assert_eq!(collected("nothing"), None);
}
