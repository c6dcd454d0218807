//! One moment for each, taken in order.

use super::{Deadlines, Due};
use longshore_types::Timestamp;

fn queue(name: &str) -> Due {
    Due::Queue(name.parse().unwrap())
}

#[test]
fn moments_are_taken_in_order_and_not_before_they_have_come() {
    let mut deadlines = Deadlines::default();
    deadlines.set(queue("b"), Some(Timestamp::from_millis(2)));
    deadlines.set(queue("a"), Some(Timestamp::from_millis(3)));
    assert_eq!(deadlines.first(), Some(Timestamp::from_millis(2)));
    assert_eq!(deadlines.take(Timestamp::from_millis(1)), None);
    assert_eq!(deadlines.take(Timestamp::from_millis(9)), Some(queue("b")));
    assert_eq!(deadlines.take(Timestamp::from_millis(9)), Some(queue("a")));
    assert_eq!(deadlines.first(), None);
}

#[test]
fn moment_set_again_replaces_the_one_before() {
    let mut deadlines = Deadlines::default();
    deadlines.set(queue("a"), Some(Timestamp::from_millis(2)));
    deadlines.set(queue("a"), Some(Timestamp::from_millis(5)));
    assert_eq!((deadlines.first(), deadlines.of(&queue("a"))), (Some(Timestamp::from_millis(5)), deadlines.first()));
    deadlines.set(queue("a"), None);
    assert_eq!((deadlines.first(), deadlines.of(&queue("a"))), (None, None));
}
