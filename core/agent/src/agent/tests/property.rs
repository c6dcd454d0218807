//! Whatever order messages, links and processes come in: no container is launched twice or before what it waits for,
//! every launched attempt is reported as ended when nothing of it is left, and again only to who has forgotten it, attempts
//! of one seat run one after the other, and report numbers have no gaps.

use super::builder::*;
use crate::{ExitStatus, Input, Launch, Output};
use longshore_protocol::{AgentMessage, AttemptEvent, Condition};
use longshore_types::AttemptId;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const ATTEMPTS: u8 = 6;
/// Attempts from here on are tasks of three containers, whose outputs are ten times the attempt and up.
const FIRST_TASK: u8 = 4;
const OUTPUTS: [u8; 10] = [0, 1, 2, 3, 40, 41, 42, 50, 51, 52];
/// These take the seat of attempt 0, if they are given ahead; so it is always when they come.
const AHEAD: [u8; 2] = [1, 2];

/// A container that prepares, the essential one after it, and one beside that.
fn task_of(attempt: u8) -> Input {
    let [init, main, beside] = [0, 1, 2].map(|place| attempt * 10 + place);
    let main_part = waits(part(main), init, Condition::Success);
    start_task_as(attempt, &[side(init), main_part, waits(side(beside), main, Condition::Start)], 10_000)
}

fn attempt_of(output: u8) -> u8 {
    if output < FIRST_TASK { output } else { output / 10 }
}

#[derive(Clone, Debug)]
enum Happening {
    Connect,
    Disconnect,
    Welcome,
    Start(u8),
    Stop(u8),
    AckSome(u64),
    RunnerMoves(u8, i32),
    LaunchFails(u8),
    Later(i64),
}

fn happening() -> impl Strategy<Value = Happening> {
    let attempt = || 0..ATTEMPTS;
    let output = || prop::sample::select(&OUTPUTS[..]);
    let code = prop_oneof![3 => Just(0), 1 => Just(1)];
    prop_oneof![
        2 => Just(Happening::Connect),
        1 => Just(Happening::Disconnect),
        2 => Just(Happening::Welcome),
        4 => attempt().prop_map(Happening::Start),
        1 => attempt().prop_map(Happening::Stop),
        2 => (0_u64..6).prop_map(Happening::AckSome),
        7 => (output(), code).prop_map(|(output, code)| Happening::RunnerMoves(output, code)),
        1 => output().prop_map(Happening::LaunchFails),
        1 => (0_i64..40_000).prop_map(Happening::Later),
    ]
}

/// The runner and the control plane around one agent, checking each output as it comes.
struct World {
    host: Host,
    now_ms: i64,
    connected: bool,
    launched: BTreeSet<AttemptId>,
    /// Containers in the runner's hands, and whether their process runs.
    in_runner: BTreeMap<AttemptId, bool>,
    /// Containers that have started, and the codes of those that have exited.
    ran: BTreeMap<AttemptId, Option<i32>>,
    reports: BTreeMap<u64, AttemptEvent>,
    acknowledged: u64,
}

impl World {
    fn new() -> Self {
        let (launched, in_runner) = <(BTreeSet<_>, BTreeMap<_, _>)>::default();
        let (ran, reports) = <(BTreeMap<_, _>, BTreeMap<_, _>)>::default();
        Self { host: Host::new(), now_ms: 0, connected: false, launched, in_runner, ran, reports, acknowledged: 0 }
    }

    fn happen(&mut self, happening: &Happening) {
        match *happening {
            Happening::Connect if !self.connected => {
                self.connected = true;
                self.feed(Input::Connected);
            }
            Happening::Disconnect if self.connected => {
                self.connected = false;
                self.feed(Input::Disconnected);
            }
            Happening::Welcome if self.connected => self.feed(welcome()),
            Happening::Start(attempt) if self.connected && attempt >= FIRST_TASK => self.feed(task_of(attempt)),
            Happening::Start(attempt) if self.connected && AHEAD.contains(&attempt) => {
                self.feed(start_after(attempt, 0, 30_000));
            }
            Happening::Start(attempt) if self.connected => self.feed(start_with_timeout(attempt, 10_000)),
            Happening::Stop(attempt) if self.connected => self.feed(stop(attempt, 1_000)),
            Happening::AckSome(count) if self.connected => {
                let seen = self.reports.keys().next_back().copied().unwrap_or(0);
                self.acknowledged = seen.min(self.acknowledged + count);
                self.feed(ack(self.acknowledged));
            }
            Happening::RunnerMoves(output, code) => self.move_on(output, code),
            Happening::LaunchFails(output) if self.in_runner.get(&id(output)) == Some(&false) => {
                self.in_runner.remove(&id(output));
                self.feed(launch_failed(output, "no"));
            }
            Happening::Later(pause_ms) => {
                self.now_ms += pause_ms;
                self.feed(Input::Wake);
            }
            _ => {}
        }
    }

    fn move_on(&mut self, output: u8, code: i32) {
        match self.in_runner.get(&id(output)) {
            Some(false) => {
                self.in_runner.insert(id(output), true);
                self.ran.insert(id(output), None);
                self.feed(launched(output, self.now_ms));
            }
            Some(true) => {
                self.in_runner.remove(&id(output));
                self.ran.insert(id(output), Some(code));
                self.feed(exited(output, ExitStatus::Code(code)));
            }
            None => {}
        }
    }

    fn feed(&mut self, input: Input) {
        for output in self.host.at(self.now_ms).feed(input) {
            match output {
                Output::Launch(launch) => self.launch(&launch),
                Output::ToControl(AgentMessage::Report(report)) => {
                    assert!(self.connected, "a report without a link");
                    assert!(report.number > self.acknowledged, "an acknowledged report came again");
                    let known = self.reports.entry(report.number).or_insert_with(|| report.event.clone());
                    assert_eq!(*known, report.event, "a number changed its meaning");
                    self.check_end(&report.event);
                }
                _ => {}
            }
        }
    }

    fn launch(&mut self, launch: &Launch) {
        let container = &launch.container;
        let at_seat = |attempt: u8| attempt == 0 || AHEAD.contains(&attempt);
        let others = (0..FIRST_TASK).filter(|attempt| at_seat(*attempt) && self.in_runner.contains_key(&id(*attempt)));
        let alone = others.count() == 0 || !(0..FIRST_TASK).any(|one| at_seat(one) && id(one) == launch.attempt);
        assert!(alone, "{} was launched beside another of its seat", launch.attempt);
        self.launched.insert(launch.attempt);
        assert!(!self.ran.contains_key(&container.output), "launched twice: {}", container.output);
        assert!(self.in_runner.insert(container.output, false).is_none(), "launched twice: {}", container.output);
        for dependency in &container.depends_on {
            let other = OUTPUTS.into_iter().find(|output| dependency.container == format!("c{output}")).unwrap();
            let exited = self.ran.get(&id(other)).copied();
            let met = if dependency.condition == Condition::Start { exited.is_some() } else { exited == Some(Some(0)) };
            assert!(met, "{} was launched before {other} was what it waits for", container.output);
        }
    }

    /// What is reported as ended is gone.
    fn check_end(&self, event: &AttemptEvent) {
        if matches!(event, AttemptEvent::Ended { .. }) {
            let same = |(_, other): &(&u64, &AttemptEvent)| {
                matches!(other, AttemptEvent::Ended { .. }) && other.attempt() == event.attempt()
            };
            let mut before = self.reports.iter().filter(same).rev().skip(1);
            let again = |(number, other): (&u64, &AttemptEvent)| *number <= self.acknowledged && other == event;
            assert!(before.all(again), "an end is told again as it was, and only to who has acknowledged it");
            let left = OUTPUTS.into_iter().filter(|output| id(attempt_of(*output)) == event.attempt());
            let left: Vec<u8> = left.filter(|output| self.in_runner.contains_key(&id(*output))).collect();
            assert!(left.is_empty(), "{left:?} of an attempt that has ended are left");
        }
    }

    /// Lets every process end, brings the link up, and looks at the whole.
    fn settle(&mut self) {
        while !self.in_runner.is_empty() {
            for output in OUTPUTS {
                self.move_on(output, 0);
            }
        }
        self.happen(&Happening::Disconnect);
        self.happen(&Happening::Connect);
        self.happen(&Happening::Welcome);
        let numbers: Vec<u64> = self.reports.keys().copied().collect();
        assert_eq!(numbers, (1..=self.reports.len() as u64).collect::<Vec<_>>());
        let ran = |event: &&AttemptEvent| match event {
            AttemptEvent::Ended { attempt, end, .. } => end.exit_code.is_some() || self.launched.contains(attempt),
            _ => false,
        };
        let ends = self.reports.values().filter(ran);
        let mut ended: Vec<AttemptId> = ends.map(AttemptEvent::attempt).collect();
        ended.sort_unstable();
        ended.dedup();
        assert_eq!(ended, self.launched.iter().copied().collect::<Vec<_>>());
    }
}

proptest! {
    #[test]
    fn any_order_of_happenings_launches_once_and_reports_each_end_once(
        happenings in prop::collection::vec(happening(), 0..200),
    ) {
        let mut world = World::new();
        for happening in &happenings {
            world.happen(happening);
        }
        world.settle();
    }
}
