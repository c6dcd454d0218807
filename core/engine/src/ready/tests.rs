//! Classes of a queue: heads, what is set aside, labels.

use super::{ClassKey, Place, Ready, ReadyQueue};
use longshore_placement::Shape;
use longshore_types::{JobId, JobRef, Resources};

fn class(vcpus: u64) -> ClassKey {
    let shape = Shape::Single(Resources { vcpu_milli: vcpus * 1_000, ..Resources::default() });
    ClassKey { share: None, priority: None, shape, consumables: vec![] }
}

fn place(seq: u64) -> Place {
    Place { rank: 1, seq, part: 0 }
}

fn one(seq: u64) -> Ready {
    Ready::One(JobRef::Job(JobId::from_random(u128::from(seq))))
}

/// A queue of (vcpus, seq).
fn queue(entries: &[(u64, u64)]) -> ReadyQueue {
    let mut queue = ReadyQueue::default();
    entries.iter().for_each(|&(vcpus, seq)| queue.insert(class(vcpus), place(seq), one(seq)));
    queue
}

fn heads(queue: &ReadyQueue) -> Vec<u64> {
    queue.heads().iter().map(|(place, _)| place.seq).collect()
}

/// Classes judged so far are forgotten; the class of `vcpus` gets `label`.
fn judge(queue: &mut ReadyQueue, vcpus: u64, label: Option<&'static str>) {
    while let Some(key) = queue.take_unjudged() {
        let own = *key == class(vcpus);
        queue.judge(&key, if own { label } else { None });
    }
}

fn labelled(queue: &mut ReadyQueue) -> Vec<(Ready, Option<&'static str>)> {
    std::iter::from_fn(|| queue.take_unlabelled()).collect()
}

#[test]
fn each_class_has_its_first_entry_as_head() {
    let mut queue = queue(&[(1, 3), (2, 2), (1, 5), (2, 4)]);
    assert_eq!(heads(&queue), [2, 3]);
    queue.remove(&class(2), place(2));
    queue.insert(class(1), place(1), one(1));
    assert_eq!(heads(&queue), [1, 4]);
    queue.remove(&class(2), place(4));
    assert_eq!((heads(&queue), queue.classes().len()), (vec![1], 1));
}

#[test]
fn class_that_is_set_aside_has_no_head_until_it_is_judged_again() {
    let mut queue = queue(&[(1, 1), (2, 2)]);
    judge(&mut queue, 1, Some("never"));
    queue.insert(class(1), place(3), one(3));
    assert_eq!(heads(&queue), [2]);
    queue.unblock();
    judge(&mut queue, 1, None);
    assert_eq!(heads(&queue), [1, 2]);
}

#[test]
fn every_entry_is_labelled_once_and_so_are_those_that_come_later() {
    let mut queue = queue(&[(1, 5), (1, 7), (2, 6)]);
    judge(&mut queue, 1, Some("never"));
    assert_eq!(queue.take_unlabelled(), Some((one(5), Some("never"))));
    queue.insert(class(1), place(3), one(3));
    queue.insert(class(1), place(9), one(9));
    queue.remove(&class(1), place(7));
    assert_eq!(labelled(&mut queue), [(one(3), Some("never")), (one(9), Some("never"))]);
    queue.insert(class(1), place(11), one(11));
    assert_eq!(labelled(&mut queue), [(one(11), Some("never"))]);
    queue.unblock();
    judge(&mut queue, 1, None);
    assert_eq!(labelled(&mut queue).len(), 4);
}

#[test]
fn cr_2_consumables_are_those_of_the_classes_there_are() {
    let class = |names: &[&str]| ClassKey {
        consumables: names.iter().map(|name| (name.parse().unwrap(), 1)).collect(),
        ..class(1)
    };
    let mut queue = ReadyQueue::default();
    let names = |queue: &ReadyQueue| queue.consumables().map(ToString::to_string).collect::<Vec<_>>();
    for (seq, needs) in [(1, &["a", "b"][..]), (2, &["b", "c"]), (3, &["b", "c"])] {
        queue.insert(class(needs), place(seq), one(seq));
    }
    assert_eq!(names(&queue), ["a", "b", "c"]);
    queue.remove(&class(&["a", "b"]), place(1));
    queue.remove(&class(&["b", "c"]), place(2));
    assert_eq!(names(&queue), ["b", "c"]);
    queue.remove(&class(&["b", "c"]), place(3));
    let nothing = ReadyQueue { arrived: true, changes: queue.changes, ..ReadyQueue::default() };
    assert_eq!(queue, nothing, "nothing is left of them");
}
