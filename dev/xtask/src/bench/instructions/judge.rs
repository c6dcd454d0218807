//! Counts beside those that are checked in: what is much more is bad, what is much less wants to be kept. Pure.

use std::collections::BTreeMap;
use std::fmt;

/// Instructions of each piece of work, by name.
pub(super) type Counts = BTreeMap<String, u64>;

/// How much more or less is nothing to speak of: other versions of libraries and of the compiler make as much.
const MARGIN: f64 = 0.15;

/// What each count is beside the one that is checked in.
#[derive(Debug, PartialEq)]
pub(super) struct Judgement(Vec<Line>);

#[derive(Debug, PartialEq)]
struct Line {
    name: String,
    known: Option<u64>,
    counted: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Same,
    Less,
    More,
    /// Not checked in, or not counted any more.
    Unknown,
}

impl Judgement {
    pub(super) fn of(known: &Counts, counted: &Counts) -> Self {
        let names: std::collections::BTreeSet<&String> = known.keys().chain(counted.keys()).collect();
        let line = |name: &String| Line {
            name: name.clone(),
            known: known.get(name).copied(),
            counted: counted.get(name).copied(),
        };
        Self(names.into_iter().map(line).collect())
    }

    /// Whether something takes too much, or cannot be judged.
    pub(super) fn is_bad(&self) -> bool {
        self.0.iter().any(|line| matches!(line.verdict(), Verdict::More | Verdict::Unknown))
    }
}

impl Line {
    fn ratio(&self) -> Option<f64> {
        Some(self.counted? as f64 / self.known? as f64)
    }

    fn verdict(&self) -> Verdict {
        match self.ratio() {
            None => Verdict::Unknown,
            Some(ratio) if ratio > 1.0 + MARGIN => Verdict::More,
            Some(ratio) if ratio < 1.0 - MARGIN => Verdict::Less,
            Some(_) => Verdict::Same,
        }
    }
}

impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<42} {:>12} {:>12} {:>7}", "millions of instructions", "checked in", "now", "ratio")?;
        for (number, line) in self.0.iter().enumerate() {
            let millions =
                |count: Option<u64>| count.map_or_else(|| "-".to_owned(), |n| format!("{:.1}", n as f64 / 1e6));
            let ratio = line.ratio().map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.3}"));
            let word = match line.verdict() {
                Verdict::Same => "",
                Verdict::Less => "  less: --accept keeps it",
                Verdict::More => "  MORE",
                Verdict::Unknown => "  UNKNOWN: --accept",
            };
            let end = if number + 1 == self.0.len() { "" } else { "\n" };
            let (known, now) = (millions(line.known), millions(line.counted));
            write!(f, "{:<42} {known:>12} {now:>12} {ratio:>7}{word}{end}", line.name)?;
        }
        Ok(())
    }
}

/// What callgrind says that it has counted.
pub(super) fn collected(said: &str) -> Option<u64> {
    let line = said.lines().find_map(|line| line.split_once("Collected :"))?.1;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests;
