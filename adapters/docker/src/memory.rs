//! Whether the memory limit of a container has killed something. Engines are asked, but not all of them can tell: Podman 4
//! never says so. So the kernel's own count is read besides, where the container's control group can be seen from here.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

const GROUPS: &str = "/sys/fs/cgroup";
/// Enough for `memory.events` and `memory.oom_control`.
const READ: usize = 1024;
/// What both versions of control groups call it.
const COUNT: &str = "oom_kill ";

/// The count of one container's group, open, so that it can be read as long as the group is there.
#[derive(Debug)]
pub(crate) struct Watch(File);

impl Watch {
    /// Finds the group of a process.
    pub(crate) fn of(pid: i64) -> Option<Self> {
        let groups = fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
        let own = fs::read_to_string("/proc/self/cgroup").ok()?;
        let path = count_file(&groups, Path::new(GROUPS))?;
        // One that shares our group says nothing of a container.
        (Some(&path) != count_file(&own, Path::new(GROUPS)).as_ref()).then_some(())?;
        File::open(path).ok().map(Self)
    }

    /// Whether the limit has killed something; none once the group is gone.
    pub(crate) fn has_killed(&self) -> Option<bool> {
        let mut text = [0; READ];
        let length = self.0.read_at(&mut text, 0).ok()?;
        Some(count(&String::from_utf8_lossy(&text[..length])) > 0)
    }
}

/// The file with the count, of version 1 if memory has a hierarchy of its own.
fn count_file(groups: &str, root: &Path) -> Option<PathBuf> {
    let fields = || groups.lines().filter_map(|line| line.split_once(':')?.1.split_once(':'));
    let path = |directory: PathBuf, group: &str, file: &str| directory.join(group.trim_start_matches('/')).join(file);
    let first = fields().find(|(kinds, _)| kinds.split(',').any(|kind| kind == "memory"));
    let second = || fields().find(|(kinds, _)| kinds.is_empty());
    match first {
        Some((_, group)) => Some(path(root.join("memory"), group, "memory.oom_control")),
        None => second().map(|(_, group)| path(root.to_owned(), group, "memory.events")),
    }
}

fn count(text: &str) -> u64 {
    text.lines().find_map(|line| line.strip_prefix(COUNT)?.trim().parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(groups: &str) -> String {
        count_file(groups, Path::new("/cg")).unwrap().display().to_string()
    }

    #[test]
    fn count_is_in_the_groups_of_either_version() {
        assert_eq!(found("5:cpu:/a\n4:memory:/libpod/x\n0::/\n"), "/cg/memory/libpod/x/memory.oom_control");
        assert_eq!(found("0::/system.slice/docker-x.scope\n"), "/cg/system.slice/docker-x.scope/memory.events");
        assert_eq!(count_file("", Path::new("/cg")), None);
    }

    #[test]
    fn count_is_read_from_either_file() {
        assert_eq!(count("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"), 2);
        assert_eq!(count("low 0\nhigh 0\nmax 12\noom 1\noom_kill 0\noom_group_kill 0\n"), 0);
    }
}
