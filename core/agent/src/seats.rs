//! Seats: places of the host that attempts have one after the other, in the order in which they came. It knows who has a
//! seat and who waits for it; what that means for an attempt is not its business.

use longshore_types::AttemptId;
use std::collections::{BTreeMap, VecDeque};

/// The line at each seat that somebody has: first who has it, then those who wait.
#[derive(Debug, Default)]
pub(crate) struct Seats {
    lines: BTreeMap<AttemptId, VecDeque<AttemptId>>,
}

impl Seats {
    /// An attempt comes to a seat; whether it has it at once.
    pub(crate) fn enter(&mut self, seat: AttemptId, attempt: AttemptId) -> bool {
        let line = self.lines.entry(seat).or_default();
        line.push_back(attempt);
        line.len() == 1
    }

    /// An attempt leaves a seat, or the line; who has the seat by that, if it was free for somebody.
    pub(crate) fn leave(&mut self, seat: AttemptId, attempt: AttemptId) -> Option<AttemptId> {
        let line = self.lines.get_mut(&seat)?;
        let place = line.iter().position(|one| *one == attempt)?;
        line.remove(place);
        if line.is_empty() {
            self.lines.remove(&seat);
            return None;
        }
        (place == 0).then(|| line.front().copied()).flatten()
    }

    /// Whether somebody waits for a seat.
    pub(crate) fn is_waited_for(&self, seat: AttemptId) -> bool {
        self.lines.get(&seat).is_some_and(|line| line.len() > 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> AttemptId {
        AttemptId::from_random(number)
    }

    #[test]
    fn seat_that_is_left_goes_to_who_came_first() {
        let mut seats = Seats::default();
        assert!(seats.enter(id(1), id(1)));
        assert!(!seats.enter(id(1), id(2)));
        assert!(!seats.enter(id(1), id(3)));
        assert_eq!(seats.leave(id(1), id(1)), Some(id(2)));
        assert!(seats.is_waited_for(id(1)));
        assert_eq!(seats.leave(id(1), id(2)), Some(id(3)));
        assert_eq!((seats.leave(id(1), id(3)), seats.lines.len()), (None, 0));
    }

    #[test]
    fn who_leaves_the_line_gives_nobody_the_seat() {
        let mut seats = Seats::default();
        seats.enter(id(1), id(1));
        seats.enter(id(1), id(2));
        assert_eq!(seats.leave(id(1), id(2)), None);
        assert!(!seats.is_waited_for(id(1)));
    }
}
