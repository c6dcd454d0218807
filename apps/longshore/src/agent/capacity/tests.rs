//! Memory from files as kernels write them.

use super::{memory_mib, of_machine};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const MEMINFO: (&str, &str) = ("/proc/meminfo", "MemTotal:       8388608 kB\nMemFree:         1 kB\n");

fn check(files: &[(&str, &str)], expected_mib: u64) {
    let files: BTreeMap<PathBuf, &str> = files.iter().map(|&(path, text)| (path.into(), text)).collect();
    assert_eq!(memory_mib(|path: &Path| files.get(path).map(|&text| text.to_owned())), expected_mib);
}

#[test]
fn machine_without_cgroups_offers_its_memory() {
    check(&[MEMINFO], 8_192);
}

#[test]
fn tightest_group_of_version_2_counts() {
    check(
        &[
            MEMINFO,
            ("/proc/self/cgroup", "0::/a/b\n"),
            ("/sys/fs/cgroup/a/memory.max", "1073741824\n"),
            ("/sys/fs/cgroup/a/b/memory.max", "max\n"),
        ],
        1_024,
    );
}

#[test]
fn group_of_version_1_counts() {
    check(
        &[
            MEMINFO,
            ("/proc/self/cgroup", "5:cpu,memory:/a\n0::/\n"),
            ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
            ("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "2147483648\n"),
        ],
        2_048,
    );
}

#[test]
fn this_machine_offers_something() {
    let capacity = of_machine();
    assert!(capacity.vcpu_milli >= 1_000 && capacity.memory_mib > 64, "{capacity:?}");
}
