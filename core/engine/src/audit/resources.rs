//! Queues, shares, service jobs, consumable resources, log streams and events.

use super::{Findings, Invariant};
use crate::entity::{ConsumableHold, QuotaShareId};
use crate::rows::Rows;
use longshore_types::{JobId, Name};
use std::collections::BTreeSet;

pub(super) fn audit(rows: &Rows, leaving: &BTreeSet<JobId>, findings: &mut Findings) {
    queues(rows, findings);
    services(rows, findings);
    consumables(rows, findings);
    log_streams(rows, leaving, findings);
    events(rows, findings);
}

fn queues(rows: &Rows, findings: &mut Findings) {
    for queue in rows.queues.values() {
        let mut require = |holds: bool, what: &str, name: &Name| {
            let told = || (queue.name.to_string(), format!("it names the {what} {name}, which does not exist"));
            findings.require(holds, Invariant::References, told);
        };
        for entry in &queue.environments {
            let name = &entry.environment;
            require(rows.environments.contains_key(name), "compute environment", name);
        }
        for entry in &queue.service_environments {
            let name = &entry.environment;
            require(rows.service_environments.contains_key(name), "service environment", name);
        }
        if let Some(name) = &queue.scheduling_policy {
            require(rows.policies.contains_key(name), "scheduling policy", name);
        }
    }
}

fn services(rows: &Rows, findings: &mut Findings) {
    for id in rows.quota_shares.keys() {
        let told = || (id.name.to_string(), format!("it is a share of the queue {}, which does not exist", id.queue));
        findings.require(rows.queues.contains_key(&id.queue), Invariant::References, told);
    }
    for job in rows.service_jobs.values() {
        let ended = job.status.is_terminal();
        let told = || (job.id.to_string(), format!("it is {}, which does not go with its stoppedAt", job.status));
        findings.require(ended == job.stopped_at.is_some(), Invariant::Lives, told);
        let share = job.quota_share.clone().map(|name| QuotaShareId { queue: job.queue.clone(), name });
        let there = rows.queues.contains_key(&job.queue) && share.is_none_or(|id| rows.quota_shares.contains_key(&id));
        let told = || (job.id.to_string(), format!("its queue {} or its share does not exist", job.queue));
        findings.require(ended || there, Invariant::References, told);
    }
}

fn consumables(rows: &Rows, findings: &mut Findings) {
    let runs = rows.jobs.values().map(|job| &job.run).chain(rows.children.values());
    let of_attempts = runs.filter_map(|run| run.current.as_deref()).flat_map(|current| &current.holds);
    let of_gangs = rows.jobs.values().filter_map(|job| job.gang.as_ref()).flat_map(|gang| &gang.holds);
    let holds: Vec<&ConsumableHold> = of_attempts.chain(of_gangs).collect();
    for row in rows.consumables.values() {
        let own = |hold: &&&ConsumableHold| (&hold.resource, hold.creation) == (&row.name, row.creation);
        let held = holds.iter().filter(own).fold(0u64, |sum, hold| sum.saturating_add(hold.quantity));
        let told =
            || (row.name.to_string(), format!("{} of it counts as in use, and attempts hold {held}", row.in_use));
        findings.require(row.in_use == held, Invariant::Consumables, told);
    }
}

fn log_streams(rows: &Rows, leaving: &BTreeSet<JobId>, findings: &mut Findings) {
    for stream in rows.log_streams.values() {
        let Some(run) = rows.run(stream.job) else {
            let told = || (stream.name.clone(), format!("it belongs to {}, which does not exist", stream.job));
            findings.require(leaving.contains(&stream.job.job()), Invariant::LogStreams, told);
            continue;
        };
        let told = || (stream.name.clone(), format!("it has not ended, though {} has", stream.job));
        findings.require(stream.ended_at.is_some() || !run.status.is_terminal(), Invariant::LogStreams, told);
    }
}

fn events(rows: &Rows, findings: &mut Findings) {
    let mut last = None;
    for event in rows.events.values() {
        if let Some(before) = last.replace(event.seq) {
            let told = || (format!("event {}", event.first()), format!("the one before it is number {before}"));
            findings.require(event.first() == before + 1, Invariant::Events, told);
        }
    }
}
