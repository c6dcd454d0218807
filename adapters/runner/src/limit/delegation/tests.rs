//! Groups of files that look like those of the kernel. What the kernel refuses, `tests/machine` has.

use super::home;
use crate::limit::Unavailable;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const BOTH: &str = "cpu memory";

fn group(directory: &Path, controllers: &str, enabled: &str, members: &str) {
    fs::create_dir_all(directory).unwrap();
    for (file, text) in
        [("cgroup.controllers", controllers), ("cgroup.subtree_control", enabled), ("cgroup.procs", members)]
    {
        fs::write(directory.join(file), text).unwrap();
    }
}

#[test]
fn group_without_the_memory_controller_is_not_delegated() {
    let root = TempDir::new().unwrap();
    group(root.path(), "cpu pids", "", "");
    assert!(matches!(home(root.path(), root.path(), false), Err(Unavailable::NotDelegated(_))));
}

#[test]
fn group_that_already_limits_its_children_is_left_as_it_is() {
    let root = TempDir::new().unwrap();
    group(root.path(), BOTH, BOTH, "");
    assert_eq!(home(root.path(), root.path(), false).unwrap(), root.path());
    assert_eq!(fs::read_to_string(root.path().join("cgroup.subtree_control")).unwrap(), BOTH);
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 3);
}

#[test]
fn agent_that_starts_in_the_group_of_a_former_one_makes_groups_beside_it() {
    let root = TempDir::new().unwrap();
    group(root.path(), BOTH, BOTH, "");
    let former = root.path().join("longshore-17-agent");
    group(&former, BOTH, "", "17");
    assert_eq!(home(&former, root.path(), false).unwrap(), root.path());
}

#[test]
fn group_with_others_in_it_is_left_as_it_is() {
    let root = TempDir::new().unwrap();
    group(root.path(), BOTH, BOTH, "");
    let shell = root.path().join("shell");
    group(&shell, BOTH, "", "1");
    // The kernel would refuse to limit the children of a group that is in use.
    fs::remove_file(shell.join("cgroup.subtree_control")).unwrap();
    fs::create_dir(shell.join("cgroup.subtree_control")).unwrap();
    assert!(matches!(home(&shell, root.path(), false), Err(Unavailable::NotOurs { .. })));
    assert_eq!(fs::read_to_string(shell.join("cgroup.procs")).unwrap(), "1");
}

#[test]
fn groups_of_root_are_below_the_root_of_all() {
    let root = TempDir::new().unwrap();
    group(root.path(), BOTH, BOTH, "");
    group(&root.path().join("longshore"), BOTH, BOTH, "");
    let service = root.path().join("service");
    group(&service, BOTH, "", "1");
    assert_eq!(home(&service, root.path(), true).unwrap(), root.path().join("longshore"));
    assert_eq!(fs::read_to_string(service.join("cgroup.subtree_control")).unwrap(), "");
}

#[test]
fn root_who_sees_no_more_than_its_own_group_makes_groups_there() {
    let own = TempDir::new().unwrap();
    group(own.path(), BOTH, "", &std::process::id().to_string());
    fs::create_dir(own.path().join("longshore")).unwrap();
    // A stand-in for what the kernel refuses.
    fs::create_dir(own.path().join("longshore/cgroup.subtree_control")).unwrap();
    assert_eq!(home(own.path(), own.path(), true).unwrap(), own.path());
}
