//! Crashes, damage, newer files, full disks.

use super::rows::job;
use crate::{Error, Store};
use longshore_engine::Change;
use longshore_types::JobStatus;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;

fn submitted(seq: u64) -> Vec<Change> {
    vec![Change::PutJob(Arc::new(job(seq, JobStatus::Runnable)))]
}

/// What a killed process leaves behind: the files as they are at this moment.
fn copy_files(from: &Path, to: &Path) {
    for suffix in ["", "-wal"] {
        let name = format!("longshore.db{suffix}");
        fs::copy(from.join(&name), to.join(&name)).unwrap();
    }
}

fn jobs_in(directory: &Path) -> usize {
    Store::open(directory.join("longshore.db")).unwrap().load().unwrap().jobs.len()
}

#[test]
fn killed_at_any_commit_every_reported_commit_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path().join("longshore.db")).unwrap();
    let (done, outcomes) = channel();
    let writer = store.writer(move |outcome| done.send(outcome).unwrap()).unwrap();
    for seq in 1..=20 {
        writer.commit(seq, submitted(seq)).unwrap();
        assert_eq!(outcomes.recv().unwrap().unwrap(), seq);
        let killed = tempfile::tempdir().unwrap();
        copy_files(directory.path(), killed.path());
        assert_eq!(jobs_in(killed.path()), usize::try_from(seq).unwrap());
    }
}

#[test]
fn killed_within_a_write_all_commits_before_it_are_there() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path().join("longshore.db")).unwrap();
    let log = directory.path().join("longshore.db-wal");
    crate::writer::write(&store.db, &submitted(1)).unwrap();
    let first = fs::metadata(&log).unwrap().len();
    crate::writer::write(&store.db, &submitted(2)).unwrap();
    let both = fs::metadata(&log).unwrap().len();
    assert!(both > first + 100, "the second commit is in the log");
    let killed = tempfile::tempdir().unwrap();
    copy_files(directory.path(), killed.path());
    let torn = fs::OpenOptions::new().write(true).open(killed.path().join("longshore.db-wal")).unwrap();
    torn.set_len(both - 100).unwrap();
    assert_eq!(jobs_in(killed.path()), 1);
}

#[test]
fn newer_layout_is_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("longshore.db");
    let store = Store::open(&path).unwrap();
    store.db.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'", []).unwrap();
    drop(store);
    let before = fs::read(&path).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, Error::Newer { found: 99, .. }), "{error}");
    assert!(before == fs::read(&path).unwrap(), "it is left as it is");
}

#[test]
fn older_layout_is_copied_before_it_is_changed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("longshore.db");
    let store = Store::open(&path).unwrap();
    crate::writer::write(&store.db, &submitted(1)).unwrap();
    store.db.execute("UPDATE meta SET value = '5' WHERE key = 'schema_version'", []).unwrap();
    store.db.execute_batch("DROP TABLE share_usage; DROP TABLE log_groups; DROP TABLE dismissed_outputs").unwrap();
    drop(store);
    let store = Store::open_keeping(&path, crate::Keep::Copy).unwrap();
    let upgraded = store.upgraded().unwrap().clone();
    let copy = directory.path().join("longshore.db.layout-5");
    assert_eq!((upgraded.from, upgraded.to, upgraded.copy), (5, crate::layout(), Some(copy.clone())));
    drop(store);
    assert_eq!(crate::Reader::open(&copy).layouts().unwrap(), (5, crate::layout()));
    assert_eq!(Store::open(&path).unwrap().upgraded(), None);
    assert_eq!(jobs_in(directory.path()), 1);
}

#[test]
fn damaged_file_is_refused_with_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("longshore.db");
    fs::write(&path, [b'x'; 8_192]).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("start anew"), "{error}");
}

#[test]
fn missing_directory_is_refused_with_its_path() {
    let error = Store::open("/nonexistent/longshore.db").unwrap_err();
    assert!(matches!(error, Error::Open { .. }), "{error}");
}

#[test]
fn failed_commit_is_reported_and_nothing_is_written_after_it() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path().join("longshore.db")).unwrap();
    let pages: i64 = store.db.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    store.db.pragma_update(None, "max_page_count", pages).unwrap();
    let (done, outcomes) = channel();
    let writer = store.writer(move |outcome| done.send(outcome).unwrap()).unwrap();
    let many = (1..=500).flat_map(submitted).collect();
    writer.commit(1, many).unwrap();
    let error = outcomes.recv().unwrap().unwrap_err();
    assert!(matches!(error, Error::DiskFull { .. }), "{error}");
    assert!(outcomes.recv().is_err(), "the writer has stopped");
    assert!(matches!(writer.commit(2, submitted(1)), Err(Error::Stopped)));
    drop(writer);
    assert_eq!(jobs_in(directory.path()), 0);
}
