//! What every store must do ([`conformance`]), and what is particular to this one.

mod conformance;
mod consumables;
mod durability;
mod events;
mod hostile;
mod listing;
mod nodes;
pub(crate) mod plans;
pub(crate) mod rows;
mod start_up;
mod streams;
mod upkeep;

use crate::Store;
use longshore_engine::Change;
use std::sync::mpsc::channel;

/// Writes `commits` and returns once all of them are on disk.
fn write(store: Store, commits: Vec<Vec<Change>>) {
    let (done, outcomes) = channel();
    let writer = store.writer(move |outcome| done.send(outcome).unwrap()).unwrap();
    let numbers: Vec<u64> = (1..).take(commits.len()).collect();
    for (number, changes) in numbers.iter().zip(commits) {
        writer.commit(*number, changes).unwrap();
    }
    drop(writer);
    let committed: Vec<u64> = outcomes.iter().map(|outcome| outcome.unwrap()).collect();
    assert_eq!(committed, numbers);
}
