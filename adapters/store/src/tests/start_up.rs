//! What start-up makes of rows in memory.

use super::rows::job;
use super::write;
use crate::Store;
use longshore_engine::Change;
use longshore_engine::entity::{Job, JobSpec};
use longshore_types::JobStatus;
use std::sync::Arc;

#[test]
fn jobs_that_run_the_same_share_what_they_run() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("longshore.db");
    let mut jobs: Vec<_> = (1..=3).map(|seq| job(seq, JobStatus::Runnable)).collect();
    let other = JobSpec { timeout_s: Some(77), ..(*jobs[2].spec).clone() };
    jobs[2].spec = Arc::new(other);
    let changes = jobs.iter().rev().map(|job| Change::PutJob(Arc::new(job.clone()))).collect();
    write(Store::open(&path).unwrap(), vec![changes]);
    let loaded = Store::open(&path).unwrap().load().unwrap().jobs;
    let loaded: Vec<Job> = loaded.into_iter().map(Arc::unwrap_or_clone).collect();
    assert_eq!(loaded, jobs, "in the order of submission");
    assert!(Arc::ptr_eq(&loaded[0].spec, &loaded[1].spec));
}
