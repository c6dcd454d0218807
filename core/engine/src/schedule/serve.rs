//! One queue in one step: turn by turn, until nothing of it fits, or the bounds on work are reached.
//!
//! The first job that fits nowhere now, but could on an idle host, gets a reservation; those behind it, and the queues
//! that are served after this one, get only what it leaves. With `strict_fifo` it blocks its queue instead (`SCH-1`).
//! Behind it only what a host may have room for is looked at: everything else would be passed.

use super::order::{self, Turn, Walk};
use super::{Held, Step, gang, settled};
use crate::children::Children;
use crate::engine::{Due, Engine};
use crate::lifecycle::{label, start_attempt};
use crate::ready::{ClassKey, Look, Ready};
use longshore_placement::{Assignment, Demand, Reservation, Shape};
use longshore_types::{JobRef, Name};
use std::sync::Arc;

pub(super) fn serve(engine: &mut Engine, step: &mut Step, queue: &Name) {
    if settled::stays(engine, step, queue) {
        return;
    }
    if let Some(ready) = engine.ready.get_mut(queue) {
        ready.begin();
    }
    if stays_as_it_is(engine, step, queue) {
        return;
    }
    let mut walk = Walk::new(engine, step.now, queue);
    let mut held: Option<Held> = None;
    let mut left = engine.config.classes_per_step;
    while left > 0 {
        if step.room == 0 {
            // Nobody has passed: whatever is reserved stays so.
            return;
        }
        let look = if held.is_some() { Look::Fitting(&step.round.space) } else { Look::All };
        let Some(turn) = engine.ready.get(queue).and_then(|ready| walk.next(ready, look)) else {
            end(engine, queue, &walk);
            break;
        };
        let bound = u32::try_from(step.room).unwrap_or(u32::MAX).min(turn.most);
        let demand = step.round.demand(&turn.class, bound, step.round.pools_of(queue));
        let (asked, placed) = take_turn(engine, step, queue, (&turn, &demand));
        walk.started(&turn, placed);
        if placed == asked {
            continue;
        }
        left -= 1;
        pass(engine, queue, &mut walk, (&turn, placed));
        if engine.config.strict_fifo {
            break;
        }
        if held.is_none() {
            held = head_of(engine, queue, &turn.class)
                .and_then(|head| reserve(engine, step, queue, ((head, &turn.class), &demand)));
            if held.is_some() {
                walk.reserved(&turn);
            }
        }
    }
    hold(engine, queue, held);
    look_again(engine, step, queue);
}

/// Sees to it that a queue in which somebody waits for whom there may be room is looked at again when its shares have changed
/// places: whoever is first then may start.
fn look_again(engine: &mut Engine, step: &Step, queue: &Name) {
    if engine.fair_share(queue).is_some() {
        let room = engine.ready.get(queue).is_some_and(|ready| ready.heads().may_fit(&step.round.space));
        let at = room.then(|| order::look_again(engine, step.now, queue));
        engine.deadlines.set(Due::Turn(queue.clone()), at);
    }
}

/// Whether no host has room for anything that waits in the queue, so that all that can change is who has a place reserved.
/// That is seen to.
fn stays_as_it_is(engine: &mut Engine, step: &mut Step, queue: &Name) -> bool {
    let Some(ready) = engine.ready.get(queue) else { return true };
    if step.room == 0 || engine.config.strict_fifo || ready.heads().may_fit(&step.round.space) {
        return false;
    }
    let Some((place, class)) = order::first(engine, step.now, queue) else { return false };
    let entry = ready.classes().get(class).and_then(|found| found.entries.get(&place)).copied();
    let Some((entry, head)) = entry.and_then(|entry| Some((entry, engine.first_of(entry)?))) else { return false };
    let class = Arc::clone(class);
    let demand = step.round.demand(&class, 1, step.round.pools_of(queue));
    let held = reserve(engine, step, queue, ((head, &class), &demand));
    let reserved = held.is_some();
    if reserved {
        hold(engine, queue, held);
        if let Some(ready) = engine.ready.get_mut(queue) {
            ready.pass_all();
        }
        settled::settle(engine, step, queue, ((place, entry), demand));
    }
    reserved
}

/// What the first of the queue that has to wait has reserved from now on.
fn hold(engine: &mut Engine, queue: &Name, held: Option<Held>) {
    match held {
        Some(held) if engine.reservations.get(queue) == Some(&held) => {}
        Some(held) => drop(engine.reservations.insert(queue.clone(), held)),
        None => drop(engine.reservations.remove(queue)),
    }
}

/// Nobody is left whose turn it is.
fn end(engine: &mut Engine, queue: &Name, walk: &Walk) {
    if let Some(ready) = engine.ready.get_mut(queue).filter(|_| walk.is_over()) {
        ready.pass_all();
    }
}

/// The class whose turn it is, of which so many jobs were placed, is short.
fn pass(engine: &mut Engine, queue: &Name, walk: &mut Walk, (turn, placed): (&Turn, u32)) {
    walk.pass(turn, placed);
    if let Some(ready) = engine.ready.get_mut(queue) {
        ready.pass(&turn.class);
    }
}

/// Starts what fits of the class whose turn it is: how many jobs it was the turn of, and how many were started.
fn take_turn(engine: &mut Engine, step: &mut Step, queue: &Name, turn: (&Turn, &Demand)) -> (u32, u32) {
    let (turn, bound) = turn;
    let most = step.round.space.at_most(bound).max(1);
    let entries = entries_of(engine, step, queue, turn, most);
    let count = entries.iter().map(|(_, count)| count).sum::<u32>().min(most);
    let mut assignments = step.round.space.place(&Demand { count, ..bound.clone() });
    if assignments.is_empty()
        && let Some(head) = head_of(engine, queue, &turn.class)
        && let Some(reservation) = own_reservation(engine, step, queue, head)
        && step.round.space.redeem(bound, &reservation)
    {
        assignments = reservation.assignments;
    }
    let placed = start(engine, step, &entries, (&bound.shape, &assignments));
    step.room = step.room.saturating_sub(placed as usize);
    (count, placed)
}

/// The entries that are served in this turn, at most `most` jobs of them, with how many jobs each stands for.
fn entries_of(engine: &Engine, step: &mut Step, queue: &Name, turn: &Turn, most: u32) -> Vec<(Ready, u32)> {
    let mut entries = Vec::new();
    let mut jobs: u32 = 0;
    let class = engine.ready.get(queue).and_then(|ready| ready.classes().get(&turn.class));
    for (&place, &ready) in class.into_iter().flat_map(|class| class.entries.range(turn.head..)) {
        if jobs >= most || turn.until.is_some_and(|until| place >= until) {
            break;
        }
        step.looks += 1;
        let count = match ready {
            Ready::One(_) => 1,
            Ready::Fresh(id) => engine.children.get(&id).map_or(0, |children| children.fresh),
        };
        assert!(count > 0, "an array's entry leaves its queue with the last child that it stands for");
        jobs = jobs.saturating_add(count);
        entries.push((ready, count));
    }
    assert!(!entries.is_empty(), "whose turn it is waits in the queue");
    entries
}

/// Starts the entries in order, each where the assignments say; the number of jobs started.
fn start(engine: &mut Engine, step: &Step, entries: &[(Ready, u32)], to: (&Shape, &[Assignment])) -> u32 {
    let (shape, assignments) = to;
    if matches!(shape, Shape::Gang(_)) {
        return gang::start(engine, step, entries, assignments);
    }
    let jobs = entries.iter().flat_map(|(ready, count)| std::iter::repeat_n(*ready, *count as usize));
    let places = assignments.iter().flat_map(|place| std::iter::repeat_n(place, place.count as usize));
    let mut started = 0;
    for (ready, place) in jobs.zip(places) {
        let Some(reference) = next_of(engine, ready) else { continue };
        if let Ready::Fresh(id) = ready {
            // ST-8: none of them carries a diagnosis any more.
            if engine.jobs.get(&id).and_then(|job| job.array.as_ref()).is_some_and(|array| array.waits.is_some()) {
                label(engine, ready, None);
            }
        }
        let (host, environment) = (step.round.hosts[place.host], &step.round.pools[place.pool]);
        start_attempt(engine, step.now, reference, host, environment);
        started += 1;
    }
    started
}

/// The job or child that an entry starts with; of an array the search goes on where it ended.
pub(super) fn next_of(engine: &mut Engine, ready: Ready) -> Option<JobRef> {
    if let Ready::Fresh(id) = ready {
        engine.children.get_mut(&id).and_then(Children::peek_fresh)?;
    }
    engine.first_of(ready)
}

/// The first job of a class.
fn head_of(engine: &Engine, queue: &Name, class: &ClassKey) -> Option<JobRef> {
    let class = engine.ready.get(queue)?.classes().get(class)?;
    engine.first_of(*class.entries.first_key_value()?.1)
}

/// What this job of a queue has reserved since earlier.
fn own_reservation(engine: &Engine, step: &Step, queue: &Name, job: JobRef) -> Option<Reservation> {
    let held = engine.reservations.get(queue).filter(|held| held.job == job)?;
    held.reservation(&step.round)
}

/// Reserves for the first job of a class.
fn reserve(
    engine: &Engine,
    step: &mut Step,
    queue: &Name,
    (head, demand): ((JobRef, &Arc<ClassKey>), &Demand),
) -> Option<Held> {
    let earlier = own_reservation(engine, step, queue, head.0);
    let reservation = step.round.space.reservable(demand, earlier.as_ref())?;
    let keeps_idle = step.round.space.keeps_idle(demand, &reservation);
    step.round.occupy(demand, &reservation);
    Some(Held::of(&step.round, head, (&reservation, keeps_idle)))
}
