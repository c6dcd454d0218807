//! The listing against a model that rolls up every key of a map.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

type Rows = BTreeMap<String, ()>;

fn fetch(rows: &Rows, from: &From, count: usize) -> Vec<(String, ())> {
    use std::ops::Bound::{Excluded, Included, Unbounded};
    let lower = match from {
        From::AtLeast(key) => Included(key.clone()),
        From::After(key) => Excluded(key.clone()),
    };
    rows.range((lower, Unbounded)).take(count).map(|(key, ())| (key.clone(), ())).collect()
}

fn page(rows: &Rows, request: &Request) -> Page<()> {
    list(request, |from, count| Ok(fetch(rows, from, count))).unwrap()
}

/// All names that the listing may return, in order.
fn model(rows: &Rows, request: &Request) -> Vec<String> {
    let name = |key: &String| {
        let rest = key.strip_prefix(&request.prefix)?;
        let cut = if request.delimiter.is_empty() { None } else { rest.find(&request.delimiter) };
        Some(cut.map_or(key.clone(), |at| key[..request.prefix.len() + at + request.delimiter.len()].to_owned()))
    };
    let names: BTreeSet<String> = rows.keys().filter_map(name).filter(|name| *name > request.after).collect();
    names.into_iter().collect()
}

fn names(page: &Page<()>) -> Vec<String> {
    let mut names: Vec<String> = page.entries.iter().map(|(key, ())| key.clone()).collect();
    names.extend(page.prefixes.iter().cloned());
    names.sort();
    names
}

fn key() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[ab/.\u{10ffff}é]{0,5}").unwrap()
}

proptest! {
    #[test]
    fn page_of_any_keys_equals_model(
        keys in prop::collection::btree_set(key(), 0..60),
        (prefix, after) in (key(), key()),
        delimiter in prop::sample::select(vec!["", "/", "a", "//", "\u{10ffff}"]),
        max in 0_usize..12,
    ) {
        let rows: Rows = keys.into_iter().map(|key| (key, ())).collect();
        let request = Request { prefix, delimiter: delimiter.into(), after, max };
        let expected = model(&rows, &request);
        let page = page(&rows, &request);
        prop_assert_eq!(names(&page), &expected[..max.min(expected.len())]);
        let next = (max > 0 && expected.len() > max).then(|| expected[max - 1].clone());
        prop_assert_eq!(page.next, next);
    }

    #[test]
    fn pages_followed_to_the_end_return_every_name_once(
        keys in prop::collection::btree_set(key(), 0..60),
        delimiter in prop::sample::select(vec!["", "/", "a"]),
        max in 1_usize..7,
    ) {
        let rows: Rows = keys.into_iter().filter(|key| !key.is_empty()).map(|key| (key, ())).collect();
        let mut request = Request { delimiter: delimiter.into(), max, ..Request::default() };
        let expected = model(&rows, &request);
        let mut seen = Vec::new();
        loop {
            let page = page(&rows, &request);
            seen.extend(names(&page));
            let Some(next) = page.next else { break };
            request.after = next;
        }
        prop_assert_eq!(seen, expected);
    }
}

#[test]
fn common_prefix_with_many_keys_is_skipped_by_seeking() {
    let rows: Rows = (0..100_000).map(|i| (format!("logs/{i:06}"), ())).chain([("z".into(), ())]).collect();
    let fetched = Cell::new(0);
    let request = Request { delimiter: "/".into(), max: 1000, ..Request::default() };
    let page = list(&request, |from, count| {
        let rows = fetch(&rows, from, count);
        fetched.set(fetched.get() + rows.len());
        Ok(rows)
    });
    assert_eq!(names(&page.unwrap()), ["logs/", "z"]);
    assert!(fetched.get() < 100, "{} rows were read", fetched.get());
}
