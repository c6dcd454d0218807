//! A seed becomes a script: hosts, a workload over every command, and faults among it.

mod faults;
mod workload;

use crate::random::Random;
use crate::script::Script;
use std::collections::BTreeMap;

/// How long the part with faults lasts at least and at most.
const LENGTH_MS: (u64, u64) = (30_000, 240_000);

/// The script of a seed.
pub fn script(seed: u64) -> Script {
    let mut random = Random::new(seed);
    let length_ms = random.between(LENGTH_MS.0, LENGTH_MS.1);
    let hosts = random.between(1, 4);
    let mut settings = BTreeMap::from([
        ("hosts".to_owned(), hosts.to_string()),
        ("vcpus".to_owned(), random.between(2, 5).to_string()),
        ("blocked-after".to_owned(), "30s".to_owned()),
    ]);
    let choices: [(&str, &str, u64); 5] = [
        ("cancel-late", "yes", 4),
        ("strict-fifo", "yes", 5),
        ("settle", "2s", 3),
        ("scaling", "60s", 3),
        ("host-lost-after", "15s", 3),
    ];
    for (name, value, chance) in choices {
        if random.one_in(chance) {
            settings.insert(name.to_owned(), value.to_owned());
        }
    }
    let mut lines = workload::lines(&mut random, length_ms);
    lines.extend(faults::lines(&mut random, length_ms, hosts));
    let mut later = Random::new(!seed);
    lines.extend(faults::later(&mut later, length_ms, hosts));
    lines.extend(workload::later(&mut later, length_ms));
    lines.sort_by_key(|line| line.at_ms);
    // Processes last for seconds here, so what is a short job does too.
    if random.one_in(2) {
        settings.insert("ahead".to_owned(), "20s".to_owned());
    }
    Script { title: Vec::new(), seed, settings, until_ms: None, lines }
}
