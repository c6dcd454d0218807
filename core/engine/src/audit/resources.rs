//! Queues, shares, service jobs, consumable resources and log streams.

use super::{Findings, Invariant, Others};
use crate::entity::{LogStream, QuotaShareId};
use crate::rows::Rows;
use longshore_types::{JobId, JobStatus, Name};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn queues(rows: &Rows, findings: &mut Findings) {
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

pub(super) fn services(rows: &Rows, findings: &mut Findings) {
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

pub(super) fn consumables(rows: &Rows, held: &BTreeMap<(Name, u64), u64>, findings: &mut Findings) {
    for row in rows.consumables.values() {
        let held = held.get(&(row.name.clone(), row.creation)).copied().unwrap_or(0);
        let told =
            || (row.name.to_string(), format!("{} of it counts as in use, and attempts hold {held}", row.in_use));
        findings.require(row.in_use == held, Invariant::Consumables, told);
    }
}

pub(super) fn log_stream(
    stream: &LogStream,
    (leaving, others): (&BTreeSet<JobId>, &dyn Others),
    findings: &mut Findings,
) {
    if !others.exists(stream.job) {
        let told = || (stream.name.clone(), format!("it belongs to {}, which does not exist", stream.job));
        findings.require(leaving.contains(&stream.job.job()), Invariant::LogStreams, told);
        return;
    }
    let outlives = || others.status(stream.job).is_some_and(JobStatus::is_terminal);
    let told = || (stream.name.clone(), format!("it has not ended, though {} has", stream.job));
    findings.require(stream.ended_at.is_some() || !outlives(), Invariant::LogStreams, told);
}
