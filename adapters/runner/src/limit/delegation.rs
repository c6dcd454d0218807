//! Version 2: the group that the groups of attempts are made in. A group whose children have limits may hold no process itself, unless it is
//! the root of all. Root's are therefore made below the root, where they are in nobody's way: a service manager that starts a server anew while the
//! agent lives finds the service's group as it left it. Everybody else's are made in the group that this process is in, out of which server and agent move.

use super::{PREFIX, Unavailable};
use rustix::fs::{Access, access};
use rustix::process::getpid;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The end of the name of a group that server and agent have moved to.
const OWN: &str = "-agent";

/// Below the root of all groups.
const ROOTS: &str = "longshore";

/// Finds or makes a group whose children can have memory limits, and shares of the processors if that can be had. `own` is the group that this process is in,
/// `root` where groups are mounted, which may be no more than what a container sees of them.
pub(super) fn home(own: &Path, root: &Path, is_root: bool) -> Result<PathBuf, Unavailable> {
    if is_root && let Ok(home) = below(root) {
        return Ok(home);
    }
    let own = if is_made_by_us(own) { own.parent().unwrap_or(own) } else { own };
    if !delegates(own, "cgroup.controllers", "memory") {
        return Err(Unavailable::NotDelegated(own.to_owned()));
    }
    let done = enable(own).or_else(|_occupied| make_room(own));
    done.map(|()| own.to_owned()).map_err(|source| Unavailable::NotOurs { directory: own.to_owned(), source })
}

fn below(root: &Path) -> io::Result<PathBuf> {
    let home = root.join(ROOTS);
    enable(root)?;
    fs::create_dir_all(&home)?;
    enable(&home)?;
    // Whoever is root in a user namespace alone is not root of what was there before.
    access(&home, Access::WRITE_OK)?;
    Ok(home)
}

/// Whether a group's list of controllers has one.
pub(super) fn delegates(group: &Path, file: &str, wanted: &str) -> bool {
    let controllers = fs::read_to_string(group.join(file)).unwrap_or_default();
    controllers.split_whitespace().any(|controller| controller == wanted)
}

/// A group that an agent, perhaps a former one, has moved to: then ours are beside it.
fn is_made_by_us(group: &Path) -> bool {
    group.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(OWN))
}

fn enable(group: &Path) -> io::Result<()> {
    let file = group.join("cgroup.subtree_control");
    if !delegates(group, "cgroup.subtree_control", "memory") {
        fs::write(&file, "+memory")?;
    }
    if !delegates(group, "cgroup.subtree_control", "cpu") {
        let _may_not_be_delegated = fs::write(&file, "+cpu");
    }
    Ok(())
}

/// Moves this process, and the server if it is there too, into a group below. If anybody else is in `group`, nothing is moved.
fn make_room(group: &Path) -> io::Result<()> {
    let members = fs::read_to_string(group.join("cgroup.procs"))?;
    if !members.lines().all(is_this_program) {
        return Err(io::ErrorKind::ResourceBusy.into());
    }
    let below = group.join(format!("{PREFIX}{}{OWN}", getpid().as_raw_nonzero()));
    fs::create_dir(&below)?;
    let enabled = move_all(&members, &below).and_then(|()| enable(group));
    if enabled.is_err() {
        // Back to where they were; what stays is in a group without limits, which harms nothing.
        let _ = move_all(&members, group).and_then(|()| fs::remove_dir(&below));
    }
    enabled
}

fn move_all(pids: &str, group: &Path) -> io::Result<()> {
    pids.lines().try_for_each(|pid| fs::write(group.join("cgroup.procs"), pid))
}

/// Server and agent are one program.
fn is_this_program(pid: &str) -> bool {
    let program = |pid: &str| fs::metadata(Path::new("/proc").join(pid).join("exe")).ok();
    match (program(pid), program("self")) {
        (Some(theirs), Some(ours)) => (theirs.dev(), theirs.ino()) == (ours.dev(), ours.ino()),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
