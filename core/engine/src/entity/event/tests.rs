//! Entries that stand for many events.

use super::*;
use longshore_types::JobStatus;

fn children(ranges: Vec<(u32, u32)>, seq: u64) -> Event {
    let subject = EventSubject::Children { array: JobId::from_random(1), ranges };
    let run = Run::new(JobStatus::Runnable);
    Event { seq, at: Timestamp::default(), kind: EventKind::StateChange, subject, run, counts: None }
}

fn check_after(event: &Event, after: u64, expected: &[(u64, u32)]) {
    let found: Vec<_> = event.after(after).map(|(seq, job)| (seq, job.index().unwrap())).collect();
    assert_eq!(found, expected);
}

#[test]
fn entry_of_children_read_from_its_middle_goes_on_there() {
    let event = children(vec![(0, 2), (5, 5)], 13);
    assert_eq!((event.first(), event.subject.count()), (10, 4));
    check_after(&event, 0, &[(10, 0), (11, 1), (12, 2), (13, 5)]);
    check_after(&event, 9, &[(10, 0), (11, 1), (12, 2), (13, 5)]);
    check_after(&event, 11, &[(12, 2), (13, 5)]);
    check_after(&event, 13, &[]);
}

#[test]
fn indexes_with_gaps_become_ranges() {
    assert_eq!(ranges([0, 1, 2, 5, 7, 8].into_iter()), [(0, 2), (5, 5), (7, 8)]);
    assert_eq!(ranges([].into_iter()), []);
}
