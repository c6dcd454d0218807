//! Start-up: the state in memory from the store's rows. What a restart rebuilds equals what was there before it.

use super::{Due, Engine};
use crate::change::Snapshot;
use crate::children::Children;
use crate::config::Config;
use crate::consumables::Consumables;
use crate::entity::{Array, ChildDefault, ChildRow, CurrentAttempt, Host, Job, JobSpec};
use crate::fleet::{Addresses, HostState};
use crate::ready::ClassKey;
use longshore_types::{JobId, JobRef, JobStatus, Name, Resources, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Engine {
    /// An engine with the state of `snapshot`. Hosts count as disconnected until their agents say Hello; those that stay
    /// away for `host_lost_after_ms` from `now` are given up. `seed` decides every id it will make from now on.
    pub fn restore(config: Config, seed: u64, now: Timestamp, mut snapshot: Snapshot) -> Self {
        let mut engine = Self::new(config, seed);
        engine.last_seq = snapshot.last_seq;
        engine.outbox.last = snapshot.last_event;
        engine.restore_services(&mut snapshot);
        engine.environments.extend(snapshot.environments.into_iter().map(|row| (row.name.clone(), row)));
        engine.queues.extend(snapshot.queues.into_iter().map(|row| (row.name.clone(), row)));
        engine.restore_deadlines();
        engine.definitions.extend(snapshot.definitions.into_iter().map(|row| (row.id.clone(), row)));
        engine.policies.extend(snapshot.policies.into_iter().map(|row| (row.name.clone(), row)));
        engine.consumables = Consumables::restore(snapshot.consumables, snapshot.consumable_updates);
        snapshot.shares.into_iter().for_each(|row| engine.restore_share(row));
        for host in snapshot.hosts {
            engine.restore_host(now, host);
        }
        let mut with_parts = Vec::new();
        for job in snapshot.jobs {
            let (id, has_parts) = (job.id, job.array.is_some() || job.gang.is_some());
            engine.restore_job(job);
            if has_parts {
                with_parts.push(id);
            } else {
                // At once, while all that leads to it is at hand: with many jobs, finding it again takes the longest.
                engine.index_job(now, id);
            }
        }
        for child in snapshot.children {
            engine.restore_child(child);
        }
        for (child, status) in snapshot.ended_children {
            engine.restore_ended_child(child, status);
        }
        for id in with_parts {
            engine.index_job(now, id);
        }
        engine.restore_replacements();
        crate::scaling::demand_changed(&mut engine, now);
        engine.unscheduled = true;
        engine
    }

    fn restore_deadlines(&mut self) {
        for (name, environment) in &self.environments {
            self.deadlines.set(Due::Environment(name.clone()), environment.deadline());
        }
        for (name, queue) in &self.queues {
            self.deadlines.set(Due::Queue(name.clone()), queue.settles_at);
        }
    }

    /// What environments in transition wait for.
    fn restore_replacements(&mut self) {
        let waiting = self.environments.values().filter_map(|row| Some((row.name.clone(), row.replacement?.since)));
        let waiting: Vec<(Name, Timestamp)> = waiting.collect();
        for (name, since) in waiting {
            let attempts = crate::lifecycle::attempts_of(self, &name, Some(since));
            self.outgoing.insert(name, attempts);
        }
    }

    fn restore_host(&mut self, now: Timestamp, host: Host) {
        let lost_at = Some(now.plus_ms(self.config.host_lost_after_ms));
        let state = HostState {
            host,
            connected: false,
            used: Resources::default(),
            attempts: BTreeSet::new(),
            seats: BTreeMap::new(),
            version: 0,
            addresses: Addresses::default(),
            lost_at,
            given_up: BTreeSet::new(),
        };
        self.fleet.hosts.insert(state.host.id, state);
    }

    fn restore_job(&mut self, mut row: Arc<Job>) {
        // Nobody else has it: the snapshot was made for this.
        let job = Arc::make_mut(&mut row);
        job.spec = self.shared_spec(job);
        job.share_identifier = job.share_identifier.take().map(|share| self.shares.shared_name(&job.queue, &share));
        self.last_seq = self.last_seq.max(job.seq);
        if let Some(array) = &job.array {
            self.children.insert(job.id, default_children(array));
        }
        self.jobs.insert(row);
    }

    /// Jobs that change nothing of their definition share one spec again.
    fn shared_spec(&mut self, job: &Job) -> Arc<JobSpec> {
        let shared = self.plain_specs.entry(job.definition.clone()).or_insert_with(|| Arc::clone(&job.spec));
        if Arc::ptr_eq(shared, &job.spec) || **shared == *job.spec { Arc::clone(shared) } else { Arc::clone(&job.spec) }
    }

    fn restore_child(&mut self, row: ChildRow) {
        if self.jobs.get(&row.job).is_some_and(|job| job.gang.is_some()) {
            self.nodes.entry(row.job).or_default().insert(row.index, row.run);
            return;
        }
        let Some(children) = self.children.get_mut(&row.job) else { return };
        children.restore(row.index, row.run.status);
        children.live.insert(row.index, row.run);
    }

    fn restore_ended_child(&mut self, child: JobRef, status: JobStatus) {
        if let (JobRef::Child(job, index), true) = (child, status.is_terminal())
            && let Some(children) = self.children.get_mut(&job)
        {
            children.restore(index, status);
        }
    }

    /// Derives everything that is found through a job: its place in the queue, its attempts, who waits for it.
    fn index_job(&mut self, now: Timestamp, id: JobId) {
        let Some(job) = self.jobs.get(&id) else { return };
        if job.run.status.is_terminal() {
            return;
        }
        let single = job.array.is_none();
        let holds = job.gang.as_ref().map(|gang| gang.holds.clone()).unwrap_or_default();
        self.consumables.adopt(&holds);
        let spawned = job.array.as_ref().is_some_and(|array| array.spawned_at.is_some());
        let runnable = job.array.as_ref().is_some_and(|array| array.default == ChildDefault::Runnable);
        let fresh = spawned && runnable && self.children.get(&id).is_some_and(|children| children.fresh > 0);
        let waits = self.jobs.get(&id).is_some_and(|job| crate::lifecycle::waits(job.run.status));
        self.waiting += usize::from(waits);
        crate::lifecycle::register(self, id);
        self.adopt_job_of_share(now, id);
        if fresh {
            crate::lifecycle::enter_fresh(self, id);
            let waits = self.jobs.get(&id).and_then(|job| job.array.as_ref()?.waits.as_deref());
            self.adopt_label(id, crate::schedule::known_label(waits));
        }
        let mut live: Vec<JobRef> = if single {
            vec![JobRef::Job(id)]
        } else {
            self.children.get(&id).into_iter().flat_map(|own| own.live.keys()).map(|i| JobRef::Child(id, *i)).collect()
        };
        live.extend(self.nodes.get(&id).into_iter().flat_map(BTreeMap::keys).map(|index| JobRef::Node(id, *index)));
        for reference in live {
            crate::lifecycle::enter_queue(self, reference);
            let Some(run) = self.run(reference) else { continue };
            let label = crate::schedule::known_label(run.status_reason.as_deref());
            let current = run.current.clone();
            self.adopt_label(id, label);
            if let Some(current) = current {
                self.restore_attempt(reference, &current);
            }
        }
    }

    /// What could never be placed before the restart, cannot be placed yet.
    fn adopt_label(&mut self, id: JobId, label: Option<&'static str>) {
        let Some(label) = label else { return };
        let Some(job) = self.jobs.get(&id) else { return };
        if let Some(ready) = self.ready.get_mut(&job.queue) {
            ready.adopt(&ClassKey::of(job), label);
        }
    }

    fn restore_attempt(&mut self, reference: JobRef, current: &CurrentAttempt) {
        let CurrentAttempt { id, host, environment, address, holds, .. } = current;
        let demand = self.jobs.get(&reference.job()).map(|job| job.demand_of(reference)).unwrap_or_default();
        self.attempts.insert(*id, reference);
        self.consumables.adopt(holds);
        self.adopt_attempt_of_share(reference);
        self.fleet.occupy(*host, environment, (*id, current.seat_id()), demand);
        if let Some(address) = address {
            self.fleet.keep_address(*host, *address);
        }
    }
}

/// Every child in the array's default state; rows come on top.
fn default_children(array: &Array) -> Children {
    let spawned = array.spawned_at.is_some() || matches!(array.default, ChildDefault::Failed { .. });
    let status = array.default.run().status;
    let statuses = if spawned { vec![status; array.size as usize] } else { Vec::new() };
    let fresh = if array.default == ChildDefault::Runnable { array.size } else { 0 };
    Children { statuses, fresh, ..Children::default() }
}
