//! A data directory belongs to one server at a time.

use super::{DataDir, Error};
use std::time::{Duration, Instant};

#[test]
fn directory_in_use_is_refused_and_free_again_afterwards() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data");
    let first = DataDir::open(&path).unwrap();
    let error = DataDir::open(&path).unwrap_err();
    assert!(matches!(error, Error::InUse { .. }));
    assert!(error.to_string().contains(&format!("(pid {})", std::process::id())), "{error}");
    drop(first);
    // A process that another test is just starting holds a copy of the lock until it has become its program.
    let start = Instant::now();
    while DataDir::open(&path).is_err() {
        assert!(start.elapsed() < Duration::from_secs(30), "the directory is never free again");
        std::thread::yield_now();
    }
}

#[test]
fn directory_that_cannot_be_made_is_refused_with_its_path() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = DataDir::open(&file.join("data")).unwrap_err();
    assert!(error.to_string().contains("--data-dir"), "{error}");
}
