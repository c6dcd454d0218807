//! What this machine offers to attempts: the processors that this process may use, and the memory that its cgroups
//! leave it, less what a host keeps for itself.

use longshore_types::Resources;
use std::fs;
use std::path::Path;

/// Thousandths of a vCPU in one.
pub(super) const MILLI: u64 = 1_000;
/// What a host keeps for itself (`CPU-3`).
const RESERVED_MIB: u64 = 32;
const KIB_PER_MIB: u64 = 1 << 10;
const BYTES_PER_MIB: u64 = 1 << 20;

/// The machine as the kernel shows it to this process, without GPUs: see `longshore_gpus`.
pub(super) fn of_machine() -> Resources {
    // Affinity and cgroup quotas are in this number.
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let read = |path: &Path| fs::read_to_string(path).ok();
    let memory_mib = memory_mib(read);
    Resources {
        vcpu_milli: processors as u64 * MILLI,
        memory_mib: memory_mib.saturating_sub(RESERVED_MIB).max(1),
        gpus: 0,
    }
}

/// The machine's memory, or what the tightest of this process's cgroups leaves of it. `read` reads a file.
fn memory_mib(read: impl Fn(&Path) -> Option<String>) -> u64 {
    let machine = read(Path::new("/proc/meminfo")).and_then(|text| total_mib(&text));
    let cgroups = read(Path::new("/proc/self/cgroup")).unwrap_or_default();
    let limits = cgroups.lines().filter_map(limit_files).flat_map(|(root, group, file)| {
        let limit = |directory: &Path| read(&Path::new(root).join(directory).join(file))?.trim().parse::<u64>().ok();
        let path = Path::new(group.trim_start_matches('/'));
        path.ancestors().filter_map(limit).map(|bytes| bytes / BYTES_PER_MIB).collect::<Vec<_>>()
    });
    limits.chain(machine).min().unwrap_or(0)
}

/// `MemTotal:       24576000 kB`
fn total_mib(meminfo: &str) -> Option<u64> {
    let total = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    total.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| kib / KIB_PER_MIB)
}

/// Where a line of `/proc/self/cgroup` has its memory limit: mount, group, file. `0::/a` is version 2, `4:memory:/a` 1.
fn limit_files(line: &str) -> Option<(&'static str, &str, &'static str)> {
    let (_, rest) = line.split_once(':')?;
    let (controllers, group) = rest.split_once(':')?;
    match controllers {
        "" => Some(("/sys/fs/cgroup", group, "memory.max")),
        _ if controllers.split(',').any(|controller| controller == "memory") => {
            Some(("/sys/fs/cgroup/memory", group, "memory.limit_in_bytes"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
