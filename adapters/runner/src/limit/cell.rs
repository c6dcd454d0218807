//! One control group: its limit, what it has killed, what is in it.

use super::processors::Processors;
use super::{SWAPPINESS, Share, Version, below};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

/// A control group for one attempt at a time.
#[derive(Debug)]
pub(crate) struct Cell {
    version: Version,
    directory: PathBuf,
    /// What a process writes 0 to in order to be in the group.
    members: File,
    /// Processes that the limit had killed before the present attempt.
    killed_before: u64,
    swap_is_limited: bool,
    swappiness_is_set: bool,
    /// Once processors were shared out.
    processors: Option<Processors>,
}

impl Cell {
    pub(super) fn make(version: Version, directory: PathBuf) -> io::Result<Self> {
        fs::create_dir(&directory)?;
        let members = File::options().write(true).open(directory.join("cgroup.procs"))?;
        let cell = Self {
            version,
            directory,
            members,
            killed_before: 0,
            swap_is_limited: false,
            swappiness_is_set: false,
            processors: None,
        };
        if version == Version::Two {
            // All of an attempt goes when one of its processes has to, as in a container of one process.
            cell.write("memory.oom.group", "1")?;
        }
        Ok(cell)
    }

    /// Sets the limit for the next attempt. Swap is not to be used instead, where the machine has that control.
    pub(super) fn limit(&mut self, share: Share) -> io::Result<()> {
        let bytes = (share.memory_mib << 20).to_string();
        match self.version {
            Version::One => {
                if std::mem::take(&mut self.swap_is_limited) {
                    self.limit_with_swap("-1");
                }
                self.write("memory.limit_in_bytes", &bytes)?;
                if let Some(swap) = share.max_swap_mib {
                    self.swap_is_limited = true;
                    self.limit_with_swap(&((share.memory_mib + swap) << 20).to_string());
                }
                self.set_swappiness(share.swappiness)?;
            }
            Version::Two => {
                self.write("memory.max", &bytes)?;
                let swap = (share.max_swap_mib.unwrap_or(0) << 20).to_string();
                let _machine_without_swap = self.write("memory.swap.max", &swap);
            }
        }
        self.killed_before = self.killed();
        Ok(())
    }

    /// What the attempt asks for, or what the group began with: that of the group above.
    fn set_swappiness(&mut self, asked: Option<u64>) -> io::Result<()> {
        let reset = std::mem::replace(&mut self.swappiness_is_set, asked.is_some()) && asked.is_none();
        let above = || self.directory.parent().map(|above| fs::read_to_string(above.join(SWAPPINESS))).transpose();
        let text = if reset { above()? } else { asked.map(|asked| asked.to_string()) };
        text.map_or(Ok(()), |text| self.write(SWAPPINESS, text.trim()))
    }

    /// Version 1 counts both together, where it counts swap at all.
    fn limit_with_swap(&self, bytes: &str) {
        let _machine_without_swap = self.write("memory.memsw.limit_in_bytes", bytes);
    }

    /// Sets the next attempt's weight against others (`CPU-1`).
    pub(super) fn share_processors(&mut self, hierarchy: Option<&Path>, shares: u64) -> io::Result<()> {
        if self.version == Version::Two {
            let _not_delegated = self.write("cpu.weight", &Processors::weight(shares).to_string());
            return Ok(());
        }
        let (Some(hierarchy), Some(name)) = (hierarchy, self.directory.file_name()) else { return Ok(()) };
        if self.processors.is_none() {
            self.processors = Some(Processors::make(hierarchy.join(name))?);
        }
        self.processors.as_ref().map_or(Ok(()), |processors| processors.share(shares))
    }

    /// Its part in version 1's hierarchy for processors.
    pub(crate) fn processors(&self) -> Option<&Path> {
        self.processors.as_ref().map(Processors::directory)
    }

    pub(crate) fn members_of_processors(&self) -> Option<BorrowedFd<'_>> {
        self.processors.as_ref().map(Processors::members)
    }

    /// Where it is on this host.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where programs look for it that want to know their limits.
    pub(crate) fn seen_at(&self) -> &'static str {
        match self.version {
            Version::One => "/sys/fs/cgroup/memory",
            Version::Two => "/sys/fs/cgroup",
        }
    }

    /// Its path as the kernel has it.
    pub(crate) fn path_in_hierarchy(&self) -> String {
        let below = self.directory.strip_prefix(self.seen_at()).unwrap_or(&self.directory);
        format!("/{}", below.display())
    }

    pub(crate) fn members(&self) -> BorrowedFd<'_> {
        self.members.as_fd()
    }

    /// Whether the limit has killed a process of the present attempt.
    pub(crate) fn has_killed(&self) -> bool {
        self.killed() > self.killed_before
    }

    fn killed(&self) -> u64 {
        let file = match self.version {
            Version::One => "memory.oom_control",
            Version::Two => "memory.events",
        };
        let text = fs::read_to_string(self.directory.join(file)).unwrap_or_default();
        let count = text.lines().find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok());
        count.unwrap_or(0)
    }

    /// Kills whatever is in the group, and answers whether nothing was.
    pub(crate) fn kill_rest(&self) -> bool {
        let events = match self.version {
            Version::One => Err(io::ErrorKind::Unsupported.into()),
            Version::Two => fs::read_to_string(self.directory.join("cgroup.events")),
        };
        match events {
            Ok(events) if events.lines().any(|line| line == "populated 0") => {
                below::remove(&self.directory);
                true
            }
            // Everything at once, in groups below too.
            Ok(_) if self.write("cgroup.kill", "1").is_ok() => false,
            _ => self.kill_members(),
        }
    }

    fn kill_members(&self) -> bool {
        let members = fs::read_to_string(self.directory.join("cgroup.procs")).unwrap_or_default();
        let pids = members.lines().filter_map(|line| Pid::from_raw(line.parse().ok()?));
        let mut empty = true;
        for pid in pids {
            empty = false;
            let _already_gone = kill_process(pid, Signal::KILL);
        }
        empty
    }

    pub(super) fn remove(self) {
        let _still_in_use = fs::remove_dir(&self.directory);
        self.processors.iter().for_each(Processors::remove);
    }

    fn write(&self, file: &str, text: &str) -> io::Result<()> {
        fs::write(self.directory.join(file), text)
    }
}
