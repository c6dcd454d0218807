//! Where instructions go, by function, each with what it calls: read from what `callgrind_annotate` prints. Pure.

use anyhow::{Context, Result};
use std::fmt;
use std::str::FromStr;

/// How many functions are shown.
const SHOWN: usize = 25;
/// Frames around every program and thread.
const AROUND: [&str; 7] = [
    "(below main)",
    "main",
    "start_thread",
    "lang_start",
    "lang_start_internal",
    "__rust_begin_short_backtrace",
    "call_once{{vtable.shim}}",
];
/// How the names of others begin.
const BEFORE: [&str; 3] = ["__libc_start_main", "0x", "<std::sys::thread"];

/// Functions with the instructions spent in them and in what they call, most first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Functions {
    total: u64,
    functions: Vec<(u64, String)>,
}

impl FromStr for Functions {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let lines: Vec<(u64, &str)> = text.lines().filter_map(line).collect();
        let total = lines.iter().find(|(_, what)| *what == "PROGRAM TOTALS").map(|(count, _)| *count);
        let total = total.context("callgrind_annotate has not said how much there is in all")?;
        let functions = lines.iter().filter_map(|(count, what)| Some((*count, function(what)?)));
        let functions = functions.filter(|(_, name)| !is_around(name));
        Ok(Self { total, functions: functions.take(SHOWN).collect() })
    }
}

impl fmt::Display for Functions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (count, name) in &self.functions {
            writeln!(formatter, "{:5.1} % {count:>13}  {name}", *count as f64 * 100.0 / self.total as f64)?;
        }
        Ok(())
    }
}

/// `1,234 (12.3%)  what`.
fn line(line: &str) -> Option<(u64, &str)> {
    let (count, rest) = line.trim_start().split_once(" (")?;
    let (_, what) = rest.split_once("%)")?;
    Some((count.replace(',', "").parse().ok()?, what.trim()))
}

/// Of `file:function [object]` the function, without the hash that the compiler gives it.
fn function(what: &str) -> Option<String> {
    let name = what.rsplit_once(" [").map_or(what, |(name, _)| name);
    let name = name.split_once(':')?.1;
    let hash = name.rfind("::h").filter(|at| name.len() - at == 19);
    Some(hash.map_or(name, |at| &name[..at]).to_owned())
}

fn is_around(name: &str) -> bool {
    AROUND.iter().any(|around| name.split("::").any(|part| part == *around))
        || BEFORE.iter().any(|before| name.starts_with(before))
}

#[cfg(test)]
mod tests;
