//! Hosts that come, go and report. Attempts die with the agent process that held them (ARCHITECTURE: agents).

use super::transition::with_run;
use super::{attempts, settling};
use crate::effect::Effect;
use crate::engine::Engine;
use crate::entity::Host;
use crate::fleet::{Addresses, HostState};
use longshore_protocol::{AttemptEvent, Hello};
use longshore_types::{AttemptId, HostId, JobRef, JobStatus, Resources, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

impl Engine {
    /// An agent said Hello: both sides compare what they hold. Attempts of an earlier agent process of the host are
    /// lost; attempts that the agent lacks are told to it again; attempts that nobody wants any more are stopped.
    pub fn host_connected(&mut self, now: Timestamp, hello: &Hello) {
        self.register_host(now, hello);
        let mine: Vec<AttemptId> =
            self.fleet.hosts.get(&hello.host).map(|state| state.attempts.iter().copied().collect()).unwrap_or_default();
        let held: BTreeSet<AttemptId> = hello.held.iter().copied().collect();
        let mut wanted: BTreeSet<AttemptId> = BTreeSet::new();
        for attempt in mine {
            if self.incarnation_of(attempt) == Some(hello.incarnation) {
                wanted.insert(attempt);
                self.repeat(hello.host, attempt, held.contains(&attempt));
            } else {
                attempts::lost(self, now, attempt);
            }
        }
        let grace_ms = self.config.stop_grace_ms;
        let unwanted: BTreeSet<AttemptId> = held.difference(&wanted).copied().collect();
        let stops = unwanted.iter().map(|&attempt| Effect::Stop { host: hello.host, attempt, grace_ms });
        self.effects.extend(stops);
        if let Some(state) = self.fleet.hosts.get_mut(&hello.host) {
            state.given_up = unwanted;
        }
        self.unblock_all();
        self.unscheduled = true;
        super::settle(self, now);
    }

    fn register_host(&mut self, now: Timestamp, hello: &Hello) {
        let state = self.fleet.hosts.entry(hello.host).or_insert_with(|| HostState {
            host: Host {
                id: hello.host,
                incarnation: hello.incarnation,
                description: hello.description.clone(),
                registered_at: now,
            },
            connected: false,
            used: Resources::default(),
            attempts: BTreeSet::new(),
            seats: BTreeMap::new(),
            version: hello.version,
            addresses: Addresses::default(),
            lost_at: None,
            given_up: BTreeSet::new(),
        });
        state.host.incarnation = hello.incarnation;
        state.host.description = hello.description.clone();
        state.version = hello.version;
        state.connected = !hello.leaving;
        state.lost_at = None;
        self.touch_host(hello.host);
    }

    fn incarnation_of(&self, attempt: AttemptId) -> Option<u64> {
        let run = self.run(*self.attempts.get(&attempt)?)?;
        run.current.as_ref().map(|current| current.incarnation)
    }

    /// Tells a reconnected agent again what it may not have heard, and what it may say again: that an attempt has started
    /// which this server, restored from a backup, does not know to have.
    fn repeat(&mut self, host: HostId, attempt: AttemptId, held: bool) {
        let Some(&reference) = self.attempts.get(&attempt) else { return };
        let Some(run) = self.run(reference) else { return };
        let Some(current) = &run.current else { return };
        let (stopping, held_back) = (current.stopping.is_some(), current.held_back);
        let begun = run.status != JobStatus::Starting;
        if held_back && !held {
            return;
        }
        if held_back {
            // Its host was told of it after the backup from which this server has been restored.
            with_run(self, reference, |run| run.current.iter_mut().for_each(|current| current.held_back = false));
        }
        if !(held && begun) {
            let start = attempts::start_message(self, reference);
            self.effects.extend(start.map(|start| Effect::Start { host, start: Box::new(start) }));
        }
        if stopping {
            self.effects.push(Effect::Stop { host, attempt, grace_ms: self.config.stop_grace_ms });
        }
    }

    /// The connection to an agent is gone. Its attempts go on; the host counts as terminated if it stays away too long.
    pub fn host_disconnected(&mut self, now: Timestamp, host: HostId) {
        let lost_at = now.plus_ms(self.config.host_lost_after_ms);
        if let Some(state) = self.fleet.hosts.get_mut(&host) {
            state.connected = false;
            state.lost_at = Some(lost_at);
            self.round = None;
        }
    }

    /// An agent reported something. Reports about attempts that are over change nothing, but that their host may be free
    /// again.
    pub fn attempt_event(&mut self, now: Timestamp, host: HostId, event: AttemptEvent) {
        let attempt = event.attempt();
        let placed_here = self.fleet.hosts.get(&host).is_some_and(|state| state.attempts.contains(&attempt));
        if !placed_here {
            self.note_end_of_given_up(host, &event);
            return;
        }
        match event {
            AttemptEvent::Started { at, .. } => attempts::started(self, now, attempt, at),
            AttemptEvent::ContainerStarted { output, at, .. } => {
                attempts::container_started(self, attempt, output, at);
            }
            AttemptEvent::Ended { at, end, .. } => attempts::ended(self, now, attempt, at, end),
        }
        crate::scaling::demand_changed(self, now);
        super::settle(self, now);
    }

    /// An attempt that was given up is over: its host takes new ones when the last of them is.
    fn note_end_of_given_up(&mut self, host: HostId, event: &AttemptEvent) {
        if let AttemptEvent::Ended { attempt, .. } = event
            && let Some(state) = self.fleet.hosts.get_mut(&host)
        {
            let takes_work = state.given_up.remove(attempt) && state.given_up.is_empty();
            self.unscheduled |= takes_work;
            if takes_work {
                self.fleet.changed.push(host);
            }
        }
    }

    /// Does what is due by the clock: gives up hosts that stayed away too long, ends transitions.
    pub fn tick(&mut self, now: Timestamp) {
        let due = |state: &&HostState| state.lost_at.is_some_and(|at| at <= now);
        let lost: Vec<HostId> = self.fleet.hosts.values().filter(due).map(|state| state.host.id).collect();
        for host in lost {
            let Some(state) = self.fleet.hosts.get_mut(&host) else { continue };
            state.lost_at = None;
            let attempts: Vec<AttemptId> = state.attempts.iter().copied().collect();
            for attempt in attempts {
                attempts::given_up(self, now, attempt);
                crate::scaling::demand_changed(self, now);
            }
        }
        settling::tick(self, now);
        crate::schedule::end_overdue(self, now);
        super::settle(self, now);
    }

    /// When [`Engine::tick`] has something to do if nothing else happens.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let hosts = self.fleet.hosts.values().filter(|state| !state.attempts.is_empty());
        let heads = crate::schedule::next_deadline(self);
        hosts.filter_map(|state| state.lost_at).chain(self.deadlines.first()).chain(heads).min()
    }

    /// What an attempt in memory is an attempt of.
    pub fn attempt(&self, attempt: AttemptId) -> Option<JobRef> {
        self.attempts.get(&attempt).copied()
    }
}
