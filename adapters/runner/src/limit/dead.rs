//! Control groups of runners that are dead, which the next one removes.
//!
//! What was in them may be dying still, after it is no longer to be seen as a container's: the last process of one gives
//! up its mounts before it leaves its group, and the kernel then writes out the file system below them, which takes as long
//! as the disk takes.

use super::{AGENT, PREFIX};
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// How long the dying are waited for in all, and how often they are looked at.
const PATIENCE: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(5);

/// The kernel's flag of a process that has begun to end (`PF_EXITING`), and where `/proc/PID/stat` has it behind the name.
const EXITING: u64 = 0x4;
const FLAGS: usize = 6;

/// Removes the groups of dead runners. One in which something still lives stays.
pub(super) fn remove(parent: &Path) {
    if AGENT.get().is_some() {
        return;
    }
    let begin = Instant::now();
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let maker = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split('-').next()?.parse::<u32>().ok());
        if maker.is_none_or(|pid| Path::new("/proc").join(pid.to_string()).exists()) {
            continue;
        }
        while fs::remove_dir(entry.path()).is_err() && nothing_lives_in(&entry.path()) && begin.elapsed() < PATIENCE {
            thread::sleep(POLL);
        }
    }
}

fn nothing_lives_in(group: &Path) -> bool {
    fs::read_to_string(group.join("cgroup.procs")).is_ok_and(|members| members.lines().all(is_ending))
}

/// Whether a process ends, or has ended since its number was read.
fn is_ending(pid: &str) -> bool {
    let Ok(stat) = fs::read_to_string(Path::new("/proc").join(pid).join("stat")) else { return true };
    let behind_name = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let flags = behind_name.split_whitespace().nth(FLAGS).and_then(|flags| flags.parse::<u64>().ok());
    flags.is_some_and(|flags| flags & EXITING != 0)
}

#[cfg(test)]
mod tests {
    use super::is_ending;
    use std::process::Command;
    use std::thread;
    use std::time::{Duration, Instant};

    #[test]
    fn process_is_ending_from_its_end_on() {
        assert!(!is_ending(&std::process::id().to_string()));
        let mut child = Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        let pid = child.id().to_string();
        assert!(!is_ending(&pid));
        drop(child.stdin.take());
        let begin = Instant::now();
        while !is_ending(&pid) {
            assert!(begin.elapsed() < Duration::from_secs(60), "ends with its input");
            thread::sleep(Duration::from_millis(1));
        }
        child.wait().unwrap();
        assert!(is_ending(&pid), "no longer there");
    }
}
