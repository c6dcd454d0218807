//! Numbering and acknowledging.

use super::Outbox;
use longshore_protocol::AttemptEvent;
use longshore_types::{AttemptId, Timestamp};

fn outbox_of(reports: u64) -> Outbox {
    let mut outbox = Outbox::default();
    for bits in 0..reports {
        let attempt = AttemptId::from_random(u128::from(bits));
        outbox.push(AttemptEvent::Started { attempt, at: Timestamp::from_millis(0) });
    }
    outbox
}

fn numbers(outbox: &Outbox) -> Vec<u64> {
    outbox.unacknowledged.iter().map(|report| report.number).collect()
}

#[test]
fn pushed_events_are_numbered_from_one() {
    assert_eq!(numbers(&outbox_of(3)), [1, 2, 3]);
}

#[test]
fn acknowledgement_forgets_up_to_its_number() {
    let mut outbox = outbox_of(3);
    outbox.acknowledge(2);
    assert_eq!(numbers(&outbox), [3]);
}

#[test]
fn stale_acknowledgement_changes_nothing() {
    let mut outbox = outbox_of(3);
    outbox.acknowledge(2);
    outbox.acknowledge(1);
    assert_eq!(numbers(&outbox), [3]);
}

#[test]
fn numbers_go_on_after_everything_was_acknowledged() {
    let mut outbox = outbox_of(2);
    outbox.acknowledge(9);
    assert!(outbox.is_empty());
    outbox.push(AttemptEvent::Started { attempt: AttemptId::from_random(7), at: Timestamp::default() });
    assert_eq!(numbers(&outbox), [3]);
}

#[test]
fn what_was_sent_is_sent_again_only_after_a_new_beginning() {
    let unsent = |outbox: &mut Outbox| outbox.take_unsent().map(|report| report.number).collect::<Vec<_>>();
    let mut outbox = outbox_of(3);
    outbox.acknowledge(1);
    assert_eq!(unsent(&mut outbox), [2, 3]);
    outbox.push(AttemptEvent::Started { attempt: AttemptId::from_random(7), at: Timestamp::default() });
    assert_eq!(unsent(&mut outbox), [4]);
    outbox.begin_again();
    assert_eq!(unsent(&mut outbox), [2, 3, 4]);
}
