//! Finding the group that limits can be made in.

use super::{Version, find};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn tree(directories: &[&str], files: &[(&str, &str)]) -> TempDir {
    let root = TempDir::new().unwrap();
    for directory in directories {
        fs::create_dir_all(root.path().join(directory)).unwrap();
    }
    for (file, text) in files {
        fs::write(root.path().join(file), text).unwrap();
    }
    root
}

fn check(root: &Path, groups: &str, expected: Option<(Version, &str)>) {
    assert_eq!(find(groups, root), expected.map(|(version, path)| (version, root.join(path))));
}

#[test]
fn memory_hierarchy_of_version_1_is_used_where_it_is() {
    let root = tree(&["memory/a/b", "unified"], &[]);
    check(root.path(), "4:memory:/a/b\n0::/\n", Some((Version::One, "memory/a/b")));
    check(root.path(), "4:cpu,memory:/outside\n", Some((Version::One, "memory")));
}

#[test]
fn version_2_is_used_where_it_is_all_there_is() {
    let root = tree(&["a"], &[("cgroup.controllers", "memory")]);
    check(root.path(), "0::/a\n", Some((Version::Two, "a")));
}

#[test]
fn version_2_beside_version_1_without_memory_is_no_help() {
    let root = tree(&["unified"], &[]);
    check(root.path(), "2:cpu:/\n0::/\n", None);
}
