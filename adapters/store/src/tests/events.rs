//! The outbox, read back.

use super::rows::{array, at, event, id, job};
use super::write;
use crate::{EventQuery, Reader, Store};
use longshore_engine::Change;
use longshore_engine::entity::{ChildDefault, EventSubject};
use longshore_types::{JobRef, JobStatus};
use std::sync::Arc;
use tempfile::TempDir;

/// Job 1 runs and ends; array 2 of five children, whose children 0 to 3 and 4 become RUNNABLE together.
fn outbox() -> (TempDir, Reader) {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path().join("db")).unwrap();
    let reader = store.reader();
    let one = |number| EventSubject::One(JobRef::Job(id(number)));
    let children = EventSubject::Children { array: id(2), ranges: vec![(0, 3), (4, 4)] };
    let changes = vec![
        Change::PutJob(Arc::new(job(1, JobStatus::Succeeded))),
        Change::PutJob(Arc::new(array(2, 5, ChildDefault::Runnable))),
        event(1, one(1), JobStatus::Running),
        event(2, one(2), JobStatus::Pending),
        event(7, children, JobStatus::Runnable),
        event(8, one(1), JobStatus::Succeeded),
        event(9, one(3), JobStatus::Succeeded),
    ];
    write(store, vec![changes]);
    (directory, reader)
}

fn check(query: EventQuery, expected: &[u64], next: u64) {
    let (_directory, reader) = outbox();
    let page = reader.events(&query).unwrap();
    let found: Vec<u64> = page.events.iter().map(|event| event.seq).collect();
    assert_eq!((found.as_slice(), page.next), (expected, next));
}

fn query(after: u64, limit: usize) -> EventQuery {
    EventQuery { after, limit, ..EventQuery::default() }
}

#[test]
fn pages_go_on_within_an_entry_and_leave_out_jobs_that_are_gone() {
    check(query(0, 4), &[1, 2, 3, 4], 4);
    check(query(4, 2), &[5, 6], 6);
    check(query(6, 9), &[7, 8], 9);
    check(query(9, 9), &[], 9);
}

#[test]
fn selection_reads_past_what_it_leaves_out() {
    let status = |status| EventQuery { statuses: vec![status], ..query(0, 9) };
    check(status(JobStatus::Runnable), &[3, 4, 5, 6, 7], 9);
    check(status(JobStatus::Failed), &[], 9);
    let of = |reference| EventQuery { job: Some(reference), ..query(0, 9) };
    check(of(JobRef::Job(id(1))), &[1, 8], 9);
    check(of(JobRef::Job(id(2))), &[2, 3, 4, 5, 6, 7], 9);
    check(of(JobRef::Child(id(2), 4)), &[7], 9);
    check(EventQuery { queue: Some("other".parse().unwrap()), ..query(0, 9) }, &[], 9);
}

#[test]
fn event_shows_the_life_of_then() {
    let (_directory, reader) = outbox();
    let page = reader.events(&query(0, 9)).unwrap();
    let first = &page.events[0];
    assert_eq!((first.view.reference(), first.view.run().status), (JobRef::Job(id(1)), JobStatus::Running));
    assert_eq!(page.events[6].view.reference(), JobRef::Child(id(2), 4));
}

#[test]
fn time_finds_the_number_before_it() {
    let (_directory, reader) = outbox();
    let cases = [(0, 0), (10, 0), (11, 1), (21, 2), (70, 2), (71, 7), (90, 8), (91, 9)];
    for (since, expected) in cases {
        assert_eq!(reader.events_before(at(since)).unwrap(), expected, "{since}");
    }
    assert_eq!(reader.event_bounds().unwrap(), (1, 9));
}
