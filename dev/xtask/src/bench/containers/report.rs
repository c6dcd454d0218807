//! What the benchmark says: containers a second, ours as a ratio to each runtime by itself, and how long starts take.

use super::latency::Latency;
use anyhow::{Context, Result};
use serde::Serialize;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Our own row.
pub(super) const OURS: &str = "longshore, one array";

/// One contender.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    name: &'static str,
    containers: u32,
    /// Seconds of each run.
    seconds: Vec<f64>,
    /// Why it did not take part.
    absent: Option<String>,
}

impl Row {
    pub(super) const fn new(name: &'static str) -> Self {
        Self { name, containers: 0, seconds: Vec::new(), absent: None }
    }

    pub(super) fn absent(name: &'static str, reason: &anyhow::Error) -> Self {
        Self { absent: Some(format!("{reason:#}")), ..Self::new(name) }
    }

    pub(super) const fn takes_part(&self) -> bool {
        self.absent.is_none()
    }

    pub(super) fn measured(&mut self, containers: u32, seconds: f64) {
        self.containers = containers;
        self.seconds.push(seconds);
    }

    /// Containers a second in the median run.
    fn rate(&self) -> Option<f64> {
        let mut seconds = self.seconds.clone();
        seconds.sort_by(f64::total_cmp);
        Some(f64::from(self.containers) / seconds.get(seconds.len() / 2)?)
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Report {
    at_once: usize,
    rows: Vec<Row>,
    /// Our rate by that of each runtime.
    ratios: Vec<(&'static str, f64)>,
    latency: Latency,
}

impl Report {
    pub(super) fn new(at_once: usize, rows: Vec<Row>, latency: Latency) -> Self {
        let ours = rows.iter().find(|row| row.name == OURS).and_then(Row::rate);
        let others = rows.iter().filter(|row| row.name != OURS);
        let ratios = others.filter_map(|row| Some((row.name, ours? / row.rate()?))).collect();
        Self { at_once, rows, ratios, latency }
    }

    /// `containers.json`.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
        let json = serde_json::to_string_pretty(self)? + "\n";
        fs::write(folder.join("containers.json"), json).context("failed to write containers.json")
    }

    /// Medians; the last lines have our ratios and the starts.
    pub(super) fn to_text(&self) -> String {
        let mut text = format!("containers of busybox's true, {} at once, median of the runs\n\n", self.at_once);
        _ = writeln!(text, "{:<28} {:>10} {:>8} {:>13}", "contender", "containers", "seconds", "containers/s");
        for row in &self.rows {
            _ = match (row.rate(), &row.absent) {
                (Some(rate), _) => {
                    let seconds = f64::from(row.containers) / rate;
                    writeln!(text, "{:<28} {:>10} {seconds:>8.2} {rate:>13.1}", row.name, row.containers)
                }
                (None, absent) => writeln!(text, "{:<28} {}", row.name, absent.as_deref().unwrap_or("not run")),
            };
        }
        let ratios: Vec<String> = self.ratios.iter().map(|(name, ratio)| format!("{ratio:.2} ({name})")).collect();
        _ = writeln!(text, "\nours by theirs: {}", ratios.join(", "));
        let Latency { warm_ms, cold_ms } = &self.latency;
        _ = write!(
            text,
            "from acceptance to start, median: {:.0} ms with the image here, {:.0} ms with the image in a local registry",
            median(warm_ms),
            median(cold_ms)
        );
        text
    }
}

fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_ours_by_theirs_and_leave_out_who_is_absent() {
        let mut rows = vec![Row::new("a"), Row::absent("b", &anyhow::anyhow!("missing")), Row::new(OURS)];
        rows[0].measured(100, 2.0);
        rows[2].measured(100, 1.0);
        let report = Report::new(4, rows, Latency { warm_ms: vec![1.0, 2.0, 9.0], cold_ms: vec![3.0] });
        assert_eq!(report.ratios, [("a", 2.0)]);
        let text = report.to_text();
        assert!(text.contains("b                            missing"), "{text}");
        assert!(text.ends_with("2 ms with the image here, 3 ms with the image in a local registry"), "{text}");
    }
}
