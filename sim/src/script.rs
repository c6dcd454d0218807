//! What is to happen in a simulated world, as text: settings of the world, and lines with a time, a verb and what belongs
//! to it. Random lives and scenario files are the same kind of script, so that what a seed finds can be kept as a file.
//! It only reads and writes; what a line does is the world's business. The verbs are listed in [`VERBS`].

mod parse;
mod verbs;

pub use parse::Error;
pub use verbs::{Kind, VERBS, Verb};

use std::collections::BTreeMap;
use std::fmt;

/// A script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// What it is about: the comment lines at its head.
    pub title: Vec<String>,
    /// Decides what the script leaves open: how long messages take, ids, who is first.
    pub seed: u64,
    /// Settings of the world by name; absent ones have defaults.
    pub settings: BTreeMap<String, String>,
    /// When the story stops; absent when it goes on until everything has healed and every job has ended.
    pub until_ms: Option<u64>,
    /// What happens, in order of time.
    pub lines: Vec<Line>,
}

/// Something that happens at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Milliseconds after the start.
    pub at_ms: u64,
    /// What; one of [`VERBS`].
    pub verb: String,
    /// To whom; empty where the verb has no object.
    pub object: String,
    /// How.
    pub options: BTreeMap<String, String>,
}

impl Line {
    pub(crate) fn new(at_ms: u64, verb: &str, object: impl Into<String>) -> Self {
        Self { at_ms, verb: verb.to_owned(), object: object.into(), options: BTreeMap::new() }
    }

    pub(crate) fn with(mut self, option: &str, value: impl ToString) -> Self {
        self.options.insert(option.to_owned(), value.to_string());
        self
    }

    pub(crate) fn get(&self, option: &str) -> Option<&str> {
        self.options.get(option).map(String::as_str)
    }

    pub(crate) fn text(&self, option: &str, default: &str) -> String {
        self.get(option).unwrap_or(default).to_owned()
    }

    pub(crate) fn number(&self, option: &str) -> Option<i64> {
        self.get(option)?.parse().ok()
    }

    /// A duration in milliseconds.
    pub(crate) fn duration(&self, option: &str, default_ms: u64) -> u64 {
        self.get(option).and_then(duration_ms).unwrap_or(default_ms)
    }

    /// The parts of a list.
    pub(crate) fn list(&self, option: &str) -> Vec<String> {
        self.get(option).map_or_else(Vec::new, |text| text.split(',').map(str::to_owned).collect())
    }

    pub(crate) fn kind(&self) -> Option<Kind> {
        VERBS.iter().find(|verb| verb.name == self.verb).map(|verb| verb.kind)
    }
}

/// `250ms`, `5s`, `2m`, `1h` as milliseconds.
pub(crate) fn duration_ms(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

/// Milliseconds as they are written in scripts.
pub(crate) fn duration(ms: u64) -> String {
    if ms.is_multiple_of(1_000) { format!("{}s", ms / 1_000) } else { format!("{ms}ms") }
}

impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", duration(self.at_ms), self.verb)?;
        if !self.object.is_empty() {
            write!(formatter, " {}", self.object)?;
        }
        self.options.iter().try_for_each(|(name, value)| write!(formatter, " {name}={value}"))
    }
}

impl fmt::Display for Script {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for comment in &self.title {
            writeln!(formatter, "{}", format!("# {comment}").trim_end())?;
        }
        writeln!(formatter, "seed {}", self.seed)?;
        self.settings.iter().try_for_each(|(name, value)| writeln!(formatter, "set {name} {value}"))?;
        self.lines.iter().try_for_each(|line| writeln!(formatter, "{line}"))?;
        self.until_ms.map_or(Ok(()), |until| writeln!(formatter, "until {}", duration(until)))
    }
}

#[cfg(test)]
mod tests;
