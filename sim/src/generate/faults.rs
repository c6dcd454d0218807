//! Faults at random moments.

use crate::random::Random;
use crate::script::Line;

/// Most faults of a script.
const MOST: u64 = 12;

/// Verbs with how likely they are.
const VERBS: &[(&str, u64)] = &[
    ("server-crash", 5),
    ("disk-slow", 2),
    ("disk-fails", 2),
    ("cut", 5),
    ("partition", 4),
    ("delay", 3),
    ("duplicate", 3),
    ("agent-crash", 3),
    ("host-dies", 2),
    ("clock-jump", 2),
];

pub(super) fn lines(random: &mut Random, length_ms: u64, hosts: u64) -> Vec<Line> {
    let count = random.below(MOST + 1);
    (0..count).map(|_| line(random, length_ms, hosts)).collect()
}

/// Those that have come to the list later: the others stay what they were for their seeds.
pub(super) fn later(random: &mut Random, length_ms: u64, hosts: u64) -> Vec<Line> {
    let mut lines = Vec::new();
    if random.one_in(4) {
        let at_ms = random.below(length_ms);
        lines.push(Line::new(random.below(at_ms + 1), "backup", ""));
        let agents = random.pick(&["live", "live", "gone"]);
        let restore = Line::new(at_ms, "restore", "").with("agents", agents);
        lines.push(restore.with("down", format!("{}s", random.between(1, 30))));
    }
    for verb in ["provider-late", "provider-twice", "provider-never"] {
        if random.one_in(6) {
            let host = format!("h{}", random.between(1, hosts + 1));
            let line = Line::new(random.below(length_ms), verb, &host);
            let line = line.with("for", format!("{}s", random.between(5, 60)));
            let late = verb == "provider-late";
            lines.push(if late { line.with("by", format!("{}s", random.between(1, 90))) } else { line });
        }
    }
    if random.one_in(6) {
        let host = format!("h{}", random.between(1, hosts + 1));
        lines.push(Line::new(random.below(length_ms), "agent-stop", &host));
    }
    lines
}

fn line(random: &mut Random, length_ms: u64, hosts: u64) -> Line {
    let verb = VERBS[random.weighted(VERBS.iter().map(|(_, weight)| *weight))].0;
    let host = format!("h{}", random.between(1, hosts + 1));
    let seconds = |random: &mut Random, low: u64, high: u64| format!("{}s", random.between(low, high));
    let commit = |random: &mut Random| random.pick(&["lost", "written"]);
    let of_server = matches!(verb, "server-crash" | "disk-slow" | "disk-fails");
    let line = Line::new(random.below(length_ms), verb, if of_server { "" } else { &host });
    match verb {
        "server-crash" | "disk-fails" => line.with("commit", commit(random)).with("down", seconds(random, 1, 30)),
        "disk-slow" => line.with("for", seconds(random, 2, 30)).with("by", seconds(random, 1, 5)),
        "cut" => line.with("lose", random.pick(&["both", "to-server", "to-agent", "none"])),
        "partition" => {
            let direction = random.pick(&["both", "to-server", "to-agent"]);
            line.with("direction", direction).with("for", seconds(random, 5, 90))
        }
        "delay" => line.with("for", seconds(random, 2, 30)).with("by", seconds(random, 1, 10)),
        "duplicate" => line.with("for", seconds(random, 2, 60)),
        "agent-crash" => line.with("processes", random.pick(&["kept", "lost"])).with("down", seconds(random, 1, 30)),
        "host-dies" => line.with("down", seconds(random, 5, 120)),
        _ => {
            let object = if random.one_in(2) { "server".to_owned() } else { host };
            let by = random.pick(&["10s", "-10s", "1h", "-1h", "2m", "-2m"]);
            Line { object, ..line }.with("by", by)
        }
    }
}
