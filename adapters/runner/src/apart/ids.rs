//! The ids of a user namespace: this user as its root, and the subordinate ids that the operator gave the user, with the
//! programs that may map them; else this user alone.

use rustix::process::{Gid, Pid, Uid, getegid, geteuid};
use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// How many ids a namespace has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ids {
    /// Root, who is this user.
    One,
    /// Root and so many others.
    Many(u32),
}

/// A range of subordinate ids: the first of them, and how many.
type Range = (u32, u32);

/// Gives the namespace of a process its ids.
pub(super) fn give(process: Pid) -> io::Result<Ids> {
    let (user, group) = (geteuid(), getegid());
    if let Some((users, groups)) = subordinate(user) {
        map("newuidmap", process, user.as_raw(), users)?;
        map("newgidmap", process, group.as_raw(), groups)?;
        return Ok(Ids::Many(users.1.min(groups.1)));
    }
    give_own(process, user, group).map(|()| Ids::One)
}

/// The kernel allows this to everybody, once nobody in the namespace can leave groups any more.
fn give_own(process: Pid, user: Uid, group: Gid) -> io::Result<()> {
    let directory = PathBuf::from(format!("/proc/{}", process.as_raw_nonzero()));
    fs::write(directory.join("setgroups"), "deny")?;
    fs::write(directory.join("uid_map"), format!("0 {} 1", user.as_raw()))?;
    fs::write(directory.join("gid_map"), format!("0 {} 1", group.as_raw()))
}

fn map(program: &str, process: Pid, own: u32, (first, count): Range) -> io::Result<()> {
    let process = process.as_raw_nonzero().to_string();
    let numbers = [0, own, 1, 1, first, count].map(|number| number.to_string());
    let done = Command::new(program).arg(process).args(numbers).stdin(Stdio::null()).output()?;
    let said = || String::from_utf8_lossy(&done.stderr).trim().to_owned();
    if done.status.success() { Ok(()) } else { Err(io::Error::other(said())) }
}

/// The ranges of users and groups, if there are both, and the programs.
fn subordinate(user: Uid) -> Option<(Range, Range)> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = |program: &str| std::env::split_paths(&path).any(|directory| directory.join(program).is_file());
    if !(is_there("newuidmap") && is_there("newgidmap")) {
        return None;
    }
    let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
    let name = name_of(user, &read("/etc/passwd"));
    let range = |file: &str| range(&read(file), user, name.as_deref());
    Some((range("/etc/subuid")?, range("/etc/subgid")?))
}

fn name_of(user: Uid, passwd: &str) -> Option<String> {
    let number = user.as_raw().to_string();
    let mut entries = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let entry = entries.find(|fields| fields.get(2) == Some(&number.as_str()))?;
    Some(entry[0].to_owned())
}

/// `NAME-OR-NUMBER:FIRST:COUNT`; the first that is the user's.
fn range(file: &str, user: Uid, name: Option<&str>) -> Option<Range> {
    let number = user.as_raw().to_string();
    let mut entries = file.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let entry = entries.find(|fields| fields.len() == 3 && (Some(fields[0]) == name || fields[0] == number))?;
    Some((entry[1].parse().ok()?, entry[2].parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn range_is_found_by_name_and_by_number() {
        let user = Uid::from_raw(1001);
        let file = "other:1:2\nlab:100000:65536\n1001:300000:10\n";
        assert_eq!(range(file, user, Some("lab")), Some((100_000, 65_536)));
        assert_eq!(range(file, user, None), Some((300_000, 10)));
        assert_eq!(range("other:1:2\nlab:x:y\n", user, Some("lab")), None);
        assert_eq!(name_of(user, "root:x:0:0::/:/bin/sh\nlab:x:1001:1001::/:/bin/sh\n").as_deref(), Some("lab"));
    }
}
