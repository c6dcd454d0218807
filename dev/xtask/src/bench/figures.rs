//! What a benchmark says: each figure beside the peer or the limit that was measured in the same run, as a table, as JSON and
//! as a plot of the ratios.

use super::plot::{Bar, bars};
use crate::output::data;
use crate::stage::root;
use anyhow::{Context, Result};
use serde::Serialize;
use std::fmt::Write as _;
use std::fs;

/// One figure, and what it is judged by.
#[derive(Debug, Serialize)]
pub(super) struct Figure {
    pub(super) what: String,
    pub(super) value: f64,
    pub(super) unit: &'static str,
    /// The peer or the limit, and its figure in the same unit.
    pub(super) beside: Option<(&'static str, f64)>,
    /// Why there is no value.
    pub(super) absent: Option<String>,
    /// Whether it is ours, in plots.
    #[serde(skip)]
    pub(super) ours: bool,
}

impl Figure {
    pub(super) fn new(what: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { what: what.into(), value, unit, beside: None, absent: None, ours: true }
    }

    /// One that could not be measured; its value is none.
    pub(super) fn absent(what: impl Into<String>, reason: &str) -> Self {
        Self { absent: Some(reason.to_owned()), ..Self::new(what, f64::NAN, "") }
    }

    pub(super) fn beside(self, peer: &'static str, value: f64) -> Self {
        Self { beside: Some((peer, value)), ..self }
    }

    /// The figure by that of its peer.
    fn ratio(&self) -> Option<f64> {
        self.beside.map(|(_, peer)| self.value / peer).filter(|ratio| ratio.is_finite())
    }
}

/// All figures of a benchmark.
#[derive(Debug, Serialize)]
pub(super) struct Figures {
    pub(super) bench: &'static str,
    pub(super) title: String,
    pub(super) figures: Vec<Figure>,
}

impl Figures {
    /// Prints the table and writes the JSON and the plot below `bench/results`.
    pub(super) fn publish(&self) -> Result<()> {
        let folder = root().join("bench/results");
        fs::create_dir_all(&folder).with_context(|| format!("failed to make {}", folder.display()))?;
        let json = serde_json::to_string_pretty(self)? + "\n";
        for (kind, text) in [("json", json), ("svg", self.plot())] {
            let file = folder.join(format!("{}.{kind}", self.bench));
            fs::write(&file, text).with_context(|| format!("failed to write {}", file.display()))?;
        }
        data(&self.to_text());
        Ok(())
    }

    /// The ratio of the figure with this name.
    pub(super) fn ratio_of(&self, what: &str) -> Option<f64> {
        self.figures.iter().find(|figure| figure.what == what)?.ratio()
    }

    fn plot(&self) -> String {
        let bar = |figure: &Figure| {
            let name = format!("{} ({})", figure.what, figure.unit);
            Bar { name, value: figure.value, ours: figure.ours }
        };
        let measured = self.figures.iter().filter(|figure| figure.absent.is_none());
        bars(&self.title, &measured.map(bar).collect::<Vec<_>>())
    }

    fn to_text(&self) -> String {
        let mut text = format!("{}\n\n{:<52} {:>12}  {:<9} {:>8}  of\n", self.title, "", "", "", "ratio");
        for figure in &self.figures {
            if let Some(reason) = &figure.absent {
                _ = writeln!(text, "{:<52} {reason}", figure.what);
                continue;
            }
            _ = write!(text, "{:<52} {:>12}  {:<9}", figure.what, short(figure.value), figure.unit);
            if let (Some(ratio), Some((peer, value))) = (figure.ratio(), figure.beside) {
                _ = write!(text, " {ratio:>8.3}  {peer}: {}", short(value));
            }
            text.push('\n');
        }
        text.trim_end().to_owned()
    }
}

/// As many places as the size of a number needs.
fn short(value: f64) -> String {
    match value.abs() {
        1_000.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}

/// The value that so much of the values are not above; the values are sorted here.
pub(super) fn quantile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let rank = (values.len() as f64 * part).ceil() as usize;
    values.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_were_measured() {
        let mut values: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(quantile(&mut values, 0.5), 50.0);
        assert_eq!(quantile(&mut values, 0.99), 99.0);
        assert_eq!(quantile(&mut values, 1.0), 100.0);
        assert!(quantile(&mut [], 0.5).is_nan());
    }

    #[test]
    fn figure_that_could_not_be_measured_says_why() {
        let figures =
            Figures { bench: "b", title: "t".to_owned(), figures: vec![Figure::absent("Slurm", "no such package")] };
        assert!(figures.to_text().ends_with("no such package"), "{}", figures.to_text());
        assert_eq!(serde_json::to_value(&figures).unwrap()["figures"][0]["value"], serde_json::Value::Null);
    }

    #[test]
    fn table_has_each_figure_with_its_ratio() {
        let figure = Figure::new("calls", 5_000.0, "1/s").beside("limit", 10_000.0);
        let plain = Figure::new("memory", 12.5, "MiB");
        let figures = Figures { bench: "b", title: "t".to_owned(), figures: vec![figure, plain] };
        let text = figures.to_text();
        assert!(text.contains("calls"), "{text}");
        assert!(text.contains("0.500  limit: 10000"), "{text}");
        assert!(text.ends_with("12.5  MiB"), "{text}");
    }
}
