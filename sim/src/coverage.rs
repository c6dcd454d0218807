//! What happened in stories, counted: faults by kind, commands by kind and answer, things that the rules are about. A
//! fault that was planned but met nothing does not count.

use std::collections::BTreeMap;

/// Every kind of fault. A run of many seeds that meets one of them never, has not tested what it says.
pub const FAULTS: &[&str] = &[
    "server crash",
    "server crash, commit lost",
    "server crash, commit written",
    "server restored from a backup, agents live on",
    "server restored from a backup, agents gone",
    "attempts that a restored server does not know",
    "disk slow",
    "disk fails",
    "request never answered",
    "link cut",
    "message lost",
    "message delayed",
    "message duplicated",
    "messages overtaken by a newer link's",
    "partition to the server",
    "partition to the agent",
    "agent crash, processes lost",
    "agent crash, processes kept",
    "agent asked to end",
    "host death",
    "host given up",
    "server clock forward",
    "server clock back",
    "host clock forward",
    "host clock back",
    "process ends at once",
    "process fails",
    "process hangs",
    "process ignores SIGTERM",
    "process out of memory",
    "process never starts",
    "provider late",
    "provider twice",
    "provider never",
];

/// Counts by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Faults that were met; of [`FAULTS`].
    pub faults: BTreeMap<&'static str, u64>,
    /// Commands, by verb: accepted and refused.
    pub commands: BTreeMap<String, (u64, u64)>,
    /// What the rules were applied to.
    pub checks: BTreeMap<&'static str, u64>,
}

impl Coverage {
    pub(crate) fn fault(&mut self, kind: &'static str) {
        debug_assert!(FAULTS.contains(&kind), "{kind} is not listed");
        *self.faults.entry(kind).or_default() += 1;
    }

    pub(crate) fn check(&mut self, what: &'static str) {
        *self.checks.entry(what).or_default() += 1;
    }

    pub(crate) fn command(&mut self, verb: &str, accepted: bool) {
        let (accepted_count, refused) = self.commands.entry(verb.to_owned()).or_default();
        *if accepted { accepted_count } else { refused } += 1;
    }

    /// Adds what happened in another story.
    pub fn add(&mut self, other: &Self) {
        other.faults.iter().for_each(|(kind, count)| *self.faults.entry(kind).or_default() += count);
        other.checks.iter().for_each(|(what, count)| *self.checks.entry(what).or_default() += count);
        for (verb, (accepted, refused)) in &other.commands {
            let sums = self.commands.entry(verb.clone()).or_default();
            *sums = (sums.0 + accepted, sums.1 + refused);
        }
    }

    /// Kinds of faults that were never met.
    pub fn missing(&self) -> Vec<&'static str> {
        FAULTS.iter().copied().filter(|kind| !self.faults.contains_key(kind)).collect()
    }
}
