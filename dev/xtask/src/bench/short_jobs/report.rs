//! What the benchmark says: jobs a second, and each as a ratio to the raw limit, as a table, JSON and a plot.

use super::contender::RAW;
use crate::bench::plot::{Bar, bars};
use anyhow::{Context, Result};
use serde::Serialize;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// One contender.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    name: &'static str,
    /// Jobs of each run.
    jobs: u32,
    /// Seconds of each run.
    seconds: Vec<f64>,
    /// Why it did not take part.
    absent: Option<String>,
}

impl Row {
    pub(super) const fn new(name: &'static str) -> Self {
        Self { name, jobs: 0, seconds: Vec::new(), absent: None }
    }

    pub(super) fn absent(name: &'static str, reason: &anyhow::Error) -> Self {
        Self { absent: Some(format!("{reason:#}")), ..Self::new(name) }
    }

    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    /// Neither ours nor what ratios are of.
    pub(super) fn is_peer(&self) -> bool {
        self.name != RAW && !is_ours(self.name)
    }

    pub(super) const fn takes_part(&self) -> bool {
        self.absent.is_none()
    }

    pub(super) fn measured(&mut self, jobs: u32, seconds: f64) {
        self.jobs = jobs;
        self.seconds.push(seconds);
    }

    /// Jobs a second in the median run.
    fn rate(&self) -> Option<f64> {
        let mut seconds = self.seconds.clone();
        seconds.sort_by(f64::total_cmp);
        Some(f64::from(self.jobs) / seconds.get(seconds.len() / 2)?)
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Report {
    slots: usize,
    rows: Vec<Row>,
    /// Rate by rate of the raw limit, by name.
    ratios: Vec<(&'static str, f64)>,
}

impl Report {
    pub(super) fn new(slots: usize, rows: Vec<Row>) -> Self {
        let raw = rows.iter().find(|row| row.name == RAW).and_then(Row::rate);
        let ratio = |row: &Row| Some((row.name, row.rate()? / raw?));
        let ratios = rows.iter().filter_map(ratio).collect();
        Self { slots, rows, ratios }
    }

    /// `short-jobs.json` and `short-jobs.svg`.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
        let json = serde_json::to_string_pretty(self)? + "\n";
        let bar = |row: &Row| Some(Bar { name: row.name.to_owned(), value: row.rate()?, ours: is_ours(row.name) });
        let title = format!("jobs a second, /bin/true, {} at once", self.slots);
        let plot = bars(&title, &self.rows.iter().filter_map(bar).collect::<Vec<_>>());
        for (file, text) in [("short-jobs.json", json), ("short-jobs.svg", plot)] {
            fs::write(folder.join(file), text).with_context(|| format!("failed to write {file}"))?;
        }
        Ok(())
    }

    /// Medians; the last line has our ratios.
    pub(super) fn to_text(&self) -> String {
        let mut text = format!("jobs of /bin/true, {} at once, median of the runs\n\n", self.slots);
        _ = writeln!(text, "{:<24} {:>7} {:>8} {:>10} {:>8}", "contender", "jobs", "seconds", "jobs/s", "of raw");
        for row in &self.rows {
            _ = match (row.rate(), &row.absent) {
                (Some(rate), _) => {
                    let seconds = f64::from(row.jobs) / rate;
                    let ratio = self.ratio(row.name).unwrap_or(f64::NAN);
                    writeln!(text, "{:<24} {:>7} {seconds:>8.2} {rate:>10.0} {ratio:>8.3}", row.name, row.jobs)
                }
                (None, absent) => writeln!(text, "{:<24} {}", row.name, absent.as_deref().unwrap_or("not run")),
            };
        }
        let ours = self.ratios.iter().filter(|(name, _)| is_ours(name));
        let ours: Vec<String> = ours.map(|(name, ratio)| format!("{ratio:.3} ({name})")).collect();
        _ = write!(text, "\nratio to the raw limit: {}", ours.join(", "));
        text
    }

    fn ratio(&self, name: &str) -> Option<f64> {
        self.ratios.iter().find(|(known, _)| *known == name).map(|(_, ratio)| *ratio)
    }
}

fn is_ours(name: &str) -> bool {
    name.starts_with("longshore")
}

#[cfg(test)]
mod tests;
