//! Whatever order messages, links and processes come in: no attempt is launched twice, every launched attempt is
//! reported as ended exactly once, and report numbers have no gaps.

use super::builder::*;
use crate::{ExitStatus, Input, Output};
use longshore_protocol::{AgentMessage, AttemptEvent};
use longshore_types::AttemptId;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const ATTEMPTS: u8 = 6;

#[derive(Clone, Debug)]
enum Happening {
    Connect,
    Disconnect,
    Welcome,
    Start(u8),
    Stop(u8),
    AckSome(u64),
    RunnerMoves(u8),
    LaunchFails(u8),
    Later(i64),
}

fn happening() -> impl Strategy<Value = Happening> {
    let attempt = || 0..ATTEMPTS;
    prop_oneof![
        2 => Just(Happening::Connect),
        1 => Just(Happening::Disconnect),
        2 => Just(Happening::Welcome),
        4 => attempt().prop_map(Happening::Start),
        1 => attempt().prop_map(Happening::Stop),
        2 => (0_u64..6).prop_map(Happening::AckSome),
        5 => attempt().prop_map(Happening::RunnerMoves),
        1 => attempt().prop_map(Happening::LaunchFails),
        1 => (0_i64..40_000).prop_map(Happening::Later),
    ]
}

/// The runner and the control plane around one agent, checking each output as it comes.
struct World {
    host: Host,
    now_ms: i64,
    connected: bool,
    launched: BTreeSet<AttemptId>,
    /// Attempts in the runner's hands, and whether their process runs.
    in_runner: BTreeMap<AttemptId, bool>,
    reports: BTreeMap<u64, AttemptEvent>,
    acknowledged: u64,
}

impl World {
    fn new() -> Self {
        let (launched, in_runner, reports) = <(BTreeSet<_>, BTreeMap<_, _>, BTreeMap<_, _>)>::default();
        Self { host: Host::new(), now_ms: 0, connected: false, launched, in_runner, reports, acknowledged: 0 }
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
            Happening::Start(attempt) if self.connected => self.feed(start_with_timeout(attempt, 10_000)),
            Happening::Stop(attempt) if self.connected => self.feed(stop(attempt, 1_000)),
            Happening::AckSome(count) if self.connected => {
                let seen = self.reports.keys().next_back().copied().unwrap_or(0);
                self.acknowledged = seen.min(self.acknowledged + count);
                self.feed(ack(self.acknowledged));
            }
            Happening::RunnerMoves(attempt) => self.move_on(attempt),
            Happening::LaunchFails(attempt) if self.in_runner.get(&id(attempt)) == Some(&false) => {
                self.in_runner.remove(&id(attempt));
                self.feed(launch_failed(attempt, "no"));
            }
            Happening::Later(pause_ms) => {
                self.now_ms += pause_ms;
                self.feed(Input::Wake);
            }
            _ => {}
        }
    }

    fn move_on(&mut self, attempt: u8) {
        match self.in_runner.get(&id(attempt)) {
            Some(false) => {
                self.in_runner.insert(id(attempt), true);
                self.feed(launched(attempt, self.now_ms));
            }
            Some(true) => {
                self.in_runner.remove(&id(attempt));
                self.feed(exited(attempt, ExitStatus::Code(0)));
            }
            None => {}
        }
    }

    fn feed(&mut self, input: Input) {
        for output in self.host.at(self.now_ms).feed(input) {
            match output {
                Output::Launch(launch) => {
                    assert!(self.launched.insert(launch.attempt), "launched twice: {:?}", launch.attempt);
                    self.in_runner.insert(launch.attempt, false);
                }
                Output::ToControl(AgentMessage::Report(report)) => {
                    assert!(self.connected, "a report without a link");
                    assert!(report.number > self.acknowledged, "an acknowledged report came again");
                    let known = self.reports.entry(report.number).or_insert_with(|| report.event.clone());
                    assert_eq!(*known, report.event, "a number changed its meaning");
                }
                _ => {}
            }
        }
    }

    /// Lets every process end, brings the link up, and looks at the whole.
    fn settle(&mut self) {
        for attempt in 0..ATTEMPTS {
            self.move_on(attempt);
            self.move_on(attempt);
        }
        self.happen(&Happening::Disconnect);
        self.happen(&Happening::Connect);
        self.happen(&Happening::Welcome);
        let numbers: Vec<u64> = self.reports.keys().copied().collect();
        assert_eq!(numbers, (1..=self.reports.len() as u64).collect::<Vec<_>>());
        let ends = self.reports.values().filter(|event| matches!(event, AttemptEvent::Ended { .. }));
        let mut ended: Vec<AttemptId> = ends.map(AttemptEvent::attempt).collect();
        ended.sort_unstable();
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
