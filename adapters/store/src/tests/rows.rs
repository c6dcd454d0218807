//! Rows to test with.

use longshore_engine::Change;
use longshore_engine::entity::{
    Array, CapacityLimit, ChildDefault, ChildRow, ComputeEnvironment, ConsumableKind, ConsumableNeed,
    ConsumableResource, ConsumableUpdate, Container, DefinitionId, DefinitionKind, Event, EventKind, EventSubject,
    FairShare, Host, Job, JobDefinition, JobQueue, JobSpec, LogStream, PolicyKind, QuantityOperation, QuotaShare,
    QuotaShareId, ResourceState, ResourceStatus, Run, SchedulingPolicy, ServiceEnvironment, ServiceJob, ShareUsage,
    Usage, Work,
};
use longshore_types::{AttemptId, HostId, JobId, JobRef, JobStatus, Name, Resources, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) fn name(text: &str) -> Name {
    text.parse().unwrap()
}

pub(crate) fn id(number: u64) -> JobId {
    JobId::from_random(u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834))
}

pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// A job of queue `q`, definition `d:1`, created at `seq`.
pub(crate) fn job(seq: u64, status: JobStatus) -> Job {
    let container = Container { image: "host".into(), command: vec!["true".into()], ..Container::default() };
    let demand = Resources { vcpu_milli: 1_000, memory_mib: 128, gpus: 0 };
    let spec = JobSpec {
        work: Work::Container(container),
        parameters: BTreeMap::new(),
        retry: None,
        timeout_s: None,
        platform_capabilities: Vec::new(),
        consumables: Vec::new(),
        demand,
    };
    let stopped_at = status.is_terminal().then(|| at(1_000_000));
    Job {
        id: id(seq),
        seq,
        name: name("job"),
        queue: name("q"),
        definition: definition_id("d", 1),
        spec: Arc::new(spec),
        tags: BTreeMap::new(),
        propagate_tags: None,
        share_identifier: None,
        scheduling_priority: None,
        depends_on: Vec::new(),
        created_at: at(i64::try_from(seq).unwrap()),
        run: Run { stopped_at, ..Run::new(status) },
        array: None,
        gang: None,
    }
}

/// An array whose children have come into being.
pub(crate) fn array(seq: u64, size: u32, default: ChildDefault) -> Job {
    let array = Array { spawned_at: Some(at(5)), default, ..Array::new(size) };
    Job { array: Some(Box::new(array)), ..job(seq, JobStatus::Pending) }
}

/// An event that tells of `subject` being in `status`.
pub(crate) fn event(seq: u64, subject: EventSubject, status: JobStatus) -> Change {
    let millis = at(i64::try_from(seq).unwrap() * 10);
    let kind = EventKind::StateChange;
    Change::AppendEvent(Box::new(Event { seq, at: millis, kind, subject, run: Run::new(status), counts: None }))
}

pub(crate) fn child(job: &Job, index: u32, status: JobStatus) -> ChildRow {
    ChildRow { job: job.id, index, run: Run::new(status) }
}

pub(crate) fn definition_id(text: &str, revision: u32) -> DefinitionId {
    DefinitionId { name: name(text), revision }
}

pub(crate) fn definition(text: &str, revision: u32, active: bool) -> JobDefinition {
    JobDefinition {
        id: definition_id(text, revision),
        active,
        kind: DefinitionKind::Container,
        parameters: BTreeMap::new(),
        scheduling_priority: None,
        work: None,
        retry: None,
        timeout_s: None,
        propagate_tags: None,
        platform_capabilities: Vec::new(),
        consumables: Vec::new(),
        tags: BTreeMap::new(),
        registered_at: at(1),
        deregistered_at: None,
        document: longshore_types::Document::default(),
    }
}

pub(crate) fn queue(text: &str, priority: i64) -> JobQueue {
    JobQueue {
        name: name(text),
        state: ResourceState::Enabled,
        status: ResourceStatus::Valid,
        status_reason: "JobQueue Healthy".into(),
        priority,
        environments: Vec::new(),
        service_environments: Vec::new(),
        scheduling_policy: None,
        blocked: vec![],
        blocked_by: None,
        tags: BTreeMap::new(),
        created_at: at(1),
        document: longshore_types::Document::default(),
        settles_at: None,
    }
}

pub(crate) fn environment(text: &str, reason: &str) -> ComputeEnvironment {
    ComputeEnvironment {
        name: name(text),
        uuid: "6d1d8a4e-90d1-4f5c-8a0b-3f0f5f0e2a11".into(),
        managed: true,
        state: ResourceState::Enabled,
        status: ResourceStatus::Valid,
        status_reason: reason.into(),
        unmanaged_vcpus: None,
        service_role: None,
        compute: None,
        tags: BTreeMap::new(),
        created_at: at(1),
        document: longshore_types::Document::default(),
        settles_at: None,
        replacement: None,
    }
}

pub(crate) fn policy(text: &str, reservation: Option<u64>) -> SchedulingPolicy {
    let kind = PolicyKind::FairShare(FairShare { reservation, ..FairShare::default() });
    SchedulingPolicy { name: name(text), kind, tags: BTreeMap::new(), created_at: at(1) }
}

pub(crate) fn consumable(text: &str, total: u64) -> ConsumableResource {
    let (kind, tags, created_at) = (ConsumableKind::Replenishable, BTreeMap::new(), at(1));
    ConsumableResource { name: name(text), creation: u64::MAX, kind, total, in_use: 0, tags, created_at }
}

pub(crate) fn consumable_update(resource: &str, token: &str, quantity: u64) -> ConsumableUpdate {
    let operation = QuantityOperation::Add;
    ConsumableUpdate { resource: name(resource), token: token.into(), operation, quantity, at: at(7) }
}

pub(crate) fn share_usage(queue: &str, share: &str, used: u64) -> ShareUsage {
    let usage = Usage { period_ms: 20_000, until: at(7), periods: vec![(1, used), (3, u64::MAX)] };
    ShareUsage { queue: name(queue), share: share.into(), usage, left_at: Some(at(9)) }
}

/// A job like [`job`] that needs one of each of these consumable resources.
pub(crate) fn needing(seq: u64, status: JobStatus, resources: &[&str]) -> Job {
    let mut job = job(seq, status);
    let needs = resources.iter().map(|resource| ConsumableNeed { resource: name(resource), quantity: 1 });
    Arc::make_mut(&mut job.spec).consumables = needs.collect();
    job
}

pub(crate) fn host(number: u128, incarnation: u64) -> Host {
    let text = serde_json::json!({
        "id": HostId::from_random(number),
        "incarnation": incarnation,
        "description": {
            "name": "node", "capacity": { "vcpu_milli": 2000, "memory_mib": 1024 }, "runtimes": [], "enforcement": "none"
        },
        "registered_at": 3,
    });
    serde_json::from_value(text).unwrap()
}

pub(crate) fn stream(group: &str, prefix: &str, number: u128, ended_at: Option<i64>) -> LogStream {
    let attempt = AttemptId::from_random(number);
    LogStream {
        group: group.into(),
        name: format!("{prefix}/default/{attempt}"),
        attempt,
        job: JobRef::Child(id(1), 3),
        created_at: at(10),
        ended_at: ended_at.map(at),
    }
}

pub(crate) fn service_environment(text: &str, max_capacity: i64) -> ServiceEnvironment {
    ServiceEnvironment {
        name: name(text),
        kind: "SAGEMAKER_TRAINING".into(),
        state: ResourceState::Enabled,
        status: ResourceStatus::Valid,
        capacity_limits: vec![CapacityLimit { max_capacity, capacity_unit: "NUM_INSTANCES".into() }],
        tags: BTreeMap::new(),
        created_at: at(1),
        settles_at: None,
    }
}

pub(crate) fn quota_share(queue: &str, text: &str) -> QuotaShare {
    QuotaShare {
        id: QuotaShareId { queue: name(queue), name: name(text) },
        state: ResourceState::Enabled,
        status: ResourceStatus::Creating,
        capacity_limits: Vec::new(),
        document: longshore_types::Document::default(),
        tags: BTreeMap::new(),
        created_at: at(1),
        settles_at: Some(at(2)),
    }
}

pub(crate) fn service_job(seq: u64, status: JobStatus) -> ServiceJob {
    ServiceJob {
        id: id(seq),
        seq,
        name: name("job"),
        queue: name("q"),
        kind: "SAGEMAKER_TRAINING".into(),
        payload: "{}".into(),
        scheduling_priority: Some(3),
        share_identifier: None,
        quota_share: None,
        client_token: Some(seq.to_string()),
        document: longshore_types::Document::default(),
        tags: BTreeMap::new(),
        created_at: at(1),
        status,
        status_reason: None,
        stopped_at: status.is_terminal().then(|| at(9)),
        terminated: status.is_terminal(),
    }
}
