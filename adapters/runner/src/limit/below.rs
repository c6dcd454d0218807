//! Version 2: what a privileged container has made below its group, which the next attempt is to find as it was.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Names of a directory without others in it: its own, and its own inside.
const NONE_BELOW: u64 = 2;

/// Removes the groups below one in which nothing runs any more.
pub(super) fn remove(group: &Path) {
    if !fs::metadata(group).is_ok_and(|group| group.nlink() > NONE_BELOW) {
        return;
    }
    for entry in fs::read_dir(group).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove(&entry.path());
            let _somebody_is_back_in_it = fs::remove_dir(entry.path());
        }
    }
    let control = group.join("cgroup.subtree_control");
    for controller in fs::read_to_string(&control).unwrap_or_default().split_whitespace() {
        let _in_use_again = fs::write(&control, format!("-{controller}"));
    }
}

#[cfg(test)]
mod tests {
    use super::remove;
    use std::fs;
    use tempfile::TempDir;

    #[test]
    fn groups_below_are_gone_however_deep() {
        let group = TempDir::new().unwrap();
        fs::create_dir_all(group.path().join("a/b")).unwrap();
        fs::create_dir(group.path().join("c")).unwrap();
        remove(group.path());
        assert_eq!(fs::read_dir(group.path()).unwrap().count(), 0);
    }
}
