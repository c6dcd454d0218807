//! What a script may set about its world: the hosts, and how the server is configured.

use crate::script::{Script, duration_ms};
use longshore_engine::Config;

/// Every setting: its name, what it is by default, and what it means.
pub const SETTINGS: &[(&str, &str, &str)] = &[
    ("hosts", "1", "how many hosts there are: h1, h2, …"),
    ("vcpus", "4", "processors of each host"),
    ("cancel-late", "no", "whether a PENDING job is cancelled only when its dependencies have ended (CAN-2)"),
    ("strict-fifo", "no", "whether the head of a queue blocks those behind it (SCH-1)"),
    ("ahead", "0s", "how much work of short jobs hosts are given ahead"),
    ("settle", "0s", "how long environments and queues are in transition (CE-9)"),
    ("scaling", "0s", "between counts of what environments want (CE-12)"),
    ("host-lost-after", "60s", "after which a host that is not heard of counts as terminated"),
    ("blocked-after", "300s", "after which a queue whose head waits counts as blocked (SCH-10)"),
];

/// The value of a setting.
fn text<'a>(script: &'a Script, name: &str) -> &'a str {
    let default = SETTINGS.iter().find(|(known, ..)| *known == name).map_or("", |(_, default, _)| default);
    script.settings.get(name).map_or(default, String::as_str)
}

fn number(script: &Script, name: &str) -> u64 {
    text(script, name).parse().unwrap_or(1)
}

fn duration(script: &Script, name: &str) -> u64 {
    duration_ms(text(script, name)).unwrap_or(0)
}

/// Hosts, and processors of each.
pub(crate) fn hosts(script: &Script) -> (u64, u64) {
    (number(script, "hosts").clamp(1, 9), number(script, "vcpus").clamp(1, 1_024))
}

pub(crate) fn config(script: &Script) -> Config {
    Config {
        cancel_pending_late: text(script, "cancel-late") == "yes",
        strict_fifo: text(script, "strict-fifo") == "yes",
        ahead_ms: duration(script, "ahead"),
        environment_settle_ms: duration(script, "settle"),
        scaling_period_ms: duration(script, "scaling"),
        host_lost_after_ms: duration(script, "host-lost-after"),
        blocked_after_ms: duration(script, "blocked-after"),
        ..Config::default()
    }
}
