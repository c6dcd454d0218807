//! A data directory belongs to one server at a time.

use super::{DataDir, Error};

#[test]
fn directory_in_use_is_refused_and_free_again_afterwards() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data");
    let first = DataDir::open(&path).unwrap();
    let error = DataDir::open(&path).unwrap_err();
    assert!(matches!(error, Error::InUse { .. }));
    assert!(error.to_string().contains(&format!("(pid {})", std::process::id())), "{error}");
    drop(first);
    DataDir::open(&path).unwrap();
}

#[test]
fn directory_that_cannot_be_made_is_refused_with_its_path() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = DataDir::open(&file.join("data")).unwrap_err();
    assert!(error.to_string().contains("--data-dir"), "{error}");
}
