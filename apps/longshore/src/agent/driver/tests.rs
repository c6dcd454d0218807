//! Whoever tells something and whenever: each event is taken in once, and time is kept.

use super::*;
use longshore_agent::RunnerEvent;
use longshore_types::AttemptId;
use std::sync::mpsc::{Sender, channel};

/// Passes on the numbers that it is told; ends with a shutdown.
struct Recorder {
    told: Sender<u128>,
    /// Asked from within, as a runner asks that cannot start what it was just given.
    driver: Option<Arc<Driver<Self>>>,
    deadline: Option<Timestamp>,
}

/// What a wake-up counts for.
const WOKEN: u128 = 0;
/// Leads to the number after it.
const LEADS_ON: u128 = 7;

fn number(number: u128) -> Event {
    Event::Runner(RunnerEvent::Launched { output: AttemptId::from_random(number), at: Timestamp::default() })
}

impl Driven for Recorder {
    fn handle(&mut self, event: Event) -> bool {
        let told = match event {
            Event::Runner(event) => (0..10_000).find(|one| AttemptId::from_random(*one) == event.output()).unwrap(),
            Event::Shutdown => return false,
            _ => {
                self.deadline = None;
                WOKEN
            }
        };
        if told == LEADS_ON
            && let Some(driver) = &self.driver
        {
            driver.tell(number(LEADS_ON + 1));
        }
        self.told.send(told).unwrap();
        true
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.deadline
    }
}

#[test]
fn events_of_many_threads_are_each_taken_in_once_and_in_the_order_of_their_thread() {
    let (told, heard) = channel();
    let driver = Driver::new();
    std::thread::scope(|scope| {
        scope.spawn(|| driver.run(Recorder { told, driver: None, deadline: None }));
        let tell = |thread: u128| {
            let driver = &driver;
            move || (1..=500).for_each(|one| driver.tell(number(thread * 1_000 + one)))
        };
        let tellers: Vec<_> = (0..4).map(|thread| scope.spawn(tell(thread))).collect();
        tellers.into_iter().for_each(|teller| teller.join().unwrap());
        driver.tell(Event::Shutdown);
    });
    let heard: Vec<u128> = heard.iter().filter(|one| *one != WOKEN).collect();
    for thread in 0..4 {
        let own: Vec<u128> = heard.iter().copied().filter(|one| one / 1_000 == thread).collect();
        assert_eq!(own, (1..=500).map(|one| thread * 1_000 + one).collect::<Vec<_>>());
    }
}

#[test]
fn event_that_comes_of_another_is_taken_in_after_it() {
    let (told, heard) = channel();
    let driver = Driver::new();
    driver.tell(number(LEADS_ON));
    std::thread::scope(|scope| {
        let recorder = Recorder { told, driver: Some(Arc::clone(&driver)), deadline: None };
        scope.spawn(|| driver.run(recorder));
        let first_two: Vec<u128> = heard.iter().filter(|one| *one != WOKEN).take(2).collect();
        assert_eq!(first_two, [LEADS_ON, LEADS_ON + 1]);
        driver.tell(Event::Shutdown);
    });
}

#[test]
fn deadline_that_has_come_wakes_the_agent() {
    let (told, heard) = channel();
    let driver = Driver::new();
    std::thread::scope(|scope| {
        let recorder = Recorder { told, driver: None, deadline: Some(now()) };
        scope.spawn(|| driver.run(recorder));
        assert_eq!(heard.recv().unwrap(), WOKEN);
        driver.tell(Event::Shutdown);
    });
}
