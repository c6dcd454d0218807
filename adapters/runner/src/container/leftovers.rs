//! Containers that a former runner's death left behind: killed and removed before anything is started. A process is known
//! by its root, an overlay whose source is a directory of ours; no container can change that.

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::mount::UnmountFlags;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

/// How often all processes are looked through before one that does not die is given up.
const ROUNDS: usize = 100;
const ROUND_WAIT: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// Kills the containers below a directory, and removes what is in it.
pub(super) fn end(directory: &Path) -> io::Result<()> {
    let left: Vec<_> = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return fs::create_dir_all(directory),
        entries => entries?.collect::<Result<_, _>>()?,
    };
    if left.is_empty() {
        return Ok(());
    }
    tracing::warn!(containers = left.len(), "a former agent had died; containers that it had left behind are ended");
    kill(directory);
    for mount in roots("self", directory) {
        // Where one is mounted twice the second pass finds the other.
        let _may_be_gone = rustix::mount::unmount(&mount, UnmountFlags::DETACH);
    }
    left.iter().try_for_each(|entry| remove(&entry.path()))
}

/// Processes that die without having been seen here, because they are in another namespace, may still write.
fn remove(directory: &Path) -> io::Result<()> {
    for _round in 0..ROUNDS {
        match fs::remove_dir_all(directory) {
            Err(error) if matches!(error.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::ResourceBusy) => {
                let _time_has_passed = rustix::event::poll(&mut [], Some(&ROUND_WAIT));
            }
            removed => return removed,
        }
    }
    fs::remove_dir_all(directory)
}

fn kill(directory: &Path) {
    for _round in 0..ROUNDS {
        let Ok(entries) = fs::read_dir("/proc") else { return };
        let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let left: Vec<OwnedFd> = pids.filter_map(|pid| contained(pid, directory)).collect();
        if left.is_empty() {
            return;
        }
        for process in &left {
            let _already_gone = pidfd_send_signal(process, Signal::KILL);
        }
        let mut waits: Vec<PollFd<'_>> = left.iter().map(|process| PollFd::new(process, PollFlags::IN)).collect();
        let _looked_at_again_in_any_case = rustix::event::poll(&mut waits, Some(&ROUND_WAIT));
    }
    tracing::warn!("containers of a former agent do not die: look for processes below {}", directory.display());
}

/// A handle to a process that lives in a container of ours. The handle is taken first, so that what is then read is about
/// the process that it stands for, or about none.
fn contained(pid: i32, directory: &Path) -> Option<OwnedFd> {
    let handle = pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok()?;
    roots(&pid.to_string(), directory).iter().any(|place| place == "/").then_some(handle)
}

/// Where a process sees the roots of our containers.
fn roots(process: &str, directory: &Path) -> Vec<String> {
    let mounts = fs::read_to_string(format!("/proc/{process}/mountinfo")).unwrap_or_default();
    mounts.lines().filter_map(|line| root(line, directory)).collect()
}

/// `… root place options … - type source options`, with blanks and other such characters in octal.
fn root(line: &str, directory: &Path) -> Option<String> {
    let (before, after) = line.split_once(" - ")?;
    let mut filesystem = after.split(' ');
    let (kind, source) = (filesystem.next()?, plain(filesystem.next()?));
    let ours = kind == "overlay" && Path::new(&source).starts_with(directory);
    ours.then(|| before.split(' ').nth(4).map(plain))?
}

fn plain(field: &str) -> String {
    let octal = [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")];
    octal.iter().fold(field.to_owned(), |text, (code, letter)| text.replace(code, letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_known_by_its_source() {
        let line = "98 97 0:44 / / rw,nodev - overlay /data\\040dir/containers/0a rw,lowerdir=/proc/self/fd/4";
        assert_eq!(root(line, Path::new("/data dir/containers")), Some("/".into()));
        assert_eq!(root(line, Path::new("/data dir/containers/0")), None);
        let other = "98 97 0:44 / / rw - overlay overlay rw,lowerdir=/data/containers/0a";
        assert_eq!(root(other, Path::new("/data/containers")), None);
    }
}
