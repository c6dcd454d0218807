//! What every store must do: after any commits, it hands back at start-up what the engine's own [`Rows`] would.

use super::rows::{
    array, child, consumable, consumable_update, definition, environment, event, host, id, job, policy, queue,
    quota_share, service_environment, service_job, share_usage, stream,
};
use crate::Store;
use longshore_engine::audit::{Finding, audit};
use longshore_engine::entity::{ChildDefault, Dependency, DependencyKind, DependencyOutcome, EventSubject, Job};
use longshore_engine::{Change, Rows, Snapshot};
use longshore_types::{JobRef, JobStatus};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A store, as far as start-up and commits go.
trait Durable {
    /// Writes the commits, closes, opens again, loads, and reads every row.
    fn written_and_loaded(&self, commits: Vec<Vec<Change>>) -> (Snapshot, Rows);
}

/// Checks a store against the contract, after these commits.
fn check(store: &impl Durable, commits: Vec<Vec<Change>>) {
    let mut rows = Rows::default();
    commits.iter().flatten().cloned().for_each(|change| rows.apply(change));
    assert_eq!(store.written_and_loaded(commits), (rows.snapshot(), rows));
}

struct Sqlite;

impl Durable for Sqlite {
    fn written_and_loaded(&self, commits: Vec<Vec<Change>>) -> (Snapshot, Rows) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("longshore.db");
        super::write(Store::open(&path).unwrap(), commits);
        let store = Store::open(&path).unwrap();
        let everything = store.reader().everything().unwrap();
        assert_eq!(everything.mismatched, Vec::<String>::new());
        assert_eq!(store.reader().integrity().unwrap(), Vec::<String>::new());
        assert_eq!(audited(&store), in_order(audit(&everything.rows, &BTreeSet::new())));
        (store.load().unwrap(), everything.rows)
    }
}

/// What is found row by row, which is what is found in memory.
fn audited(store: &Store) -> Vec<Finding> {
    let audit = store.reader().audit(&mut |_| {}).unwrap();
    assert_eq!(audit.mismatched, Vec::<String>::new());
    in_order(audit.findings)
}

fn in_order(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_key(|found| (found.invariant, found.subject.clone(), found.problem.clone()));
    findings
}

fn follower(seq: u64, followed: u64, outcome: DependencyOutcome) -> Job {
    let target = Some(JobRef::Job(id(followed)));
    let entry = Dependency { target, kind: Some(DependencyKind::NToN), outcome };
    Job { depends_on: vec![entry], ..array(seq, 4, ChildDefault::Pending) }
}

#[test]
fn nothing_written_loads_nothing() {
    check(&Sqlite, Vec::new());
}

#[test]
fn put_replace_and_delete_of_every_kind_load_as_left() {
    let parent = array(2, 3, ChildDefault::Runnable);
    let puts = vec![
        Change::PutEnvironment(Box::new(environment("kept", "one"))),
        Change::PutEnvironment(Box::new(environment("gone", "one"))),
        Change::PutQueue(Box::new(queue("kept", 1))),
        Change::PutQueue(Box::new(queue("gone", 1))),
        Change::PutDefinition(Box::new(definition("d", 1, true))),
        Change::PutDefinition(Box::new(definition("d", 2, true))),
        Change::PutPolicy(Box::new(policy("kept", None))),
        Change::PutPolicy(Box::new(policy("gone", None))),
        Change::PutConsumable(Box::new(consumable("kept", 1))),
        Change::PutConsumable(Box::new(consumable("gone", 1))),
        Change::PutConsumableUpdate(Box::new(consumable_update("kept", "one", 1))),
        Change::PutConsumableUpdate(Box::new(consumable_update("kept", "gone", 1))),
        Change::PutShareUsage(Box::new(share_usage("kept", "one", 1))),
        Change::PutShareUsage(Box::new(share_usage("kept", "gone", 1))),
        Change::PutJob(Arc::new(job(1, JobStatus::Runnable))),
        Change::PutJob(Arc::new(parent.clone())),
        Change::PutChild(Box::new(child(&parent, 1, JobStatus::Starting))),
        Change::PutHost(Box::new(host(1, 1))),
        Change::PutLogStream(Box::new(stream("g", "p", 1, None))),
        event(1, EventSubject::One(JobRef::Job(id(1))), JobStatus::Runnable),
    ];
    let replacements = vec![
        Change::PutEnvironment(Box::new(environment("kept", "two"))),
        Change::DeleteEnvironment("gone".parse().unwrap()),
        Change::PutQueue(Box::new(queue("kept", 2))),
        Change::DeleteQueue("gone".parse().unwrap()),
        Change::PutDefinition(Box::new(definition("d", 1, false))),
        Change::PutPolicy(Box::new(policy("kept", Some(50)))),
        Change::DeletePolicy("gone".parse().unwrap()),
        Change::PutConsumable(Box::new(consumable("kept", 2))),
        Change::DeleteConsumable("gone".parse().unwrap()),
        Change::PutConsumableUpdate(Box::new(consumable_update("kept", "one", 2))),
        Change::DeleteConsumableUpdate("kept".parse().unwrap(), "gone".into()),
        Change::PutShareUsage(Box::new(share_usage("kept", "one", 2))),
        Change::DeleteShareUsage("kept".parse().unwrap(), "gone".into()),
        Change::PutJob(Arc::new(job(1, JobStatus::Running))),
        Change::PutChild(Box::new(child(&parent, 1, JobStatus::Running))),
        Change::PutHost(Box::new(host(1, 2))),
        Change::PutLogStream(Box::new(stream("g", "p", 1, Some(20)))),
        event(4, EventSubject::Children { array: parent.id, ranges: vec![(0, 2)] }, JobStatus::Runnable),
    ];
    check(&Sqlite, vec![puts, Vec::new(), replacements]);
}

#[test]
fn service_environments_quota_shares_and_service_jobs_load_as_left() {
    let puts = vec![
        Change::PutServiceEnvironment(Box::new(service_environment("kept", 1))),
        Change::PutServiceEnvironment(Box::new(service_environment("gone", 1))),
        Change::PutQuotaShare(Box::new(quota_share("q", "kept"))),
        Change::PutQuotaShare(Box::new(quota_share("q", "gone"))),
        Change::PutQuotaShare(Box::new(quota_share("p", "gone"))),
        Change::PutServiceJob(Box::new(service_job(1, JobStatus::Runnable))),
        Change::PutServiceJob(Box::new(service_job(2, JobStatus::Runnable))),
        Change::PutServiceJob(Box::new(service_job(3, JobStatus::Failed))),
    ];
    let replacements = vec![
        Change::PutServiceEnvironment(Box::new(service_environment("kept", 2))),
        Change::DeleteServiceEnvironment("gone".parse().unwrap()),
        Change::DeleteQuotaShare(quota_share("q", "gone").id),
        Change::PutServiceJob(Box::new(service_job(1, JobStatus::Failed))),
        Change::DeleteServiceJob(service_job(3, JobStatus::Failed).id),
    ];
    check(&Sqlite, vec![puts, replacements]);
}

#[test]
fn ended_jobs_stay_out_but_arrays_that_are_followed_come_back() {
    let followed = Job { run: job(1, JobStatus::Failed).run, ..array(1, 4, ChildDefault::Runnable) };
    let forgotten = Job { run: job(2, JobStatus::Failed).run, ..array(2, 4, ChildDefault::Runnable) };
    let jobs = [
        followed.clone(),
        forgotten.clone(),
        follower(3, 1, DependencyOutcome::Open),
        follower(4, 2, DependencyOutcome::Met),
        job(5, JobStatus::Succeeded),
    ];
    let mut changes: Vec<Change> = jobs.into_iter().map(|job| Change::PutJob(Arc::new(job))).collect();
    changes.push(Change::PutChild(Box::new(child(&followed, 2, JobStatus::Failed))));
    changes.push(Change::PutChild(Box::new(child(&forgotten, 2, JobStatus::Failed))));
    check(&Sqlite, vec![changes]);
}

fn any_status() -> impl Strategy<Value = JobStatus> {
    proptest::sample::select(JobStatus::ALL.to_vec())
}

fn any_change() -> impl Strategy<Value = Change> {
    let put_job = (1_u64..6, any_status()).prop_map(|(seq, status)| Change::PutJob(Arc::new(job(seq, status))));
    let put_ended = (1_u64..6, any_status()).prop_map(|(seq, status)| Change::PutEndedJob(Box::new(job(seq, status))));
    let put_array = (6_u64..9, any_status()).prop_map(|(seq, status)| {
        Change::PutJob(Arc::new(Job { run: job(seq, status).run, ..array(seq, 4, ChildDefault::Runnable) }))
    });
    let put_follower = (9_u64..12, 5_u64..9, any_status()).prop_map(|(seq, followed, status)| {
        let run = job(seq, status).run;
        Change::PutJob(Arc::new(Job { run, ..follower(seq, followed, DependencyOutcome::Open) }))
    });
    let put_child = (6_u64..12, 0_u32..4, any_status()).prop_map(|(seq, index, status)| {
        Change::PutChild(Box::new(child(&array(seq, 4, ChildDefault::Runnable), index, status)))
    });
    let queues = proptest::sample::select(vec!["a", "b"]);
    let put_queue = (queues.clone(), 0_i64..9).prop_map(|(name, n)| Change::PutQueue(Box::new(queue(name, n))));
    let delete_queue = queues.prop_map(|name| Change::DeleteQueue(name.parse().unwrap()));
    let put_definition = (1_u32..4, any::<bool>())
        .prop_map(|(revision, active)| Change::PutDefinition(Box::new(definition("d", revision, active))));
    let put_host = (0_u128..3, 0_u64..9).prop_map(|(number, life)| Change::PutHost(Box::new(host(number, life))));
    prop_oneof![
        put_job,
        put_ended,
        put_array,
        put_follower,
        put_child,
        put_queue,
        delete_queue,
        put_definition,
        put_host
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_commits_load_as_the_contract_says(
        mut commits in proptest::collection::vec(proptest::collection::vec(any_change(), 0..12), 0..5)
    ) {
        // A child's row never comes before its array's.
        let arrays = (6..12).map(|seq| Change::PutJob(Arc::new(array(seq, 4, ChildDefault::Runnable))));
        commits.insert(0, arrays.collect());
        check(&Sqlite, commits);
    }
}
