//! What this process uses, from `/proc`: the `process_*` metrics that every client library of Prometheus has.

use std::fs;

/// The clock in which the kernel tells user programs of time, on every architecture that we run on.
const TICKS_PER_SECOND: f64 = 100.0;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Usage {
    pub(crate) cpu_seconds: f64,
    /// In seconds since 1970.
    pub(crate) started_at: f64,
    pub(crate) resident_bytes: u64,
    pub(crate) virtual_bytes: u64,
    pub(crate) threads: u64,
    pub(crate) open_fds: u64,
    pub(crate) max_fds: u64,
}

/// `None` where there is no `/proc`.
pub(crate) fn usage() -> Option<Usage> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let boot = fs::read_to_string("/proc/stat").ok()?;
    // What comes before is the program's name, which may hold anything.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field).and_then(|text| text.parse::<f64>().ok());
    let kib = |name: &str| Some(after(&status, name)?.split_whitespace().next()?.parse::<u64>().ok()? << 10);
    Some(Usage {
        cpu_seconds: (ticks(11)? + ticks(12)?) / TICKS_PER_SECOND,
        started_at: after(&boot, "btime")?.trim().parse::<f64>().ok()? + ticks(19)? / TICKS_PER_SECOND,
        resident_bytes: kib("VmRSS:")?,
        virtual_bytes: kib("VmSize:")?,
        threads: after(&status, "Threads:")?.trim().parse().ok()?,
        // The directory itself is open while it is read.
        open_fds: (fs::read_dir("/proc/self/fd").ok()?.count() as u64).saturating_sub(1),
        max_fds: after(&limits, "Max open files")?.split_whitespace().next()?.parse().unwrap_or(u64::MAX),
    })
}

/// The rest of the line that begins with `name`.
fn after<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(name))
}
