//! The host keeps its id, and the directory its one agent.

use super::{Error, Home};
use std::path::Path;
use std::time::{Duration, Instant};

/// Opens what was open before: a process that another test is just starting holds a copy of the lock until it has become
/// its program.
fn reopened(directory: &Path) -> Result<Home, Error> {
    let start = Instant::now();
    loop {
        match Home::open(directory) {
            Err(Error::InUse { .. }) if start.elapsed() < Duration::from_secs(30) => std::thread::yield_now(),
            opened => return opened,
        }
    }
}

#[test]
fn host_keeps_its_id() {
    let directory = tempfile::tempdir().unwrap();
    let first = Home::open(directory.path()).unwrap().host;
    assert_eq!(reopened(directory.path()).unwrap().host, first);
    let other = tempfile::tempdir().unwrap();
    assert_ne!(Home::open(other.path()).unwrap().host, first);
}

#[test]
fn second_agent_is_kept_out() {
    let directory = tempfile::tempdir().unwrap();
    let _first = Home::open(directory.path()).unwrap();
    let error = Home::open(directory.path()).unwrap_err();
    assert!(matches!(error, Error::InUse { .. }), "{error}");
}

#[test]
fn damaged_id_says_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    drop(Home::open(directory.path()).unwrap());
    std::fs::write(directory.path().join("agent/host-id"), "x").unwrap();
    let error = reopened(directory.path()).unwrap_err().to_string();
    assert!(error.ends_with("remove it to make this a new host"), "{error}");
}
