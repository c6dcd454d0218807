//! Listings of consumable resources and of the jobs that need them.

use super::rows::{consumable, name, needing};
use crate::{ConsumableJobQuery, ConsumableQuery, Pattern, Reader, Store};
use longshore_engine::Change;
use longshore_types::JobStatus;
use std::sync::Arc;

fn with(changes: Vec<Change>) -> (tempfile::TempDir, Reader) {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path().join("longshore.db")).unwrap();
    let reader = store.reader();
    super::write(store, vec![changes]);
    (directory, reader)
}

#[test]
fn cr_5_resources_come_by_name_page_by_page_and_by_pattern() {
    let rows = ["Ab", "a", "abc", "b"].map(|name| Change::PutConsumable(Box::new(consumable(name, 1))));
    let (_directory, reader) = with(rows.to_vec());
    let names = |query: &ConsumableQuery| -> Vec<String> {
        reader.consumables(query).unwrap().iter().map(|row| row.name.to_string()).collect()
    };
    let all = ConsumableQuery { limit: 9, ..ConsumableQuery::default() };
    assert_eq!(names(&all), ["Ab", "a", "abc", "b"]);
    assert_eq!(names(&ConsumableQuery { after: Some(name("a")), limit: 1, ..all.clone() }), ["abc"]);
    let prefix = ConsumableQuery { names: vec![Pattern::Prefix("AB".into())], ..all.clone() };
    assert_eq!(names(&prefix), ["Ab", "abc"]);
    assert_eq!(names(&ConsumableQuery { names: vec![Pattern::Exact("B".into())], ..all }), ["b"]);
    assert_eq!(reader.consumable(&name("AB")).unwrap(), None);
}

#[test]
fn cr_5_jobs_that_need_a_resource_come_newest_first_and_filtered() {
    let jobs = [
        needing(1, JobStatus::Running, &["r", "s"]),
        needing(2, JobStatus::Succeeded, &["r"]),
        needing(3, JobStatus::Runnable, &["s"]),
        needing(4, JobStatus::Running, &["r"]),
    ];
    let (_directory, reader) = with(jobs.iter().cloned().map(|job| Change::PutJob(Arc::new(job))).collect());
    let found = |query: &ConsumableJobQuery| -> Vec<u64> {
        reader.consumable_jobs(query).unwrap().iter().map(|view| view.job.seq).collect()
    };
    let all =
        ConsumableJobQuery { resource: name("r"), statuses: Vec::new(), names: Vec::new(), after: None, limit: 9 };
    assert_eq!(found(&all), [4, 2, 1]);
    assert_eq!(found(&ConsumableJobQuery { limit: 1, ..all.clone() }), [4]);
    assert_eq!(found(&ConsumableJobQuery { after: Some(4), ..all.clone() }), [2, 1]);
    let running = ConsumableJobQuery { statuses: vec![JobStatus::Running], limit: 2, ..all.clone() };
    assert_eq!(found(&running), [4, 1], "what is passed over takes no place of the page");
    let names = vec![Pattern::Exact("JOB".into())];
    assert_eq!(found(&ConsumableJobQuery { names, ..all.clone() }), [4, 2, 1]);
    assert!(found(&ConsumableJobQuery { names: vec![Pattern::Prefix("k".into())], ..all }).is_empty());
}
