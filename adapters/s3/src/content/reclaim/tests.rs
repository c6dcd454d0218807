//! Which content may go, and when.

use super::Epochs;

#[test]
fn release_without_readers_frees_at_once() {
    let mut epochs = Epochs::default();
    assert_eq!(epochs.release(vec![7, 8]), [7, 8]);
}

#[test]
fn release_during_read_frees_when_the_read_ends() {
    let mut epochs = Epochs::default();
    let reader = epochs.begin();
    assert!(epochs.release(vec![7]).is_empty());
    assert_eq!(epochs.end(reader), [7]);
}

#[test]
fn read_begun_after_release_holds_nothing_back() {
    let mut epochs = Epochs::default();
    let before = epochs.begin();
    assert!(epochs.release(vec![7]).is_empty());
    let after = epochs.begin();
    assert_eq!(epochs.end(before), [7]);
    assert!(epochs.end(after).is_empty());
}

#[test]
fn releases_wait_only_for_sessions_older_than_themselves() {
    let mut epochs = Epochs::default();
    let first = epochs.begin();
    assert!(epochs.release(vec![1]).is_empty());
    let second = epochs.begin();
    assert!(epochs.release(vec![2]).is_empty());
    assert_eq!(epochs.end(first), [1]);
    assert_eq!(epochs.end(second), [2]);
}
