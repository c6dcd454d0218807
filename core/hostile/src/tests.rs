//! The series is the same for the same seed, bounded, and various.

use super::*;
use std::collections::BTreeSet;

const EXAMPLE: &str = r#"{"name": "a", "numbers": [1, 22, 333], "deep": {"b": null}}"#;

#[test]
fn same_seed_gives_the_same_series_and_another_seed_another() {
    let series = |seed| Hostile::new(seed, [EXAMPLE]).take(200).collect::<Vec<_>>();
    assert_eq!(series(1), series(1));
    assert_ne!(series(1), series(2));
}

#[test]
fn series_is_bounded_and_hardly_repeats() {
    let series: Vec<_> = Hostile::new(3, [EXAMPLE]).take(2_000).collect();
    assert!(series.iter().all(|bytes| bytes.len() <= LENGTH_MAX));
    let distinct: BTreeSet<_> = series.iter().collect();
    assert!(distinct.len() > 1_200, "{}", distinct.len());
}

#[test]
fn nothing_but_emptiness_to_damage_is_damaged_all_the_same() {
    assert!(Hostile::new(4, [""]).take(500).any(|bytes| !bytes.is_empty()));
}

#[test]
fn each_kind_of_damage_is_done() {
    let all: Vec<String> = Hostile::new(5, [EXAMPLE, "another example"]).texts().take(3_000).collect();
    let any = |found: &dyn Fn(&str) -> bool| all.iter().any(|text| found(text));
    assert!(any(&|text| text.len() > 4_000), "repeated or nested");
    assert!(any(&|text| text.contains("18446744073709551616")), "numbers");
    assert!(any(&|text| text.contains("[[[[[[[[")), "depth");
    assert!(any(&|text| text.starts_with('{') && text.contains("another")), "spliced");
    assert!(any(&|text| text.is_empty()), "cut off");
    assert!(any(&|text| text.contains('\u{fffd}')), "no text");
}
