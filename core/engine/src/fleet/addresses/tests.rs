//! Addresses are lent to one node at a time.

use super::{Addresses, NUMBER};
use std::collections::BTreeSet;

#[test]
fn lent_address_is_nobody_elses_until_it_is_given_back() {
    let mut addresses = Addresses::default();
    let all: BTreeSet<_> = std::iter::from_fn(|| addresses.lend()).collect();
    assert_eq!((all.len(), addresses.used()), (NUMBER as usize, NUMBER as usize));
    assert!(all.iter().all(|address| address.is_loopback() && !matches!(address.octets()[3], 0 | 255)));
    let given_back = *all.iter().nth(1_000).unwrap();
    addresses.take_back(given_back);
    assert_eq!((addresses.lend(), addresses.lend()), (Some(given_back), None));
}

#[test]
fn address_that_was_given_back_rests_before_it_is_lent_again() {
    let mut addresses = Addresses::default();
    let (first, second) = (addresses.lend().unwrap(), addresses.lend().unwrap());
    addresses.take_back(first);
    let third = addresses.lend().unwrap();
    assert!(third != first && third != second);
}

#[test]
fn address_in_use_at_start_up_is_not_lent() {
    let mut addresses = Addresses::default();
    let first = addresses.clone().lend().unwrap();
    addresses.keep(first);
    assert_ne!(addresses.lend().unwrap(), first);
}
