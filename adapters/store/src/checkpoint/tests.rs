//! The log's bound.

use super::{Checkpoints, LOG_PAGES_MAX};
use crate::tests::rows::job;
use crate::{Store, writer};
use longshore_engine::Change;
use longshore_types::JobStatus;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::Ordering;

#[test]
fn log_past_its_bound_is_folded_in_and_started_anew() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("longshore.db");
    let store = Store::open(&path).unwrap();
    let mut checkpoints = Checkpoints::start(&path).unwrap();
    let commit = |seqs: std::ops::Range<u64>| {
        let changes: Vec<Change> = seqs.map(|seq| Change::PutJob(Arc::new(job(seq, JobStatus::Runnable)))).collect();
        writer::write(&store.db, &changes).unwrap();
    };
    let length = || fs::metadata(directory.path().join("longshore.db-wal")).unwrap().len();
    commit(1..200);
    let grown = length();
    checkpoints.log.pages.store(LOG_PAGES_MAX + 1, Ordering::Relaxed);
    checkpoints.on_commit(&store.db, 1);
    assert_eq!(checkpoints.log.pages.load(Ordering::Relaxed), 0);
    commit(200..210);
    assert_eq!(length(), grown, "the log was written from its start");
}
