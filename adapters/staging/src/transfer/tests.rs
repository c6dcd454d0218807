//! What may have a place in a directory.

use super::{below, files_under};
use std::path::{Path, PathBuf};

#[test]
fn keys_that_lead_out_of_the_directory_have_no_place_in_it() {
    assert_eq!(below("a/", "a/b/c"), Some(PathBuf::from("b/c")));
    for key in ["a/", "a/../x", "a/b/../../x", "a//x", "a/b/", "other"] {
        assert_eq!(below("a/", key), None, "{key}");
    }
}

#[test]
fn links_are_not_followed() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("sub")).unwrap();
    std::fs::write(directory.path().join("sub/b"), "").unwrap();
    std::fs::write(directory.path().join("a"), "").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", directory.path().join("link")).unwrap();
    std::os::unix::fs::symlink(Path::new("/etc"), directory.path().join("folder")).unwrap();
    let mut files = Vec::new();
    files_under(directory.path(), &mut files).unwrap();
    assert_eq!(files, [directory.path().join("a"), directory.path().join("sub/b")]);
}
