//! Rings: a folder is a ring, and a dependency points to a lower ring, or sideways where the table below says why.

use super::Finding;
use super::tree::{Crate, Tree};

/// Sideways edges that are allowed, with the reason. ARCHITECTURE.md lists the same ones.
pub(super) const SIDEWAYS: &[(&str, &str, &str)] = &[
    ("longshore-placement", "longshore-types", "resources are the shared vocabulary"),
    ("longshore-protocol", "longshore-types", "messages name attempts, jobs and resources"),
    ("longshore-engine", "longshore-types", "entities are made of ids, times and resources"),
    ("longshore-engine", "longshore-placement", "the engine turns queues into a problem and carries out its plan"),
    ("longshore-engine", "longshore-protocol", "effects carry the messages that agents get"),
    ("longshore-control", "longshore-types", "time comes in with every call"),
    ("longshore-control", "longshore-engine", "the control plane holds the state machine"),
    ("longshore-control", "longshore-protocol", "it speaks with agents"),
    ("longshore-agent", "longshore-types", "time comes in with every call"),
    ("longshore-agent", "longshore-protocol", "it speaks with the control plane"),
    ("longshore-runner", "longshore-agent", "the runner takes the agent's orders and tells it what happened"),
    ("longshore-runner", "longshore-images", "containers run from the layers of images"),
    ("longshore-runner", "longshore-docker", "containers can be run by an engine"),
    ("longshore-runner", "longshore-gpus", "attempts are given GPUs"),
    ("longshore-staging", "longshore-agent", "staging stands between the agent's orders and the runner"),
    ("longshore-http", "longshore-store", "reads go straight to the database"),
    ("longshore-http", "longshore-logs", "log operations read output files"),
];

/// What rings 1 and 2 must not depend on: clocks, threads, I/O, randomness.
const BANNED_IN_CORE: &[&str] = &[
    "tokio",
    "rand",
    "chrono",
    "time",
    "rusqlite",
    "hyper",
    "hyper-util",
    "rustix",
    "libc",
    "nix",
    "axum",
    "ureq",
    "futures",
    "tracing",
    "mio",
    "uuid",
];

/// Ring of a folder; crates of the same ring may only depend on each other as listed.
fn ring(directory: &str) -> Option<u8> {
    let top = directory.split('/').next()?;
    Some(match top {
        "core" => 1,
        "sim" | "api" => 2,
        "adapters" => 3,
        "apps" => 4,
        "examples" | "bench" | "dev" | "tests" => 5,
        _ => return None,
    })
}

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings: Vec<Finding> = tree.crates.iter().flat_map(|one| check_crate(&tree.crates, one)).collect();
    for (from, to, _) in SIDEWAYS {
        let used = |one: &Crate| one.name == *from && one.dependencies.iter().any(|name| name == to);
        if !tree.crates.iter().any(used) {
            let message = format!("the edge {from} -> {to} is listed as sideways but does not exist: delete it");
            findings.push(Finding::new("dev/xtask/src/tidy/edges.rs", message));
        }
    }
    findings
}

fn check_crate(crates: &[Crate], one: &Crate) -> Vec<Finding> {
    let manifest = format!("{}/Cargo.toml", one.directory);
    let mut findings = Vec::new();
    let Some(own) = ring(&one.directory) else {
        return vec![Finding::new(manifest, "this crate is in no ring: move it under one of the ring folders")];
    };
    for name in &one.dependencies {
        let other = crates.iter().find(|other| other.name == *name);
        if let Some(other) = other {
            findings.extend(check_edge(one, own, other).map(|message| Finding::new(manifest.clone(), message)));
        } else if own <= 2 && BANNED_IN_CORE.contains(&name.as_str()) {
            let message = format!("rings 1 and 2 are pure: {name} brings a clock, threads, I/O or randomness");
            findings.push(Finding::new(manifest.clone(), message));
        }
    }
    findings.extend(check_name(one).map(|message| Finding::new(manifest, message)));
    findings
}

fn check_edge(from: &Crate, own: u8, to: &Crate) -> Option<String> {
    let target = ring(&to.directory)?;
    if from.directory.starts_with("examples/") {
        return Some(format!("{} is a user's program: it must not depend on {}", from.name, to.name));
    }
    if from.directory.starts_with("api/") {
        return Some(format!("{} is a wire contract: it depends on nothing of ours, but on {}", from.name, to.name));
    }
    let listed = SIDEWAYS.iter().any(|(a, b, _)| *a == from.name && *b == to.name);
    match target.cmp(&own) {
        std::cmp::Ordering::Less => None,
        std::cmp::Ordering::Equal if listed => None,
        std::cmp::Ordering::Equal => Some(format!(
            "the sideways edge {} -> {} is not listed: add it to dev/xtask/src/tidy/edges.rs and ARCHITECTURE.md, or \
             turn the dependency round",
            from.name, to.name
        )),
        std::cmp::Ordering::Greater => {
            Some(format!("{} (ring {own}) must not depend on {} (ring {target})", from.name, to.name))
        }
    }
}

/// `longshore-x` in `ring/x`; wire contracts are `longshore-api-x`.
fn check_name(one: &Crate) -> Option<String> {
    let (top, rest) = one.directory.split_once('/')?;
    let expected = match top {
        "core" | "sim" | "adapters" => format!("longshore-{rest}"),
        "api" => format!("longshore-api-{rest}"),
        _ => rest.to_owned(),
    };
    (one.name != expected).then(|| format!("this crate is named {}: its folder says {expected}", one.name))
}

#[cfg(test)]
mod tests;
