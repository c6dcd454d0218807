//! When a row is in memory, and which readings of it are stale.

use super::{EndedRows, REMEMBERED};
use crate::entity::Job;
use crate::testing::World;
use longshore_types::JobId;

fn job(id: u128) -> Job {
    let mut world = World::new(1);
    let submitted = world.submit(|_| {});
    Job { id: JobId::from_random(id), ..world.rows.jobs.remove(&submitted).unwrap() }
}

#[test]
fn changed_row_is_kept_until_its_last_commit_is_durable() {
    let (row, mut rows) = (job(1), EndedRows::default());
    rows.put(row.clone());
    assert_eq!((rows.get(row.id), rows.is_empty()), (Some(&row), false));
    assert_eq!(rows.take(7), std::slice::from_ref(&row));
    assert_eq!((rows.get(row.id), rows.is_empty()), (Some(&row), true));
    let again = Job { seq: 99, ..row.clone() };
    rows.put(again.clone());
    assert_eq!(rows.take(8), std::slice::from_ref(&again));
    rows.committed(7);
    assert_eq!(rows.get(row.id), Some(&again), "the later commit counts");
    rows.committed(8);
    assert_eq!(rows.get(row.id), None);
    assert_eq!(rows.take(9), []);
}

#[test]
fn reading_is_stale_once_its_own_row_has_changed() {
    let (one, other, mut rows) = (job(1), job(2), EndedRows::default());
    let stamp = rows.stamp();
    rows.put(other.clone());
    assert!(rows.is_fresh(one.id, stamp) && !rows.is_fresh(other.id, stamp));
    assert!(rows.is_fresh(other.id, rows.stamp()));
    assert!(!rows.is_fresh(one.id, rows.stamp() + 1), "a stamp that was never given out");
}

#[test]
fn reading_older_than_what_is_remembered_counts_as_stale() {
    let (one, other, mut rows) = (job(1), job(2), EndedRows::default());
    let stamp = rows.stamp();
    (0..REMEMBERED).for_each(|_| rows.put(other.clone()));
    assert!(rows.is_fresh(one.id, stamp));
    rows.put(other);
    assert!(!rows.is_fresh(one.id, stamp));
}
